"""A workflow that a form sets off takes in whoever sends it: once, whatever happens, and by its rules."""

from typing import Any

import pytest
from tests.automation.test_crash import survived

from wonward import wiring
from wonward.automation import run
from wonward.automation.enrol import WORKFLOWS
from wonward.automation.models import Enrolment
from wonward.records.changes import consume

from .conftest import SOREN, Office

pytestmark = pytest.mark.django_db(transaction=True)


def define(office: Office, **more: Any) -> None:
    text = {"property__contact__antal": {"label": "Antal", "type": "number"}}
    steps = [{"set": {"antal": "=coalesce(antal, 0) + 1"}}]
    body = {"label": "Auto | Tak", "trigger": {"form": "kontakt"}, "steps": steps}
    office.define(**text, workflow__contact__tak={**body, **more})


def counts(office: Office) -> list[str | None]:
    return [row[0] for row in office.values("contact", "antal")]


def test_who_sends_the_form_is_enrolled_once_or_each_time(office: Office) -> None:
    define(office)
    office.form("anden")
    office.send("anden")
    office.work()
    assert counts(office) == [None], "it was another form"
    office.send()
    office.send()
    office.work()
    office.send()
    office.work()
    assert counts(office) == ["1"]
    define(office, again="always")
    office.send()
    office.work()
    office.send()
    office.work()
    assert counts(office) == ["3"]


def test_where_narrows_to_those_who_fit_now(office: Office) -> None:
    define(office, trigger={"form": "kontakt", "where": "has(emner, 'tag')"})
    office.send(texts={**SOREN, "emner": "facade"})
    office.send(texts={**SOREN, "email": "aase@nordisk.example", "emner": "tag"})
    office.work()
    assert counts(office) == [None, "1"]


def test_killed_anywhere_a_submission_and_its_enrolment_come_once(office: Office) -> None:
    define(office)
    answers = office.answers()
    sending = survived(office, lambda: office.send(answers=answers))  # type: ignore[arg-type]
    feed = survived(office, lambda: consume(office.portal, WORKFLOWS, wiring.GUARDS))  # type: ignore[arg-type]
    due = survived(office, lambda: wiring.tend(office.portal))  # type: ignore[arg-type]
    assert (sending > 8, feed > 5, due > 5) == (True, True, True)
    assert counts(office) == ["1"]
    assert office.values("contact", "num_conversion_events") == [("1",)]
    assert Enrolment.objects.count() == 1
    office.send(answers=answers)
    office.work()
    assert counts(office) == ["1"]


def test_a_dry_run_tells_whether_a_contact_fits(office: Office) -> None:
    define(office, trigger={"form": "kontakt", "where": "has(emner, 'tag')"})
    contact = office.send().contact_id or 0
    with wiring.writing(office.portal, actor="cli", source="cli") as work:
        assert run.rehearse(work, "contact.tak", contact).meets is False
