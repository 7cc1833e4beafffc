"""The portal `starter` in the test database: made once, its changes undone after each test."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "blueprints" / "starter"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Put the portal `starter` into the test database before the first test, and load all code as a server does."""
    import_module("wonward.wsgi")
    with django_db_blocker.unblock():
        make_starter()


@pytest.fixture(autouse=True)
def _no_stale_catalogs() -> Iterator[None]:
    """Forget catalogs between tests: a rolled-back apply gives its version number to the next one."""
    from wonward.schema import load

    yield
    load._held.clear()


def make_starter() -> None:
    """Make the portal `starter`, anew when a test's flush took its rows but not its PostgreSQL schema."""
    from django.db import connection

    from wonward.accounts.models import Portal
    from wonward.blueprints import apply

    if not Portal.objects.filter(name="starter").exists():
        with connection.cursor() as cursor:
            cursor.execute("drop schema if exists portal_starter cascade")
        apply.create_portal("starter", STARTER, actor="system")


@pytest.fixture
def starter(db: None) -> str:
    """Give the name of the portal made from the starter blueprint, with no records in it."""
    make_starter()
    return "starter"


@pytest.fixture
def salg(starter: str) -> str:
    """Give the name of the portal with the gated pipeline of `tests/salg.py` besides."""
    from tests.salg import PROPERTIES, SALG

    from wonward.blueprints import apply

    apply.define(starter, {**PROPERTIES, ("pipeline", "deal.salg"): SALG}, actor="user:1")
    return starter


Writing = Callable[[], AbstractContextManager[Any]]


@pytest.fixture
def writing(starter: str) -> Writing:
    """Give a function that opens work to write the portal `starter`, guards and all."""
    from wonward import wiring

    return lambda: wiring.writing(starter, actor="user:1", source="web")


@pytest.fixture
def take_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Give a function that upgrades a portal, which lacks one step of the layout alone, by that step."""
    from wonward.accounts.models import Portal
    from wonward.schema import apply, layout

    def take(portal: str, step: Any) -> None:
        Portal.objects.filter(name=portal).update(layout=0)
        monkeypatch.setattr(layout, "STEPS", (step,))
        apply.upgrade_portal(portal)

    return take


@pytest.fixture
def in_threads() -> Callable[..., list[Any]]:
    """Give a function that calls another with each argument at once, in threads, and returns the results."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def each(call: Callable[[Any], Any], arguments: Any) -> list[Any]:
        def closing(argument: Any) -> Any:
            try:
                return call(argument)
            finally:
                connection.close()

        given = list(arguments)
        with ThreadPoolExecutor(len(given)) as pool:
            return list(pool.map(closing, given))

    return each
