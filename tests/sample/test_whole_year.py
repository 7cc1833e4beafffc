"""A year of the consultancy, lived through in minutes: every mail and task of its automation, counted by hand.

What there has to be is worked out here from the change log alone, rule by rule as the guideline has them.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from psycopg import sql
from tests.blueprints.test_consultancy import FOLDER

from wonward import clock, wiring
from wonward.accounts.models import Portal
from wonward.automation.models import Enrolment, Status
from wonward.blueprints import apply
from wonward.mail.models import OutgoingMail
from wonward.marketing.models import Submission
from wonward.records import query
from wonward.records.query import Query
from wonward.sample import said, year

pytestmark = pytest.mark.django_db(transaction=True)
PRESENT = datetime(2026, 11, 22, 9, tzinfo=UTC)
REMINDED_AFTER = (timedelta(days=7), timedelta(days=14))
"""How long the owner of a framework agreement is waited for, and then again."""


@dataclass
class Deal:
    """A deal's values as they came, each with its moment."""

    told: dict[str, list[tuple[datetime, str | None]]] = field(default_factory=dict)

    def first(self, name: str, *values: str | None) -> datetime | None:
        """Return when a property first had one of some values."""
        return next((at for at, value in self.told.get(name, []) if value in values), None)

    def ever(self, name: str) -> set[str]:
        """Return every value of a property with several that it ever had."""
        return {each for _, value in self.told.get(name, []) if value for each in value.split(";")}


@dataclass(frozen=True)
class Year:
    """The moments of the year at which something was done, in their order."""

    moments: list[datetime]

    def since(self, moment: datetime) -> datetime:
        """Return the first of them that isn't before another; one after them all when there is none."""
        return next((each for each in self.moments if each >= moment), datetime.max.replace(tzinfo=UTC))


@pytest.fixture
def lived(transactional_db: None) -> Iterator[Year]:
    """The consultancy with a year behind it."""
    sample = said.read(FOLDER)
    with clock.fixed(PRESENT - timedelta(days=370)):
        apply.create_portal("consultancy", FOLDER, actor="demo")
    made = Portal.objects.get(name="consultancy")
    yield Year([moment for moment, _ in year.live(made, sample, PRESENT)])
    with connection.cursor() as cursor:
        cursor.execute("drop schema portal_consultancy cascade")


def deals() -> list[Deal]:
    work = wiring.reading("consultancy", actor="cli", source="cli")
    rows = work.rows(
        sql.SQL(
            """
            select record_id, at, diff::text from {} where object_type = 'deal' and kind in ('created', 'updated')
            order by seq"""
        ).format(work.table("_change"))
    )
    found: dict[int, Deal] = {}
    for number, at, diff in rows:
        deal = found.setdefault(number, Deal())
        for name, (_, value) in json.loads(diff).items():
            deal.told.setdefault(name, []).append((at, value))
    return list(found.values())


def qualified() -> int:
    """Return how many contacts were ever qualified by marketing."""
    work = wiring.reading("consultancy", actor="cli", source="cli")
    ever = sql.SQL("""
        select count(distinct record_id) from {} where object_type = 'contact' and kind in ('created', 'updated')
        and diff -> 'lifecyclestage' ->> 1 = 'marketingqualifiedlead'""")
    return int(work.rows(ever.format(work.table("_change")))[0][0])


def reminders(deal: Deal, lived: Year) -> int:
    """Return how often the owner is reminded of a framework agreement without an expiry: twice at most."""
    moment = deal.first("produkttype", "rammeaftale")
    if moment is None:
        return 0
    ends = [at for at, value in deal.told.get("rammeaftale_udloeb", []) if value]
    ends += [at for at, value in deal.told["dealstage"] if value == "tabt"]
    sent = 0
    for wait in REMINDED_AFTER:
        moment = lived.since(moment + wait)
        if moment > lived.moments[-1] or any(at <= moment for at in ends):
            break
        sent += 1
    return sent


def wanted(found: list[Deal], lived: Year) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return how many mails there are by template, and tasks by the beginning of their titles."""
    invoiced = [deal for deal in found if deal.first("dealstage", "til_fakturering")]
    mails = {
        "fakturering": len(invoiced),
        "interesse": sum(len(deal.ever("oevrige_interesser")) for deal in found),
        "rammeaftale_udloeb": sum(reminders(deal, lived) for deal in found),
        "guide": Submission.objects.filter(form="hent_guide").count(),
    }
    followed = {
        "Rekruttering": sum("rekruttering" in deal.ever("produkttype") for deal in invoiced),
        "Rammeaftale": sum(
            "rammeaftale" in deal.ever("produkttype")
            and deal.first("dealstage", "vundet", "til_fakturering") is not None
            for deal in found
        ),
    }
    tasks = {
        f"Auto | {months} mdr. opfølgning | {what}": count
        for what, count in followed.items()
        for months in (3, 6, 9)
    }
    return mails, {**tasks, "Auto | Ring til MQL": qualified()}


def test_every_mail_and_task_of_a_year_is_there_and_none_besides(lived: Year) -> None:
    found = deals()
    assert len(found) > 250
    mails, tasks = wanted(found, lived)
    assert all(mails.values())
    assert all(tasks.values())
    sent: Counter[str] = Counter(OutgoingMail.objects.values_list("template", flat=True))
    assert {name: sent[name] for name in mails} == mails
    assert (
        Counter(next((each for each in tasks if title.startswith(each)), title) for title in auto_tasks())
        == tasks
    )
    assert not Enrolment.objects.filter(status=Status.FAILED).exists()


def auto_tasks() -> list[str]:
    work = wiring.reading("consultancy", actor="cli", source="cli")
    task = work.catalog.object_type("task")
    rows = query.rows(work, Query(task), ["hs_task_subject"])
    return [subject for _, subject in rows if subject.startswith("Auto |")]
