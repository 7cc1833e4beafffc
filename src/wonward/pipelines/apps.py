"""Makes the package a Django app."""

from django.apps import AppConfig


class PipelinesConfig(AppConfig):
    """The app of pipelines."""

    name = "wonward.pipelines"
    default_auto_field = "django.db.models.BigAutoField"
