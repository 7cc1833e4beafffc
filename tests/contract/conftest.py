"""A real server over the test database, and HubSpot's official client pointed at it.

Its portal `contract` is committed, since the server is another process; it goes again when the tests are done.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hubspot import HubSpot

STARTER = Path(__file__).parents[2] / "blueprints" / "starter"
LISTENING = re.compile(r"Listening at: (http://\S+)")


@pytest.fixture(scope="module")
def token(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Give a token of a portal made for these tests."""
    from django.db import connection

    from wonward import clock
    from wonward.accounts import tokens
    from wonward.accounts.models import Member, Portal
    from wonward.blueprints import apply

    def remove() -> None:
        Portal.objects.filter(name="contract").delete()
        with connection.cursor() as cursor:
            cursor.execute("drop schema if exists portal_contract cascade")

    with django_db_blocker.unblock():
        remove()
        apply.create_portal("contract", STARTER, actor="system")
        portal = Portal.objects.get(name="contract")
        now = clock.now()
        for first, last in (("Søren", "Ågård"), ("Åse", "Nørby")):
            email = f"{first}@nordisk.dk".lower()
            Member.objects.create(
                portal=portal, first_name=first, last_name=last, email=email, created_at=now, updated_at=now
            )
        yield tokens.create(portal, "HubSpot's client")
        remove()
        connection.close()  # else it would stay open beside the next test's and keep the database from going


@pytest.fixture(scope="module")
def address(token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server that runs as it does outside of tests."""
    from django.db import connection

    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    log = tmp_path_factory.mktemp("server") / "log"
    command = ("-m", "gunicorn", "wonward.wsgi:application", "--bind", "127.0.0.1:0", "--threads", "4")
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"DATABASE_URL": database.geturl(), "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield _listening(server, log)
        finally:
            server.terminate()
            server.wait(30)


def _listening(server: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(300):
        found = LISTENING.search(log.read_text())
        if found:
            return found[1]
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture
def hubspot(address: str, token: str) -> HubSpot:
    """Give HubSpot's client, which knows nothing but another address."""
    return HubSpot(access_token=token, host=address)
