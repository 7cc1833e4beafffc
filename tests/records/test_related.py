"""What a record is associated with, as its page reads it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from wonward import clock
from wonward.records import associate, names, related, write
from wonward.records.associate import Link
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def test_groups_with_names_labels_columns_and_the_whole_count(writing: Writing) -> None:
    with writing() as work:
        deal, company, contact = map(work.catalog.object_type, ("deal", "company", "contact"))
        [facade] = write.create(work, deal, [{"dealname": "Facade"}])
        ids = write.create(work, company, [{"name": f"Firma {n}", "city": "Århus"} for n in range(4)])
        associate.associate(work, deal, company, [Link(facade, each) for each in ids])
        associate.associate(work, deal, company, [Link(facade, ids[2], (5,))])
        write.archive(work, company, ids[3:])
        companies, contacts = related.groups(
            work, deal, facade, [(company, ["city"]), (contact, [])], limit=2
        )
        assert (companies.total, contacts.total, contacts.records) == (3, 0, [])
        first, second = companies.records
        assert (first.record_id, first.name) == (ids[2], "Firma 2")
        assert (first.labels, first.values) == (("Primary",), ("Århus",))
        assert (second.record_id, second.labels) == (ids[1], ())


def test_activities_by_time_page_by_page(writing: Writing) -> None:
    with writing() as work:
        deal, note = map(work.catalog.object_type, ("deal", "note"))
        [facade] = write.create(work, deal, [{"dealname": "Facade"}])
        moments = ["2026-01-02", "2026-01-01", "2026-01-02", "2026-01-03"]
        ids = write.create(work, note, [{"hs_note_body": at, "hs_timestamp": at} for at in moments])
        associate.associate(work, deal, note, [Link(facade, each) for each in ids])
        first = related.activities(work, facade, note, ["hs_note_body"], moment="hs_timestamp", limit=2)
        assert [each.record_id for each in first] == [ids[3], ids[2]]
        assert first[0].at == datetime(2026, 1, 3, tzinfo=UTC)
        assert first[0].values == {"hs_note_body": "2026-01-03"}
        last = first[-1]
        rest = related.activities(
            work, facade, note, [], moment="hs_timestamp", before=(last.at, last.record_id), limit=9
        )
        assert [each.record_id for each in rest] == [ids[0], ids[1]]


def test_names_of_records_and_of_those_without(writing: Writing) -> None:
    with writing() as work:
        contact = work.catalog.object_type("contact")
        given = [{"firstname": "Søren", "lastname": "Ågård"}, {"phone": "+45 1234"}]
        soren, nobody = write.create(work, contact, given)
        write.archive(work, contact, [soren])
        found = names.names(work, contact, [soren, nobody, 999_999])
        assert found == {soren: "Søren Ågård", nobody: f"Contact {nobody}"}
        assert names.names(work, contact, []) == {}


def test_the_newest_association_stands_first(writing: Writing) -> None:
    with writing() as work:
        deal, company = map(work.catalog.object_type, ("deal", "company"))
        [nordisk] = write.create(work, company, [{"name": "Nordisk Måleri A/S"}])
        ids = write.create(work, deal, [{"dealname": "Facade"}, {"dealname": "Roof"}])
    for moment, each in enumerate(reversed(ids), start=1):
        with clock.fixed(datetime(2030, 1, moment, tzinfo=UTC)), writing() as work:
            associate.associate(work, deal, company, [Link(each, nordisk)])
    with writing() as work:
        [group] = related.groups(work, company, nordisk, [(deal, [])], limit=5)
        assert [each.name for each in group.records] == ["Facade", "Roof"]
