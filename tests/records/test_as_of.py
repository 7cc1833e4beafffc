"""How records were at a moment in the past, found from what they are now and the log since."""

from datetime import UTC, datetime, timedelta

import pytest

from wonward import clock, wiring
from wonward.errors import Invalid
from wonward.records import history, redact, write
from wonward.records.history import Past
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

JANUARY, MARCH, MAY, JULY = (datetime(2026, month, 1, 9, tzinfo=UTC) for month in (1, 3, 5, 7))
INSTANT = timedelta(milliseconds=1)


def at(moment: datetime) -> Work:
    with clock.fixed(moment):
        return wiring.reading("starter", actor="user:1", source="web")


@pytest.fixture
def company(starter: str) -> ObjectType:
    return at(JULY).catalog.object_type("company")


@pytest.fixture
def nordisk(starter: str, company: ObjectType) -> int:
    """A company made in January, changed in March and May, archived in July."""
    values = (
        {"name": "Nordisk", "city": "Ribe"},
        {"name": "Nordisk Måleri"},
        {"name": "Nordisk Måleri A/S", "city": ""},
    )
    with clock.fixed(JANUARY), wiring.writing(starter, actor="user:1", source="web") as work:
        [made] = write.create(work, company, [values[0]])
    for moment, given in zip((MARCH, MAY), values[1:], strict=True):
        with clock.fixed(moment), wiring.writing(starter, actor="user:1", source="web") as work:
            write.update(work, company, [(made, given)])
    with clock.fixed(JULY), wiring.writing(starter, actor="user:1", source="web") as work:
        write.archive(work, company, [made])
    return made


@pytest.mark.parametrize(
    ("moment", "name", "city", "archived"),
    [
        (JANUARY, "Nordisk", "Ribe", False),
        (MARCH - INSTANT, "Nordisk", "Ribe", False),
        (MARCH, "Nordisk Måleri", "Ribe", False),
        (MAY - INSTANT, "Nordisk Måleri", "Ribe", False),
        (MAY, "Nordisk Måleri A/S", None, False),
        (JULY - INSTANT, "Nordisk Måleri A/S", None, False),
        (JULY, "Nordisk Måleri A/S", None, True),
        (JULY + timedelta(days=900), "Nordisk Måleri A/S", None, True),
    ],
)
def test_values_hold_from_the_moment_they_were_written(
    nordisk: int, company: ObjectType, moment: datetime, name: str, city: str | None, archived: bool
) -> None:
    found = history.as_of(at(JULY), company, [nordisk], ["name", "city"], moment)
    assert found == {nordisk: Past(archived, {"name": name, "city": city})}


def test_before_it_was_made_a_record_is_absent(nordisk: int, company: ObjectType) -> None:
    assert history.as_of(at(JULY), company, [nordisk], ["name"], JANUARY - INSTANT) == {}


def test_a_restored_record_was_archived_in_between(nordisk: int, company: ObjectType) -> None:
    with clock.fixed(JULY + timedelta(days=10)), wiring.writing("starter", actor="u", source="web") as work:
        write.restore(work, company, [nordisk])
    for days, archived in ((-1, False), (0, True), (9, True), (10, False)):
        [past] = history.as_of(at(JULY), company, [nordisk], [], JULY + timedelta(days=days)).values()
        assert past.archived is archived, days


def test_many_records_at_once_each_by_its_own_changes(starter: str, company: ObjectType) -> None:
    with clock.fixed(JANUARY), wiring.writing(starter, actor="user:1", source="web") as work:
        ids = write.create(work, company, [{"name": f"Ågård {number}"} for number in range(5)])
    with clock.fixed(MAY), wiring.writing(starter, actor="user:1", source="web") as work:
        write.update(work, company, [(ids[1], {"name": "Søn"}), (ids[3], {"city": "Ærø"})])
        late = write.create(work, company, [{"name": "Late"}])
    found = history.as_of(at(MAY), company, [*ids, *late], ["name", "city"], MARCH)
    assert {number: past.values for number, past in found.items()} == {
        record_id: {"name": f"Ågård {number}", "city": None} for number, record_id in enumerate(ids)
    }


def test_values_that_the_log_does_not_follow_are_refused(nordisk: int, company: ObjectType) -> None:
    with pytest.raises(Invalid) as refused:
        history.as_of(at(JULY), company, [nordisk], ["hs_lastmodifieddate"], MARCH)
    assert refused.value.problems[0].code == "HISTORY_NOT_KEPT"
    found = history.as_of(at(JULY), company, [nordisk], ["hs_object_id"], MARCH)
    assert found[nordisk].values == {"hs_object_id": str(nordisk)}


def test_what_was_redacted_is_told_as_nothing_never_as_what_came_later(
    nordisk: int, company: ObjectType
) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        assert redact.redact(work, company, [nordisk], ["city"]) == 2
    found = history.as_of(at(JULY), company, [nordisk], ["name", "city"], MARCH)
    assert found[nordisk].values == {"name": "Nordisk Måleri", "city": None}
    assert "Ribe" not in str(history.of_record(at(JULY), nordisk))
    assert next((each.kind, each.diff) for each in history.of_record(at(JULY), nordisk)) == (
        "redacted",
        {"city": [None, None]},
    )
