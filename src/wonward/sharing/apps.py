"""Makes the package a Django app."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """The app of shared documents."""

    name = "wonward.sharing"
    default_auto_field = "django.db.models.BigAutoField"
