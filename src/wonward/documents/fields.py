"""JSON that keeps the order of its keys, which PostgreSQL's jsonb doesn't: groups and labels are shown in it."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.json import Json


class OrderedJSONField(models.JSONField):
    """A JSON value in a column of type `json`, whose text stays as it was written."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return what psycopg has read already."""
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Return what psycopg sends as `json`; Django's own way would be jsonb, and lose the order on its way in."""
        return None if value is None else Json(value)
