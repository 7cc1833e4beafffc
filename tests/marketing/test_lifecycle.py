"""The dates of lifecycle stages, whichever options a portal has, and the stages that nothing automatic takes back."""

from datetime import timedelta

import pytest

from .conftest import START, Office

pytestmark = pytest.mark.django_db
DATES = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "customer")
DAY = "2026-01-{:02}T09:00:00.000Z"


def dates(office: Office, object_type: str = "contact") -> tuple[str | None, ...]:
    names = [f"hs_lifecyclestage_{stage}_date" for stage in DATES]
    return tuple(day and day[8:10] for day in office.values(object_type, *names)[0])


def later(office: Office, days: int) -> None:
    office.at(START + timedelta(days=days))


def test_each_stage_has_the_day_it_was_reached(office: Office) -> None:
    soren = office.create("contact", lifecyclestage="lead")
    later(office, 1)
    office.update(soren, lifecyclestage="marketingqualifiedlead", firstname="Søren")
    later(office, 2)
    office.update(soren, lifecyclestage="marketingqualifiedlead")
    office.update(soren, lifecyclestage="customer")
    assert dates(office) == ("05", "06", None, "07")
    [entry, *_] = office.log(soren)
    assert entry.diff["hs_lifecyclestage_customer_date"] == [None, DAY.format(7)]


def test_a_hand_may_take_a_stage_back_and_the_days_of_what_it_is_no_more_go(office: Office) -> None:
    soren = office.create("contact", lifecyclestage="lead")
    later(office, 1)
    office.update(soren, lifecyclestage="customer")
    later(office, 2)
    office.update(soren, lifecyclestage="lead")
    assert dates(office) == ("05", None, None, None)
    office.update(soren, lifecyclestage="customer")
    assert dates(office) == ("05", None, None, "07")


@pytest.mark.parametrize("source", ["worker", "form"])
def test_what_runs_by_itself_takes_no_stage_back_unless_it_was_cleared(office: Office, source: str) -> None:
    soren = office.create("contact", lifecyclestage="customer")
    later(office, 1)
    office.update(soren, source, lifecyclestage="lead", firstname="Søren")
    assert office.values("contact", "lifecyclestage", "firstname") == [("customer", "Søren")]
    office.update(soren, lifecyclestage="")
    assert dates(office) == (None,) * 4
    office.update(soren, source, lifecyclestage="lead")
    assert (office.values("contact", "lifecyclestage"), dates(office)) == (
        [("lead",)],
        ("06", None, None, None),
    )


def test_a_portals_own_stages_have_their_days_and_companies_too(office: Office) -> None:
    stages = [{"value": "lead", "label": "Lead"}, {"value": "proeve", "label": "Prøver"}]
    office.define(
        property__contact__hs_lifecyclestage_proeve_date={"label": "Blev prøver", "type": "datetime"},
    )
    from wonward.blueprints import apply

    options = {
        ("property", "contact.lifecyclestage"): {
            "label": "Livscyklus",
            "type": "enumeration",
            "options": stages,
        }
    }
    apply.define(office.portal, options, actor="user:1", allow_destructive=True)
    office.create("contact", lifecyclestage="proeve")
    assert office.values("contact", "hs_lifecyclestage_proeve_date", "hs_lifecyclestage_lead_date") == [
        (DAY.format(5), None)
    ]
    office.create("company", name="Nordisk", lifecyclestage="salesqualifiedlead")
    assert dates(office, "company") == (None, None, "05", None)
