"""Makes the package a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app of portals, people and tokens."""

    name = "wonward.accounts"
    default_auto_field = "django.db.models.BigAutoField"
