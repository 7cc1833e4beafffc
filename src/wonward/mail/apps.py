"""Makes the package a Django app."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """The app of mail."""

    name = "wonward.mail"
    default_auto_field = "django.db.models.BigAutoField"
