"""Makes the package a Django app."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """The app of metrics."""

    name = "wonward.metrics"
    default_auto_field = "django.db.models.BigAutoField"
