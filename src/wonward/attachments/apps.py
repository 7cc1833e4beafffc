"""Makes the package a Django app."""

from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    """The app of attachments."""

    name = "wonward.attachments"
    default_auto_field = "django.db.models.BigAutoField"
