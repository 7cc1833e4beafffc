"""Makes the package a Django app, for its templates, static files and translations."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app of pages."""

    name = "wonward.web"
