"""What tells that the database is away, as against what is wrong with a statement."""

import psycopg
import pytest
from django.db import DataError, InternalError, OperationalError
from django.db.utils import DatabaseError
from psycopg.pq import DiagnosticField

from wonward.db.transaction import is_away


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def panic(severity: bytes) -> psycopg.Error:
    return psycopg.errors.InternalError_(
        "could not write", info={DiagnosticField.SEVERITY_NONLOCALIZED: severity}
    )


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (psycopg.OperationalError("no such socket"), True),
        (caused(OperationalError("x"), psycopg.OperationalError("x")), True),
        (psycopg.errors.DiskFull("no space left"), True),
        (psycopg.DatabaseError("server closed the connection unexpectedly"), True),
        (caused(DatabaseError("x"), psycopg.DatabaseError("server closed the connection")), True),
        (caused(InternalError("x"), panic(b"PANIC")), True),
        (caused(InternalError("x"), panic(b"ERROR")), False),
        (psycopg.ProgrammingError("incomplete placeholder"), False),
        (caused(DataError("x"), psycopg.DataError("a number too big")), False),
        (psycopg.errors.UniqueViolation("twice"), False),
        (ValueError("the postman is ill"), False),
        (None, False),
    ],
)
def test_what_may_pass_is_told_from_what_is_wrong(error: Exception | None, away: bool) -> None:
    assert is_away(error) is away
