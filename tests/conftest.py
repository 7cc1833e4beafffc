"""One PostgreSQL for all tests: DATABASE_URL's, else the bundled server on a folder kept between runs."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from wonward.db import server

ROOT = Path(__file__).parents[1]
_held = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the database before pytest-django reads the settings."""
    os.environ["WONWARD_DATA"] = str(ROOT / ".cache" / "tests")
    os.environ["WONWARD_SECRET_KEY"] = "only-for-tests-and-never-anywhere-else-0123456789"
    if not os.environ.get("DATABASE_URL"):
        held = _held.enter_context(server.hold(ROOT / ".cache" / "tests" / "postgresql"))
        os.environ["DATABASE_URL"] = f"postgresql://{held.user}@/{held.dbname}?host={held.socket_dir}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the database go; the last to hold it stops it."""
    _held.close()
