"""Erasing a person: nothing of them is left anywhere, a proof without personal data is."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from psycopg import sql

from wonward import clock, wiring
from wonward.accounts.models import Portal
from wonward.db import transaction
from wonward.errors import Missing
from wonward.records import associate, erase, history, query, write
from wonward.records.associate import Link
from wonward.records.changes import Change, Consumer, consume
from wonward.records.merging.merge import merge
from wonward.records.models import Erasure, ImportProblem, ImportRun
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
PERSON = ("Søren", "Ågård", "soren@nordisk.example", "soren.privat@example.com", "+45 12 34 56 78")


class Cast:
    """Søren, who works at Nordisk Måleri, with a note about him alone and a call about both."""

    def __init__(self, portal: str) -> None:
        with self.writing(portal) as work:
            kinds = work.catalog.object_types
            self.contact, self.company = kinds["contact"], kinds["company"]
            [self.soren] = write.create(
                work,
                self.contact,
                [{"firstname": "Søren", "lastname": "Ågård", "email": PERSON[3], "phone": PERSON[4]}],
            )
            write.update(work, self.contact, [(self.soren, {"email": PERSON[2]})])
            when = {"hs_timestamp": "2026-11-20T10:00:00Z"}
            [self.nordisk] = write.create(work, self.company, [{"name": "Nordisk Måleri A/S"}])
            associate.associate(work, self.contact, self.company, [Link(self.soren, self.nordisk)])
            [self.note] = write.create(work, kinds["note"], [{"hs_note_body": "Søren likes blue", **when}])
            [self.call] = write.create(work, kinds["call"], [{"hs_call_title": "About the roof", **when}])
            for activity, number in ((kinds["note"], self.note), (kinds["call"], self.call)):
                associate.associate(work, self.contact, activity, [Link(self.soren, number)])
            associate.associate(work, kinds["call"], self.company, [Link(self.call, self.nordisk)])

    @staticmethod
    def writing(portal: str) -> AbstractContextManager[Work]:
        return wiring.writing(portal, actor="user:7", source="web")

    def erased(self, portal: str, reason: str = "") -> None:
        with clock.fixed(NOW), self.writing(portal) as work:
            wiring.erase(work, self.contact, [self.soren], reason)


@pytest.fixture
def cast(starter: str) -> Cast:
    return Cast(starter)


def reading() -> Work:
    return wiring.reading("starter", actor="user:7", source="web")


def everything(portal: str) -> str:
    """Return all that the database holds of a portal, and all tables of the house: a line for each row."""
    schema = Portal.objects.get(name=portal).schema
    tables = transaction.rows(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema = any(%(schemas)s) and table_type = 'BASE TABLE'",
        {"schemas": ["public", schema]},
    )
    return "\n".join(
        f"{table[1]}: {row}"
        for table in tables
        for row in transaction.rows(sql.SQL("select t::text from {} t").format(sql.Identifier(*table)))
    )


def naming(known: str, texts: Iterable[str]) -> list[str]:
    """Return the rows of `everything` that name one of the texts."""
    wanted = list(texts)
    return [row for row in known.splitlines() if any(text in row for text in wanted)]


def test_nothing_of_the_person_is_left_anywhere(starter: str, cast: Cast) -> None:
    portal = Portal.objects.get(name=starter)
    run = ImportRun.objects.create(
        portal=portal, object_type="contact", file_name="x.csv", digest="0", rows=1, started_at=NOW
    )
    for quote in (*PERSON[2:], "Søren Ågård"):
        ImportProblem.objects.create(run=run, row=0, line=2, message=f"There are two like {quote}")
    kept = ImportProblem.objects.create(run=run, row=1, line=3, message="Close date isn't a date")
    before = everything(starter)
    assert [text for text in PERSON if text not in before] == []
    cast.erased(starter)
    after = everything(starter)
    assert naming(after, (*PERSON, "likes blue")) == []
    assert "Nordisk Måleri A/S" in after
    kept.refresh_from_db()
    assert kept.message == "Close date isn't a date"


def test_activities_about_others_too_stay(starter: str, cast: Cast) -> None:
    cast.erased(starter)
    work = reading()
    kinds = work.catalog.object_types
    assert query.count(work, Query(kinds["note"], ids=[cast.note])) == 0
    assert query.count(work, Query(kinds["call"], ids=[cast.call])) == 1
    newest = history.of_record(work, cast.call)[0]
    assert (newest.kind, newest.diff) == ("dissociated", {"to_type": "contact", "to_ids": [cast.soren]})


def test_the_proof_says_what_was_done_and_recognises_the_address(starter: str, cast: Cast) -> None:
    cast.erased(starter, "asked by letter")
    [proof] = Erasure.objects.all()
    assert (proof.object_type, proof.record_id, proof.at) == ("contact", cast.soren, NOW)
    assert (proof.actor, proof.reason) == ("user:7", "asked by letter")
    assert proof.counts == {"activities": 1, "associations": 3, "log": 3}
    portal_id = proof.portal_id
    assert erase.proofs(portal_id, "Soren@Nordisk.example ") == [proof]
    assert erase.proofs(portal_id, "else@nordisk.example") == []
    assert erase.proofs(portal_id) == [proof]
    assert len(bytes(proof.digest or b"")) == 32


@pytest.mark.django_db(transaction=True)
def test_consumers_of_the_feed_hear_of_it_and_of_nothing_personal(starter: str, cast: Cast) -> None:
    heard: list[Change] = []
    cast.erased(starter)
    while consume(starter, Consumer("listener", lambda work, changes: heard.extend(changes)), ()):
        pass
    assert [text for text in PERSON if text in str(heard)] == []
    [erased] = [change for change in heard if change.kind == "erased" and change.object_type == "contact"]
    assert (erased.record_id, erased.diff, erased.actor) == (cast.soren, {}, "user:7")
    gone = {change.record_id for change in heard if change.kind == "dissociated"}
    assert cast.nordisk in gone, "so that what is counted there is counted anew"


def test_an_archived_person_is_erased_too(starter: str, cast: Cast) -> None:
    with cast.writing(starter) as work:
        write.archive(work, cast.contact, [cast.soren])
        assert erase.holders(work, cast.contact, cast.contact.properties["email"], PERSON[2]) == [cast.soren]
    cast.erased(starter)
    assert naming(everything(starter), [PERSON[2]]) == []


def test_what_no_record_has_is_refused_and_nothing_done(starter: str, cast: Cast) -> None:
    with pytest.raises(Missing) as refused, cast.writing(starter) as work:
        wiring.erase(work, cast.contact, [cast.soren, 99])
    assert [(problem.code, problem.row) for problem in refused.value.problems] == [("OBJECT_NOT_FOUND", 1)]
    assert not Erasure.objects.exists()
    assert query.count(reading(), Query(cast.contact, ids=[cast.soren])) == 1


def test_rooms_erase_what_they_keep_in_the_same_transaction(
    starter: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, list[int]]] = []

    def attachments(work: Work, kind: ObjectType, ids: Sequence[int]) -> dict[str, int]:
        asked.append((kind.name, list(ids)))
        assert query.count(work, Query(kind, ids=ids)) == 1, "the record is still there to look things up by"
        return {"attachments": 2}

    def fail(work: Work, kind: ObjectType, ids: Sequence[int]) -> dict[str, int]:
        raise OSError("the disk is full")

    monkeypatch.setattr(wiring, "ERASERS", (attachments, fail))
    with pytest.raises(OSError, match="disk is full"):
        cast.erased(starter)
    assert query.count(reading(), Query(cast.contact, ids=[cast.soren])) == 1
    asked.clear()
    monkeypatch.setattr(wiring, "ERASERS", (attachments,))
    cast.erased(starter)
    assert asked == [("note", [cast.note]), ("contact", [cast.soren])]
    assert Erasure.objects.get().counts["attachments"] == 4


def test_the_same_address_can_come_back_as_somebody_new(starter: str, cast: Cast) -> None:
    cast.erased(starter)
    with cast.writing(starter) as work:
        [again] = write.create(work, cast.contact, [{"email": PERSON[2]}])
    assert again != cast.soren
    assert len(history.of_record(reading(), again)) == 1


def test_who_was_merged_is_erased_with_who_they_became(cast: Cast) -> None:
    with cast.writing("starter") as work:
        [kept] = write.create(work, cast.contact, [{"firstname": "S.", "email": "kontor@nordisk.example"}])
        merge(work, cast.contact, kept, [cast.soren])
    cast.erased("starter")
    assert naming(everything("starter"), (*PERSON, "kontor@nordisk.example")) == []
    portal = Portal.objects.get(name="starter").pk
    for email in (PERSON[2], "kontor@nordisk.example"):
        assert len(erase.proofs(portal, email)) == 1
