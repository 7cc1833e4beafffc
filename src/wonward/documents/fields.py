"""JSON that keeps the order of its keys, which PostgreSQL's jsonb doesn't: groups and labels are shown in it."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class OrderedJSONField(models.JSONField):
    """A JSON value in a column of type `json`, whose text stays as it was written."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return what psycopg has read already."""
        return value
