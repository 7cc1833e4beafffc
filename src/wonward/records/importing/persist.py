"""Tries a chunk again when PostgreSQL ended it for the sake of others who write the same records."""

import itertools
from collections.abc import Callable

from django.db import OperationalError
from psycopg import errors

from wonward.records.models import ImportRun

TRIES = 5
"""How often a chunk is tried."""

_PASSING = (errors.DeadlockDetected, errors.SerializationFailure)


def until_written(attempt: Callable[[], None], run: ImportRun) -> None:
    """Call `attempt`, which writes a chunk in a transaction of its own; what it noted in `run` is read anew."""
    for tried in itertools.count(1):
        try:
            attempt()
            return
        except (*_PASSING, OperationalError) as error:
            if tried == TRIES or not isinstance(error.__cause__ or error, _PASSING):
                raise
            run.refresh_from_db()
