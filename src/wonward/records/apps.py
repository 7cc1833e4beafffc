"""Makes the package a Django app."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The app of records."""

    name = "wonward.records"
    default_auto_field = "django.db.models.BigAutoField"
