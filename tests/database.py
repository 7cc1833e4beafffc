"""A pytest plugin, loaded before Django's: gives the tests a PostgreSQL and settings of their own.

The database is DATABASE_URL's, else the bundled server on a folder that is kept between runs.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from wonward.db import server

DATA = Path(__file__).parents[1] / ".cache" / "tests"
_held = ExitStack()

os.environ["WONWARD_DATA"] = str(DATA)
os.environ["WONWARD_SECRET_KEY"] = "only-for-tests-and-never-anywhere-else-0123456789"
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = _held.enter_context(server.hold(DATA / "postgresql")).url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the database go; the last to hold it stops it."""
    _held.close()
