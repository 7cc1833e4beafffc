"""Makes the package a Django app."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """The app of workflows."""

    name = "wonward.automation"
    default_auto_field = "django.db.models.BigAutoField"
