"""A pytest plugin, loaded before Django's: gives the tests a PostgreSQL and settings of their own.

The database is DATABASE_URL's, else the bundled server on a folder that is kept between runs. Processes that
share the tests have one each: the feed waits for whatever transaction is open on its server.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

DATA = Path(__file__).parents[1] / ".cache" / "tests" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
OURS = "WONWARD_TESTS_DATABASE"
"""The server of the process that shares out the tests; its workers, which are told of it, make their own."""

QUICKER = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What the server does without: nothing here must outlive a crash, and vacuuming would hold the feed up too."""

os.environ["WONWARD_DATA"] = str(DATA)
os.environ["WONWARD_SECRET_KEY"] = "only-for-tests-and-never-anywhere-else-0123456789"

from wonward import settings  # noqa: E402 - they read what stands above
from wonward.db import server  # noqa: E402

_held = ExitStack()

if settings.DATABASE_URL in ("", os.environ.get(OURS)):
    _server = _held.enter_context(server.hold(DATA / "postgresql"))
    with psycopg.connect(_server.conninfo, autocommit=True) as _connection:
        for _setting in QUICKER:
            _connection.execute(f"alter system set {_setting} = off".encode())
        _connection.execute("select pg_reload_conf()")
    os.environ["DATABASE_URL"] = os.environ[OURS] = _server.url
    settings.DATABASES["default"] = settings.database(_server.url)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the database go; the last to hold it stops it."""
    _held.close()
