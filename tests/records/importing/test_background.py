"""Imports that jobs carry out: received, looked through, run, cancelled, carried on, undone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from wonward import clock, wiring
from wonward.errors import Conflict, Invalid
from wonward.records import associate, expiry, filestore, query, write
from wonward.records.associate import Link
from wonward.records.importing import background, batch, ledger, run
from wonward.records.models import KEPT_FOR, ImportRun
from wonward.records.query import Query

from .conftest import Importer

State = ImportRun.State


class Office:
    """Sends files in and lets the jobs work, as the pages and a worker do."""

    def __init__(self, importer: Importer) -> None:
        self.importer = importer

    def send(self, text: str, object_type: str = "company", name: str = "kunder.csv") -> ImportRun:
        return background.receive(self.importer.work(), object_type, name, [text.encode()])

    def work_on(self, given: ImportRun) -> ImportRun:
        background.carry_on(given.pk, self.opener)
        given.refresh_from_db()
        return given

    @staticmethod
    def opener(portal: str, actor: str) -> run.OpenWork:
        return lambda: wiring.writing(portal, actor=actor, source="import")

    def bring_in(self, text: str, object_type: str = "company", **said: Any) -> ImportRun:
        given = self.send(text, object_type)
        background.look_through(given, {"object": object_type, **said})
        assert self.work_on(given).state == State.WAITING, given.failure
        background.go(given)
        return self.work_on(given)

    def undo(self, given: ImportRun) -> ImportRun:
        background.take_back(given)
        return self.work_on(given)


@pytest.fixture
def office(importer: Importer, settings: Any, tmp_path: Path) -> Office:
    settings.WONWARD_DATA = tmp_path / "data"
    return Office(importer)


COMPANIES = "name,domain,city\nNordisk Måleri A/S,nordisk.example,Ribe\nBæk & Søn,baek.example,Århus\n"


def test_a_file_goes_from_sent_to_done(office: Office) -> None:
    given = office.send(COMPANIES)
    assert (given.state, given.actor) == (State.UPLOADED, "user:1")
    background.look_through(given, {"object": "company"})
    [job] = ProcrastinateJob.objects.filter(task_name=background.JOB)
    assert job.args == {"run_id": given.pk}
    office.work_on(given)
    assert given.state == State.WAITING
    assert given.preview["counts"]["created"] == 2
    assert office.importer.records("company") == [], "a preview writes nothing"
    background.go(given)
    office.work_on(given)
    assert (given.state, given.created, given.position, given.rows) == (State.DONE, 2, 2, 2)
    [(actor,)] = office.importer.work().rows(
        psycopg.sql.SQL("select distinct actor from {}").format(office.importer.work().table("_change"))
    )
    assert actor == f"import:{given.pk}"
    office.work_on(given)
    assert given.created == 2, "a job that comes twice does nothing twice"


def test_what_cant_be_read_is_refused_and_not_kept(office: Office) -> None:
    with pytest.raises(Invalid, match=r"kunder\.pdf is of a kind that can't be read"):
        office.send("x", name="kunder.pdf")
    with pytest.raises(Invalid, match=r"kunder\.xlsx is no Excel workbook"):
        office.send("x", name="kunder.xlsx")
    with pytest.raises(Invalid, match=r"kunder\.csv has no header"):
        office.send("")
    assert list(filestore.path_of("x").parent.iterdir()) == []


def test_a_file_that_cant_be_planned_goes_back_to_its_columns(office: Office) -> None:
    given = office.send("town\nRibe\n")
    background.look_through(given, {"object": "company", "columns": {"town": "city"}})
    office.work_on(given)
    assert given.state == State.UPLOADED
    assert "The key Company domain (domain) is in no column" in given.failure


def lines(count: int) -> str:
    return "name,domain\n" + "".join(f"Nr. {number},nr{number}.example\n" for number in range(count))


@pytest.fixture
def cancelling(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give a way to have the import cancelled once so many rows are written."""
    advance = ledger.advance

    def at(rows: int) -> None:
        def advancing(work: Any, given: ImportRun, *rest: Any) -> None:
            advance(work, given, *rest)
            if given.position >= rows:
                background.cancel(given)

        monkeypatch.setattr(ledger, "advance", advancing)

    return at


