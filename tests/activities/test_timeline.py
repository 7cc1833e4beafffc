"""The timeline: the change log and the activities of a record, merged by time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from wonward import clock
from wonward.activities import timeline
from wonward.activities.enter import enter
from wonward.activities.timeline import Place
from wonward.records import associate, write
from wonward.records.associate import Link
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def facade(writing: Writing) -> int:
    """A deal changed every hour, with a note half an hour after each change."""
    with clock.fixed(START), writing() as work:
        kind = work.catalog.object_type("deal")
        [record_id] = write.create(work, kind, [{"dealname": "Facade"}])
    for hour in range(1, 6):
        with clock.fixed(START + timedelta(hours=hour)), writing() as work:
            write.update(work, kind, [(record_id, {"hs_next_step": f"step {hour}"})])
        with clock.fixed(START + timedelta(hours=hour, minutes=30)), writing() as work:
            note = {"hs_note_body": f"note {hour}"}
            enter(work, work.catalog.object_type("note"), note, (kind, record_id), owner=_owner())
    return record_id


def _owner() -> int:
    from wonward.accounts.models import Member, Portal

    portal = Portal.objects.get(name="starter")
    member, _ = Member.objects.get_or_create(
        portal=portal, first_name="Søren", defaults={"created_at": START, "updated_at": START}
    )
    return int(member.pk)


def told(found: list[timeline.Happening]) -> list[str]:
    return [
        str(each.activity.values["hs_note_body"])
        if each.activity
        else each.entry.kind
        if each.entry and each.entry.kind != "updated"
        else str(each.entry.diff["hs_next_step"][1])  # type: ignore[union-attr]
        for each in found
    ]


def test_changes_and_notes_alternate_the_newest_first(writing: Writing, facade: int) -> None:
    with writing() as work:
        found, following = timeline.page(work, work.catalog.object_type("deal"), facade, Place())
    assert told(found) == [
        "note 5", "step 5", "note 4", "step 4", "note 3", "step 3", "note 2", "step 2", "note 1", "step 1", "created",
    ]  # fmt: skip
    assert following is None


def test_page_by_page_nothing_is_told_twice_or_left_out(writing: Writing, facade: int) -> None:
    with writing() as work:
        kind = work.catalog.object_type("deal")
        whole, _ = timeline.page(work, kind, facade, Place())
        for limit in (1, 2, 3, 7):
            pieces: list[timeline.Happening] = []
            place: Place | None = Place()
            while place is not None:
                part, place = timeline.page(work, kind, facade, place, limit=limit)
                pieces += part
                place = timeline.place(str(place)) if place else None
            assert told(pieces) == told(whole)


def test_what_is_to_come_stands_first(writing: Writing, facade: int) -> None:
    with writing() as work:
        kind, task = map(work.catalog.object_type, ("deal", "task"))
        enter(
            work,
            task,
            {"hs_task_subject": "Ring", "hs_timestamp": "2090-01-01"},
            (kind, facade),
            owner=_owner(),
        )
        found, _ = timeline.page(work, kind, facade, Place())
    assert found[0].activity
    assert found[0].activity.values["hs_task_subject"] == "Ring"


def test_associations_with_records_are_told_and_with_activities_not(writing: Writing, facade: int) -> None:
    with writing() as work:
        kind, company = map(work.catalog.object_type, ("deal", "company"))
        [nordisk] = write.create(work, company, [{"name": "Nordisk Måleri A/S"}])
        associate.associate(work, kind, company, [Link(facade, nordisk)])
        found, _ = timeline.page(work, kind, facade, Place())
        own = [each.entry.diff["to_type"] for each in found if each.entry and each.entry.kind == "associated"]
    assert own == ["company"]


def test_a_page_is_full_however_many_activities_were_attached(writing: Writing, facade: int) -> None:
    with writing() as work:
        kind, note = map(work.catalog.object_type, ("deal", "note"))
        for number in range(4):
            given = {"hs_note_body": f"old {number}", "hs_timestamp": "2020-01-01"}
            enter(work, note, given, (kind, facade), owner=_owner())
        found, following = timeline.page(work, kind, facade, Place(), limit=3)
        assert told(found) == ["note 5", "step 5", "note 4"]
        whole, end = timeline.page(work, kind, facade, Place(), limit=15)
    assert following is not None
    assert (len(whole), end) == (15, None), "no button leads to an empty page"


FAR = "9" * 23


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1.2",
        "a.b.c",
        "1.2.3.4",
        "..-",
        f"1.{FAR}.1",
        f"{FAR}..",
        f"..{'9' * 5000}",
        f"1.{'9' * 18}.1",
    ],
)
def test_a_place_that_is_none_is_the_start(text: str) -> None:
    assert timeline.place(text) in (Place(), Place(1))


def test_entering_fills_in_when_and_whose(writing: Writing, facade: int) -> None:
    with clock.fixed(START), writing() as work:
        kind, meeting = map(work.catalog.object_type, ("deal", "meeting"))
        owner = _owner()
        given = {"hs_meeting_title": "Kick-off", "hs_meeting_start_time": "2026-05-01T08:00:00Z"}
        number = enter(work, meeting, given, (kind, facade), owner=owner)
        found, _ = timeline.page(work, kind, facade, Place())
        activity = next(each.activity for each in found if each.activity and each.activity.kind == meeting)
        assert activity.record_id == number
        assert activity.at == datetime(2026, 5, 1, 8, tzinfo=UTC), "a meeting stands where it begins"
        assert activity.values["hubspot_owner_id"] == str(owner)
