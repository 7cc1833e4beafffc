"""Makes the package a Django app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The app of notifications."""

    name = "wonward.notifications"
    default_auto_field = "django.db.models.BigAutoField"
