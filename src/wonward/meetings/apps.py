"""Makes the package a Django app."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """The app of meetings."""

    name = "wonward.meetings"
    default_auto_field = "django.db.models.BigAutoField"