def test_cancelled_keeps_what_was_written_and_goes_on_or_is_undone(
    office: Office, small_chunks: int, cancelling: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelling(3)
    given = office.bring_in(lines(8))
    assert (given.state, given.position, given.created) == (State.CANCELLED, 3, 3)
    assert len(office.importer.records("company")) == 3
    cancelling(100)
    background.go(given)
    assert office.work_on(given).created == 8
    office.undo(given)
    assert (given.state, given.undone["archived"]) == (State.UNDONE, 8)
    assert office.importer.records("company") == []
    with pytest.raises(Conflict, match="It was undone already"):
        background.take_back(given)


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_meets_a_deadlock_is_tried_again(
    office: Office, small_chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    write_rows = batch.RecordRows.write

    def unlucky(self: Any, work: Any, rows: Any) -> Any:
        tries.append(rows[0].number)
        found = write_rows(self, work, rows)
        if tries.count(3) == 1 and rows[0].number == 3:
            raise psycopg.errors.DeadlockDetected("two in a ring")
        return found

    given = office.send(lines(5))
    background.look_through(given, {"object": "company"})
    office.work_on(given)
    monkeypatch.setattr(batch.RecordRows, "write", unlucky)
    background.go(given)
    office.work_on(given)
    assert (given.state, given.created, tries) == (State.DONE, 5, [0, 3, 3])


def test_undoing_restores_values_unless_someone_changed_them_since(office: Office) -> None:
    importer = office.importer
    nordisk, baek = importer.create(
        "company",
        {"name": "Nordisk", "domain": "nordisk.example", "city": "Ribe"},
        {"name": "Bæk", "domain": "baek.example", "city": "Århus"},
    )
    given = office.bring_in(
        "name,domain,city\nNordisk Måleri,nordisk.example,Esbjerg\nBæk & Søn,baek.example,Odense\nNy,ny.example,Vejle\n"
        "Ås,aas.example,Malmö\n"
    )
    assert (given.created, given.updated) == (2, 2)
    with importer.open_work() as work:
        company = work.catalog.object_type("company")
        ny = next(row[0] for row in query.rows(work, Query(company), ["name"]) if row[1] == "Ny")
        write.update(work, company, [(baek, {"city": "København"}), (ny, {"phone": "75 12 34 56"})])
    office.undo(given)
    assert sorted(importer.records("company", "name", "city")) == [
        ("Bæk", "København"),
        ("Nordisk", "Ribe"),
        ("Ny", "Vejle"),
    ]
    assert given.undone == {"archived": 1, "restored": 2, "kept": 2}
    assert sorted(given.kept.values_list("record_id", "message")) == sorted(
        [
            (baek, "Changed since, so it stays: City"),
            (ny, "Changed since, so the record stays: Phone number"),
        ]
    )
    assert nordisk not in given.kept.values_list("record_id", flat=True)


def labels(importer: Importer, object_type: str, record_id: int, other: str) -> dict[int, list[int]]:
    from wonward.records import associated

    work = importer.work()
    kind, to = work.catalog.object_type(object_type), work.catalog.object_type(other)
    found = associated.of_records(work, kind, to, [(record_id, 0)], limit=10)[record_id]
    return {each.record_id: list(each.type_ids) for each in found}


def test_undoing_takes_associations_away_and_brings_the_replaced_ones_back(office: Office) -> None:
    importer = office.importer
    nordisk, baek, havn = importer.create(
        "company", *({"name": name, "domain": f"{name}.example"} for name in ("nordisk", "baek", "havn"))
    )
    [soren, ase] = importer.create("contact", {"email": "soren@x.example"}, {"email": "ase@x.example"})
    with importer.open_work() as work:
        contact, company = map(work.catalog.object_type, ("contact", "company"))
        associate.associate(work, contact, company, [Link(soren, nordisk)])
        associate.associate(work, company, company, [Link(baek, nordisk, (14,))])
    before = labels(importer, "contact", soren, "company")
    given = office.bring_in(
        "email,company\nsoren@x.example,havn\nase@x.example,baek\nny@x.example,baek\n",
        "contact",
        columns={"company": {"association": "company", "by": "name", "label": "primary"}},
    )
    assert labels(importer, "contact", soren, "company") == {nordisk: [279], havn: [1, 279]}
    office.undo(given)
    assert labels(importer, "contact", soren, "company") == before == {nordisk: [1, 279]}
    assert labels(importer, "contact", ase, "company") == {}
    parents = office.bring_in(
        "name,domain,parent company\nbaek,baek.example,havn\n",
        columns={"parent company": {"association": "company", "label": "Parent company"}},
    )
    assert labels(importer, "company", baek, "company")[havn] == [14, 450]
    office.undo(parents)
    assert labels(importer, "company", baek, "company") == {nordisk: [14, 450]}


def test_an_undoing_goes_on_where_it_was_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from wonward.records.importing import undo

    monkeypatch.setattr(undo, "CHUNK", 3)
    given = office.bring_in(lines(8))
    background.take_back(given)
    background.cancel(given)
    office.work_on(given)
    assert (given.state, len(office.importer.records("company"))) == (State.DONE, 8)
    office.undo(given)
    assert (given.state, given.undone["archived"]) == (State.UNDONE, 8)


def test_a_file_without_a_key_can_come_again_once_it_was_undone(office: Office) -> None:
    text = "hs_note_body,hs_timestamp\nMøde,2017-12-31\n"
    given = office.bring_in(text, "note", key="none")
    again = office.send(text, "note")
    background.look_through(again, {"object": "note", "key": "none"})
    assert office.work_on(again).failure.startswith("kunder.csv was imported already on")
    office.undo(given)
    background.look_through(again, {"object": "note", "key": "none"})
    assert office.work_on(again).state == State.WAITING


def test_files_are_deleted_when_their_time_is_over_and_then_nothing_is_undone(office: Office) -> None:
    given = office.bring_in(COMPANIES)
    path = filestore.path_of(given.stored)
    left = filestore.path_of("left by a killed worker")
    left.touch()
    assert expiry.delete_files() == 0
    with clock.fixed(clock.now() + 2 * KEPT_FOR):
        assert expiry.delete_files() == 2
        with pytest.raises(Conflict, match="too long ago"):
            background.take_back(given)
    assert not path.exists()
    assert not left.exists()


@pytest.mark.parametrize(
    ("mode", "counts", "problem"),
    [
        ("create", (1, 0, 1), "There is a company with the company domain 'nordisk.example' already"),
        (
            "update",
            (0, 1, 1),
            "There is no company whose company domain is baek.example, and this import makes no new",
        ),
        ("create_or_update", (1, 1, 0), ""),
    ],
)
def test_the_mode_says_what_rows_may_do(
    office: Office, mode: str, counts: tuple[int, int, int], problem: str
) -> None:
    office.importer.create("company", {"name": "Nordisk", "domain": "nordisk.example"})
    given = office.bring_in(COMPANIES, mode=mode)
    assert (given.created, given.updated, given.refused) == counts
    found = given.preview["counts"] if given.preview else {}
    assert (found["created"], found["updated"], found["refused"]) == counts
    assert [each.message.startswith(problem) for each in given.problems.all()] == [True] * counts[2]
