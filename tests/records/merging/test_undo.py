"""Undoing a merge: all is as before, but what was changed since; and in the right order."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from wonward import wiring
from wonward.attachments.models import Attachment, Scan
from wonward.blueprints import apply
from wonward.errors import Conflict, Invalid, Missing
from wonward.records import history, lists, query, redact, write
from wonward.records.associate import Link, associate, dissociate
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.query import Query
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def state(work: Work) -> dict[str, Any]:
    """Return every record and every association there is, but when each was last changed."""
    found: dict[str, Any] = {
        name: work.rows(
            sql.SQL("select (to_jsonb(r) - '_updated_at')::text from {} r order by _id").format(
                work.table(work.catalog.object_type(name).table)
            )
        )
        for name in ("contact", "company", "deal")
    }
    found["members"] = work.rows(
        sql.SQL("select * from {} order by list, record_id").format(work.table("_list_member"))
    )
    found["files"] = sorted(Attachment.objects.values_list("id", "object_type", "record_id", "archived_at"))
    found["associations"] = work.rows(
        sql.SQL(
            "select from_id, to_type, to_id, labels, created_at from {} order by from_id, to_type, to_id"
        ).format(work.table("_association"))
    )
    found["lists"] = work.rows(
        sql.SQL("select * from {} order by list, record_id").format(work.table("_list_member"))
    )
    return found


def people(work: Work, *rows: dict[str, str]) -> list[int]:
    return write.create(work, work.catalog.object_type("contact"), list(rows))


def test_all_is_as_it_was(writing: Writing) -> None:
    with writing() as work:
        person, company = work.catalog.object_type("contact"), work.catalog.object_type("company")
        kept, other = people(
            work,
            {"firstname": "Søren"},
            {"firstname": "Sören", "email": "sa@nordisk.example", "phone": "12345678"},
        )
        [nordisk] = write.create(work, company, [{"name": "Nordisk Måleri A/S"}])
        associate(work, person, company, [Link(other, nordisk)])
        before = state(work)
        [done] = merge(work, person, kept, [other])
        assert state(work) != before
        undone = unmerge(work, done.merge_id)
        assert state(work) == before
        assert undone.stayed == []
        assert [each.kind for each in history.of_record(work, kept)][:1] == ["unmerged"]


def test_what_was_changed_since_stays_and_is_told(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = people(
            work, {"firstname": "Søren"}, {"firstname": "S", "phone": "12345678", "city": "Århus"}
        )
        [done] = merge(work, person, kept, [other])
        write.update(work, person, [(kept, {"phone": "87654321", "jobtitle": "Maler"})])
        undone = unmerge(work, done.merge_id)
        assert list(undone.stayed) == ["phone"]
        found = query.rows(work, Query(person, ids=[kept, other]), ["firstname", "phone", "city", "jobtitle"])
        assert found == [(kept, "Søren", "87654321", None, "Maler"), (other, "S", "12345678", "Århus", None)]


def test_associations_made_since_stay_and_those_taken_away_stay_away(writing: Writing) -> None:
    with writing() as work:
        person, company = work.catalog.object_type("contact"), work.catalog.object_type("company")
        kept, other = people(work, {"firstname": "Søren"}, {"firstname": "Sören"})
        nordisk, havn, kyst = write.create(
            work, company, [{"name": "Nordisk Måleri"}, {"name": "Havn & Co"}, {"name": "Kyst"}]
        )
        associate(work, person, company, [Link(other, nordisk), Link(other, havn)])
        [done] = merge(work, person, kept, [other])
        dissociate(work, person, company, [Link(kept, havn)])
        associate(work, person, company, [Link(kept, kyst)])
        unmerge(work, done.merge_id)
        rows = work.rows(
            sql.SQL("select from_id, to_id from {} where to_type = 'company' order by 1, 2").format(
                work.table("_association")
            )
        )
        assert rows == [(kept, kyst), (other, nordisk), (other, havn)]


def test_the_last_is_undone_first(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        a, b, c, d = people(work, *({"firstname": name} for name in ("Åse", "Bo", "Carl", "Dorte")))
        before = state(work)
        [first] = merge(work, person, b, [a])
        [second] = merge(work, person, b, [d])
        [third] = merge(work, person, c, [b])
        for early in (first, second):
            with pytest.raises(Conflict, match="Undo the later merge of Bo first"):
                unmerge(work, early.merge_id)
        unmerge(work, third.merge_id)
        with pytest.raises(Conflict, match="Undo the later merge of Dorte first"):
            unmerge(work, first.merge_id)
        unmerge(work, second.merge_id)
        unmerge(work, first.merge_id)
        assert state(work) == before


def test_undoing_twice_does_nothing_more(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = people(work, {"firstname": "Søren"}, {"firstname": "Sören"})
        [done] = merge(work, person, kept, [other])
        unmerge(work, done.merge_id)
        before = len(history.of_record(work, kept))
        unmerge(work, done.merge_id)
        assert len(history.of_record(work, kept)) == before
        with pytest.raises(Missing, match="no merge 999"):
            unmerge(work, 999)


def test_a_freed_address_that_someone_took_stands_in_the_way(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = people(work, {"email": "soren@nordisk.example"}, {"email": "sa@nordisk.example"})
        [done] = merge(work, person, kept, [other])
        [taker] = people(work, {"email": "sa@nordisk.example"})
    with pytest.raises(Conflict, match=f"Existing ID: {taker}"), writing() as work:
        unmerge(work, done.merge_id)
    with writing() as work:
        assert query.count(work, Query(person, ids=[other])) == 0


def test_an_archived_survivor_is_restored_first(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = people(work, {"firstname": "Søren"}, {"firstname": "Sören"})
        [done] = merge(work, person, kept, [other])
        write.archive(work, person, [kept])
        with pytest.raises(Conflict, match="is archived; restore it"):
            unmerge(work, done.merge_id)


def test_the_survivor_is_in_the_lists_of_the_other_until_it_is_undone(starter: str, writing: Writing) -> None:
    named = ("vip", "press", "both")
    apply.define(
        starter,
        {("list", name): {"label": name, "object": "contact"} for name in named},
        actor="user:1",
    )
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = people(work, {"firstname": "Søren"}, {"firstname": "Sören"})
        lists.add(work, "vip", [kept, other])
        lists.add(work, "press", [other])
        before = state(work)
        [done] = merge(work, person, kept, [other])
        assert [each.name for each in lists.of_record(work, person, kept)] == ["vip", "press"]
        assert [row[0] for row in query.rows(work, lists.members(work, "press"), [])] == [kept]
        lists.add(work, "both", [kept])
        unmerge(work, done.merge_id)
        assert [each.name for each in lists.of_record(work, person, kept)] == ["vip", "both"]
        assert [each.name for each in lists.of_record(work, person, other)] == ["vip", "press"]
        lists.remove(work, "both", [kept])
        assert state(work) == before


TEXTS = st.sampled_from([None, "Søren", "Åse", "Ågård"])
PERSON = st.fixed_dictionaries(
    {
        "firstname": TEXTS,
        "city": TEXTS,
        "lifecyclestage": st.sampled_from([None, "lead", "customer", "other"]),
    }
)
PLACE = st.integers(0, 3)


@pytest.fixture
def listed(starter: str) -> str:
    """The portal with a list of contacts and one of companies, kept by hand."""
    definitions = {("list", kind): {"label": kind, "object": kind} for kind in ("contact", "company")}
    apply.define(starter, definitions, actor="user:1")
    return starter


def keep_by_hand(work: Work, ids: dict[str, list[int]], members: Any, files: Any) -> None:
    """Put records into the list of their type, and files on records."""
    for kind, place in sorted(members):
        lists.add(work, kind, [ids[kind][place]])
    for number, (kind, place, archived) in enumerate(files):
        filed(work, kind, ids[kind][place], f"plan{number}.txt", archived=archived)


def filed(work: Work, kind: str, record_id: int, name: str, *, archived: bool) -> None:
    """Enter a file on a record, one that was removed where `archived`."""
    Attachment.objects.create(
        portal_id=work.catalog.portal_id,
        object_type=kind,
        record_id=record_id,
        name=name,
        size=1,
        digest=name,
        media_type="text/plain",
        key=name,
        scan=Scan.CLEAN,
        uploaded_by="user:1",
        uploaded_at=work.now,
        archived_at=work.now if archived else None,
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(PERSON, min_size=4, max_size=4),
    st.lists(st.tuples(PLACE, PLACE, st.sampled_from([(), (1,)])), max_size=8),
    st.lists(st.tuples(PLACE, PLACE), max_size=6),
    st.lists(st.tuples(PLACE, PLACE, st.sampled_from([(), (13,), (14,)])), max_size=5),
    st.lists(st.tuples(st.sampled_from(["contact", "company"]), PLACE, PLACE), min_size=1, max_size=6),
    st.tuples(
        st.sets(st.tuples(st.sampled_from(["contact", "company"]), PLACE), max_size=6),
        st.lists(st.tuples(st.sampled_from(["contact", "company"]), PLACE, st.booleans()), max_size=5),
    ),
)
def test_undoing_all_merges_of_any_graph_gives_back_what_was_there(
    listed: str,
    persons: Any,
    jobs: Any,
    deals: Any,
    parents: Any,
    pairs: Any,
    kept: Any,
) -> None:
    with wiring.writing(listed, actor="user:1", source="web") as work, transaction.atomic():
        catalog = work.catalog
        contact, company, deal = map(catalog.object_type, ("contact", "company", "deal"))
        ids = {
            "contact": write.create(
                work, contact, [{**each, "email": f"p{row}@x.example"} for row, each in enumerate(persons)]
            ),
            "company": write.create(work, company, [{"name": f"Company {row}"} for row in range(4)]),
            "deal": write.create(work, deal, [{"dealname": f"Deal {row}"} for row in range(4)]),
        }

        def link(kind: Any, other: Any, links: Any) -> None:
            for start, to, types in links:
                first, second = ids[kind.name][start], ids[other.name][to]
                if first != second:
                    try:
                        with transaction.atomic():
                            associate(work, kind, other, [Link(first, second, types)])
                    except Invalid:  # a second parent
                        continue

        link(contact, company, jobs)
        link(deal, company, [(start, to, ()) for start, to in deals])
        link(deal, contact, [(to, start, ()) for start, to in deals])
        link(company, company, parents)
        keep_by_hand(work, ids, *kept)
        states = [state(work)]
        done = []
        for name, keep, other in pairs:
            try:
                with transaction.atomic():
                    [merged] = merge(work, catalog.object_type(name), ids[name][keep], [ids[name][other]])
            except Invalid:  # with itself
                continue
            if merged.merge_id not in done:
                done.append(merged.merge_id)
                states.append(state(work))
        for number in reversed(done):
            assert state(work) == states.pop()
            unmerge(work, number)
        assert [state(work)] == states
        transaction.set_rollback(True)


def test_undoing_is_done_once_by_two_at_once(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = people(work, {"firstname": "Søren"}, {"firstname": "Sören"})
        [done] = merge(work, person, kept, [other])
    with wiring.writing("starter", actor="user:2", source="api") as work:
        assert unmerge(work, done.merge_id).merged_id == other
        again = merge(work, person, kept, [other])[0]
        assert again.merge_id != done.merge_id


def test_what_was_redacted_does_not_come_back(writing: Writing) -> None:
    with writing() as work:
        person = work.catalog.object_type("contact")
        kept, other = people(work, {"firstname": "Søren"}, {"firstname": "Søren", "phone": "+45 12345678"})
        [done] = merge(work, person, kept, [other])
        write.update(work, person, [(kept, {"firstname": "Åge", "phone": ""})])
        redact.redact(work, person, [kept], ["phone", "firstname"])
        held = work.rows(sql.SQL("select undo::text from {}").format(work.table("_merge")))
        assert "12345678" not in str(held)
        unmerge(work, done.merge_id)
        [(_, *now)] = query.rows(work, Query(person, ids=[kept]), ["firstname", "phone"])
    assert now == ["Åge", None]
