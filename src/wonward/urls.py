"""The map of the whole site: the API under HubSpot's paths, everything else for people."""

from django.urls import include, path

urlpatterns = [
    path("", include("wonward.api.urls")),
    path("", include("wonward.web.urls")),
]

handler429 = "wonward.web.sign_in.too_many"
handler500 = "wonward.web.health.failed"
