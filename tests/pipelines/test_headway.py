"""How far a record has come: time in its stage, a close date that slips, and what the next stage asks, live."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.blueprints.test_consultancy import FOLDER

from wonward import clock, wiring
from wonward.accounts import users
from wonward.accounts.models import Portal
from wonward.blueprints import apply
from wonward.pipelines import headway
from wonward.pipelines.headway import Headway
from wonward.pipelines.models import StageVisit
from wonward.records import write
from wonward.records.work import Work

pytestmark = pytest.mark.django_db
BEGUN = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


@pytest.fixture
def writing(db: None) -> Callable[[], AbstractContextManager[Work]]:
    with clock.fixed(BEGUN):
        apply.create_portal("consultancy", FOLDER, actor="system")
    return lambda: wiring.writing("consultancy", actor="user:1", source="web")


@pytest.fixture
def deal(writing: Callable[[], AbstractContextManager[Work]]) -> int:
    """Søren's deal, expected on the 1st of December."""
    with clock.fixed(BEGUN), writing() as work:
        (made,) = write.create(
            work,
            work.catalog.object_type("deal"),
            [{"dealname": "Økonomichef til Ågård", "closedate": "2026-12-01"}],
        )
    return made


def _at(days: int, deal: int, values: dict[str, str]) -> None:
    moment = clock.fixed(BEGUN + timedelta(days=days))
    with moment, wiring.writing("consultancy", actor="user:1", source="web") as work:
        write.update(work, work.catalog.object_type("deal"), [(deal, values)])


def _headway(deal: int, stage: str) -> Headway:
    work = wiring.reading("consultancy", actor="user:1", source="web")
    [salg] = work.catalog.pipelines_of("deal")
    return headway.of_record(work, work.catalog.object_type("deal"), deal, salg, stage)


def test_bey_3_a_close_date_that_slips_is_counted_with_nothing_set_up(deal: int) -> None:
    _at(5, deal, {"closedate": "2026-12-15"})
    _at(9, deal, {"closedate": "2026-12-10"})  # earlier again takes nothing off
    _at(20, deal, {"closedate": "2027-01-06"})
    found = _headway(deal, "dialog_indledt")
    assert (found.times_pushed, found.days_pushed) == (2, 14 + 27)
    assert found.slipped is not None
    assert found.slipped.name == "closedate"


def test_bey_2_the_checklist_is_what_the_next_stage_lacks(deal: int) -> None:
    before = _headway(deal, "dialog_indledt")
    assert before.following is not None
    assert before.following.name == "moede_booket"
    assert [(check.label, check.met) for check in before.checks] == [("Produkttype", False)]
    assert not before.ready
    _at(1, deal, {"produkttype": "rekruttering"})
    assert _headway(deal, "dialog_indledt").ready


def test_conditions_stand_on_the_checklist_in_their_own_words(deal: int) -> None:
    checks = {check.label: check.met for check in _headway(deal, "vundet").checks}
    assert checks["Fakturamail"] is False
    assert checks["Fakturaerne skal tilsammen give dealens beløb"] is True, "nothing of nothing"
    _at(1, deal, {"amount": "90000"})
    checks = {check.label: check.met for check in _headway(deal, "vundet").checks}
    assert checks["Fakturaerne skal tilsammen give dealens beløb"] is False


def test_nothing_follows_the_last_stage(deal: int) -> None:
    assert _headway(deal, "til_fakturering").following is None, "nobody is led to lose"
    assert _headway(deal, "tabt").checks == []


def test_the_page_tells_it(deal: int) -> None:
    _at(5, deal, {"closedate": "2026-12-15"})
    portal = Portal.objects.get(name="consultancy")
    StageVisit.objects.create(portal=portal, record_id=deal, stage="dialog_indledt", entered_at=BEGUN)
    users.create("soren@example.com", "Søren Ågård", "Blåbærgrød på Ærø 7", [portal])
    client = Client(headers={"accept-language": "da"})
    assert client.login(username="soren@example.com", password="Blåbærgrød på Ærø 7")
    page = " ".join(client.get(f"/p/consultancy/deals/{deal}").content.decode().split())
    assert "udskudt én gang, med 14 dage i alt" in page
    assert "Møde booket / oplæg sendt: mangler stadig" in page
    assert "I dette stadie siden" in page
