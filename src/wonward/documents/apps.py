"""Makes the package a Django app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The app of definitions."""

    name = "wonward.documents"
    default_auto_field = "django.db.models.BigAutoField"
