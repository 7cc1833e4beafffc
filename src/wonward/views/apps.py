"""Makes the package a Django app."""

from django.apps import AppConfig


class ViewsConfig(AppConfig):
    """The app of views."""

    name = "wonward.views"
    default_auto_field = "django.db.models.BigAutoField"
