"""Sensitive properties on pages: hidden, not offered and not taken, until an admin gives the right."""

import pytest
from click.testing import CliRunner
from django.test import Client

from wonward import wiring
from wonward.blueprints import apply
from wonward.cli.commands import wonward
from wonward.records import write

from .conftest import Cast

SECRET = "010190-1234"


@pytest.fixture
def person(cast: Cast) -> str:
    """Søren's page, on which his CPR number stands."""
    wanted = {
        ("property", "contact.cpr"): {"label": "CPR-nummer", "type": "text", "sensitive": True},
        ("property", "contact.points"): {"label": "System - Point", "type": "number"},
    }
    apply.define("starter", wanted, actor="user:1")
    with wiring.writing("starter", actor="job", source="worker") as work:
        write.update(
            work, work.catalog.object_type("contact"), [(cast.soren, {"cpr": SECRET, "points": "7"})]
        )
    return f"/p/starter/contacts/{cast.soren}"


def test_the_value_shows_on_no_page_without_the_right(pages: Client, person: str) -> None:
    page = pages.get(person).content.decode()
    assert "CPR-nummer" in page
    assert "Hidden: sensitive" in page
    for address in (
        person,
        f"{person}/timeline",
        f"{person}/edit",
        f"{person}/properties/cpr/history",
        "/p/starter/contacts",
    ):
        assert SECRET not in pages.get(address).content.decode()
    assert 'name="cpr"' not in pages.get(f"{person}/edit").content.decode()
    assert pages.post(f"{person}/properties/cpr", {"cpr": "x", "cpr.was": ""}).status_code == 404
    narrowed = pages.get("/p/starter/contacts", {"where": f"cpr = '{SECRET}'"}).content.decode()
    assert "is sensitive" in narrowed
    assert "Ågård" not in narrowed


def test_an_admin_gives_the_right_and_takes_it(pages: Client, person: str) -> None:
    told = ["user", "sensitive", "ada@example.com", "--portal", "starter"]
    assert CliRunner().invoke(wonward, [*told, "--allow"]).exit_code == 0
    assert SECRET in pages.get(person).content.decode()
    assert (
        pages.post(f"{person}/properties/cpr", {"cpr": "020290-1234", "cpr.was": SECRET}).status_code == 302
    )
    assert CliRunner().invoke(wonward, [*told, "--forbid"]).exit_code == 0
    assert "020290-1234" not in pages.get(person).content.decode()


def test_a_system_property_is_shown_but_not_offered(pages: Client, person: str) -> None:
    assert "System - Point" in pages.get(person).content.decode()
    assert 'name="points"' not in pages.get(f"{person}/edit").content.decode()
    assert pages.post(f"{person}/properties/points", {"points": "9", "points.was": "7"}).status_code == 404
