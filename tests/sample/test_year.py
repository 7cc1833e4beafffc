"""A past that is lived through: gates hold, workflows do their part, and what was interrupted goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from django.db import connection
from tests.blueprints.test_consultancy import FOLDER

from wonward import clock, wiring
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.errors import Invalid, Missing
from wonward.marketing.models import Submission
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.sample import said, year
from wonward.sample.said import Sample

pytestmark = pytest.mark.django_db(transaction=True)
PRESENT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def sample() -> Sample:
    """The consultancy's own, of two months with ten companies."""
    return msgspec.structs.replace(said.read(FOLDER), months=2, companies=10)


@pytest.fixture
def portal(transactional_db: None, sample: Sample) -> Iterator[Portal]:
    with clock.fixed(PRESENT - timedelta(days=62)):
        apply.create_portal("consultancy", FOLDER, actor="demo")
    yield Portal.objects.get(name="consultancy")
    with connection.cursor() as cursor:
        cursor.execute("drop schema portal_consultancy cascade")


def _work() -> Work:
    return wiring.reading("consultancy", actor="cli", source="cli")


def _rows(kind: str, *columns: str) -> list[list[str | None]]:
    work = _work()
    return [list(row[1:]) for row in query.rows(work, Query(work.catalog.object_type(kind)), columns)]


def test_deals_come_in_go_on_through_the_gates_and_bring_follow_up_tasks(
    portal: Portal, sample: Sample
) -> None:
    *_, (_, told) = year.live(portal, sample, PRESENT)
    deals = _rows("deal", "dealstage", "createdate", "fakturamail", "tabt_aarsag", "hubspot_owner_id")
    assert len(deals) == told.deals > 20
    assert told.moved > 20
    stages = {stage for stage, *_ in deals}
    assert {"dialog_indledt", "tabt"} < stages
    assert all(mail for stage, _, mail, *_ in deals if stage == "til_fakturering")
    assert all(reason for stage, *_, reason, _ in deals if stage == "tabt")
    work = _work()
    deal = work.catalog.object_type("deal")
    slipped = Query(deal, query.condition(work, deal, "times_pushed(closedate) > 0"))
    assert query.count(work, slipped) > 0, "close dates are put off"
    assert min(str(made) for _, made, *_ in deals) < "2026-10-05", "they are spread over the time"
    assert {owner for *_, owner in deals} <= {
        str(member.pk) for member in Member.objects.filter(seat="sales")
    }
    subjects = [str(subject) for (subject,) in _rows("task", "hs_task_subject")]
    assert any("Auto | 3 mdr. opfølgning" in subject for subject in subjects)
    assert Submission.objects.count() == told.forms > 20
    sent = [row for row in _rows("contact", "lifecyclestage", "num_conversion_events") if row[1]]
    assert {stage for stage, _ in sent} == {"lead", "marketingqualifiedlead"}
    assert any(subject.startswith("Auto | Ring til MQL") for subject in subjects)


def test_an_interrupted_past_goes_on_where_it_stopped(portal: Portal, sample: Sample) -> None:
    days = year.live(portal, sample, PRESENT)
    moment = next(day for day, told in days if told.deals > 5)
    del days
    went_on = [(day, told.deals) for day, told in year.live(portal, sample, PRESENT)]
    assert went_on[0][0] <= moment + year.STEP
    kept = [owner for (owner,) in _rows("company", "hubspot_owner_id") if owner]
    assert len(kept) == 10, "nobody is entered twice"
    assert Member.objects.filter(portal=portal).count() == len(sample.people)


def test_a_folder_says_what_to_make_up(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="has no sample"):
        said.read(tmp_path)
    (tmp_path / "sample.yaml").write_text("sample: {months: mange}", encoding="utf-8")
    with pytest.raises(Invalid, match="months"):
        said.read(tmp_path)
