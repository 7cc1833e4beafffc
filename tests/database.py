"""A pytest plugin, loaded before Django's: gives the tests a PostgreSQL and settings of their own.

The database is DATABASE_URL's, else the bundled server on a folder that is kept between runs. Processes that
share the tests share the server, each with a database and a data folder of its own.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

DATA = Path(__file__).parents[1] / ".cache" / "tests"
os.environ["WONWARD_DATA"] = str(DATA / os.environ.get("PYTEST_XDIST_WORKER", "alone"))
os.environ["WONWARD_SECRET_KEY"] = "only-for-tests-and-never-anywhere-else-0123456789"

from wonward import settings  # noqa: E402 - they read what stands above
from wonward.db import server  # noqa: E402

_held = ExitStack()

if not settings.DATABASE_URL:
    _server = _held.enter_context(server.hold(DATA / "postgresql"))
    with psycopg.connect(_server.conninfo, autocommit=True) as _connection:
        for _surety in (
            "fsync",
            "synchronous_commit",
            "full_page_writes",
        ):  # nothing here must outlive a crash
            _connection.execute(f"alter system set {_surety} = off".encode())
        _connection.execute("select pg_reload_conf()")
    os.environ["DATABASE_URL"] = _server.url
    settings.DATABASES["default"] = settings.database(os.environ["DATABASE_URL"])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the database go; the last to hold it stops it."""
    _held.close()
