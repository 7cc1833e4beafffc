"""Makes the package a Django app."""

from django.apps import AppConfig


class MarketingConfig(AppConfig):
    """The app of marketing."""

    name = "wonward.marketing"
    default_auto_field = "django.db.models.BigAutoField"
