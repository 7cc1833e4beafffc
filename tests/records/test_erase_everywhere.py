"""Erasing and purging through the doors: nothing is left in any room's tables, nor in files on disk."""

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from psycopg import sql
from tests.attachments.conftest import use
from tests.records.test_erase import everything, naming

from wonward import clock, wiring
from wonward import settings as own
from wonward.attachments import attach
from wonward.attachments.models import Attachment, LooseFile
from wonward.blueprints import apply
from wonward.mail import send
from wonward.mail.models import OutgoingMail
from wonward.marketing.submit import Answers, submit
from wonward.pipelines.models import StageVisit
from wonward.records import lists, redact, write
from wonward.records.exporting import background as exporting
from wonward.records.exporting.asked import Asked
from wonward.records.importing import background as importing
from wonward.records.merging.merge import merge
from wonward.records.models import DuplicatePair, Erasure, ExportRun, ImportRun
from wonward.records.work import Work
from wonward.sharing import library, links, views
from wonward.sharing.models import Reader, View
from wonward.worker import jobs, loop

pytestmark = pytest.mark.django_db(transaction=True)
FILE = (
    "firstname,lastname,email,phone,createdate\n"
    "Søren,Ågård,soren@nordisk.example,+45 12 34 56 78,\n"
    "Åse,Søndergård,aase@nordisk.example,+45 87 65 43 21,\n"
)
PERSON = (
    "Søren",
    "Ågård",
    "agard",
    "soren@nordisk.example",
    "Sörens twin",
    "sorens",
    "12 34 56 78",
    "Kontrakt",
    "Hej Sörens",
    "Malermester",
)


def writing() -> AbstractContextManager[Work]:
    return wiring.writing("starter", actor="cli", source="web")


class Office:
    """All that can be known of Søren: imported, merged, listed, filed, exported, stood in a stage, found by words."""

    def __init__(self, starter: str, tmp_path: Path) -> None:
        text = {"subject": "Til {{lastname}}", "body": "Hej {{firstname}}"}
        definitions = {
            ("list", "vip"): {"label": "Særlige", "object": "contact"},
            ("form", "kontakt"): {
                "label": "Kontakt",
                "fields": [{"property": "email"}, {"property": "jobtitle"}],
            },
            ("mail_template", "hello"): {"label": "Hej", "object": "contact", "languages": {"da": text}},
        }
        apply.define(starter, definitions, actor="user:1")
        self.done = self.bring_in("Søren Ågård.csv", FILE)
        self.waiting = self.bring_in("more.csv", FILE + "Søren,Ågård,not-an-address,,\n", go=False)
        with writing() as work:
            self.contact = work.catalog.object_type("contact")
            self.portal_id = work.catalog.portal_id
            rows = work.rows(sql.SQL("select _id from {} order by 1").format(work.table("contact")))
            self.soren, self.aase = (number for (number,) in rows)
            twin = {"firstname": "Sörens twin", "lastname": "Ågård", "phone": "12345678"}
            [self.twin] = write.create(work, self.contact, [{**twin, "email": "twin@nordisk.example"}])
            lists.add(work, "vip", [self.twin, self.aase])
            send.enqueue(work, "hello", self.contact, [self.twin, self.aase], to="{{email}}")
        answers = Answers({"email": "twin@nordisk.example", "jobtitle": "Malermester"}, (), "1", {}, {})
        with wiring.writing("starter", actor="form:kontakt", source="form") as work:
            submit(work, work.catalog.forms["kontakt"], answers)
        self.attach(self.twin, "Kontrakt Ågård.txt")
        self.attach(self.soren, "Kontrakt.txt")
        self.attach(self.aase, "plan.txt")
        self.share()
        self.catch_up()
        with writing() as work:
            merge(work, self.contact, self.soren, [self.twin])
            asked = Asked("contact", ("email",), where="email = 'soren@nordisk.example'")
            self.export = exporting.ask(work, asked)
            self.under_way = exporting.ask(work, asked)
        exporting.carry_on(
            self.export.pk, lambda portal, actor: wiring.reading(portal, actor=actor, source="worker")
        )
        self.catch_up()

    @staticmethod
    def catch_up() -> None:
        while loop.catch_up():
            pass

    def bring_in(self, name: str, text: str, *, go: bool = True) -> ImportRun:
        work = wiring.reading("starter", actor="cli", source="web")
        given = importing.receive(work, "contact", name, [text.encode()])
        importing.look_through(given, {"object": "contact"})
        jobs.carry_on_import(given.pk)
        given.refresh_from_db()
        assert given.state == ImportRun.State.WAITING, given.failure
        if go:
            importing.go(given)
            jobs.carry_on_import(given.pk)
        return given

    def share(self) -> None:
        """Share a document with both, each of whom reads it."""
        document = library.add(writing, self.portal_id, "Plan", "plan.txt", ContentFile(b"Malerarbejde"))
        emails = ["soren@nordisk.example", "aase@nordisk.example"]
        with writing() as work:
            link, _ = links.make(work, document, None, links.Wanted(private=True, emails=emails))
            for reader in Reader.objects.filter(link=link):
                views.count(work, link, views.fresh_visit(link), reader, "80.62.117.34")
            about = (self.contact, self.soren)
            links.make(work, document, None, links.Wanted(private=False, emails=emails[:1], about=about))

    def attach(self, to: int, name: str) -> None:
        content = ContentFile(f"Kontrakt med Ågård, {name}".encode() if to != self.aase else b"Malerarbejde")
        attach.attach(writing, self.portal_id, (self.contact, to), name, content)


@pytest.fixture
def office(starter: str, settings: Any, tmp_path: Path) -> Office:
    settings.WONWARD_DATA = tmp_path / "data"
    settings.WONWARD_MAIL_FROM = "post@maleri.example"
    settings.SMTP = own.smtp("smtp://localhost:2525?starttls=no")
    use(settings, "", tmp_path / "files")
    return Office(starter, tmp_path)


def on_disk(folder: Path) -> str:
    return "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_nothing_of_a_person_is_left_in_any_room(office: Office, tmp_path: Path) -> None:
    known, stored = everything("starter"), on_disk(tmp_path)
    assert [text for text in PERSON if text not in known] == []
    assert "Ågård" in stored
    with writing() as work:
        wiring.erase(work, office.contact, [office.twin])
    office.catch_up()
    left = everything("starter")
    assert naming(left, (*PERSON, "twin@nordisk")) == []
    assert [text for text in (*PERSON, "twin@nordisk") if text in on_disk(tmp_path)] == []
    assert "Søndergård" in left
    assert "sondergard" in left, "words of others stay"
    assert on_disk(tmp_path).split() == ["Malerarbejde", "Malerarbejde"]
    assert [each.reader.email for each in View.objects.all() if each.reader] == ["aase@nordisk.example"]
    assert LooseFile.objects.count() == 0
    proof = Erasure.objects.get(record_id=office.soren)
    counts = {
        "files": 2,
        "document_links": 1,
        "document_readers": 1,
        "document_views": 1,
        "submissions": 1,
        "transfer_files": 3,
        "lists": 2,
        "mails": 1,
        "merged_records": 1,
    }
    assert proof.counts.items() >= counts.items()


def test_imports_and_exports_that_may_hold_the_person_end(office: Office) -> None:
    with writing() as work:
        wiring.erase(work, office.contact, [office.soren])
    reading = wiring.reading("starter", actor="cli", source="web")
    exporting.carry_on(office.under_way.pk, lambda portal, actor: reading)
    assert [run.state for run in ExportRun.objects.order_by("id")] == ["done", "cancelled"]
    assert [run.state for run in ImportRun.objects.order_by("id")] == ["done", "cancelled"]
    assert [run.preview for run in ImportRun.objects.all()] == [None, None]


def test_an_erasure_that_is_undone_leaves_every_file(office: Office, tmp_path: Path) -> None:
    before = (everything("starter"), on_disk(tmp_path))
    with pytest.raises(RuntimeError), writing() as work:
        wiring.erase(work, office.contact, [office.soren])
        raise RuntimeError
    assert (everything("starter"), on_disk(tmp_path)) == before


def test_redacting_forgets_the_words_too(office: Office) -> None:
    def words() -> set[str]:
        return {word for (word,) in work.rows(sql.SQL("select word from {}").format(work.table("_word")))} & {
            "sondergard",
            "vinther",
        }

    with writing() as work:
        write.update(work, office.contact, [(office.aase, {"lastname": "Vinther"})])
    office.catch_up()
    with writing() as work:
        assert words() == {"sondergard", "vinther"}
        redact.redact(work, office.contact, [office.aase], ["lastname"])
        assert words() == {"vinther"}


def test_purging_leaves_no_orphans(office: Office) -> None:
    with writing() as work:
        deal = work.catalog.object_type("deal")
        [facade] = write.create(work, deal, [{"dealname": "Facade"}])
        [double] = write.create(work, office.contact, [{"firstname": "Søren", "phone": "+45 12345678"}])
    office.catch_up()
    assert StageVisit.objects.filter(record_id=facade).exists()
    assert DuplicatePair.objects.filter(high_id=double).exists()
    with writing() as work:
        write.archive(work, office.contact, [office.soren, double])
        write.archive(work, deal, [facade])
    office.catch_up()
    with clock.fixed(clock.now() + timedelta(days=91)):
        jobs.purge_archived(0)
    gone = [office.soren, office.twin, double, facade]
    assert not StageVisit.objects.filter(record_id__in=gone).exists()
    assert not DuplicatePair.objects.exists()
    assert [each.record_id for each in Attachment.objects.exclude(record_id=None)] == [office.aase]
    assert [each.record_id for each in OutgoingMail.objects.all()] == [office.aase]
    work = wiring.reading("starter", actor="cli", source="web")
    for table, column in (
        ("_list_member", "record_id"),
        ("_duplicate_key", "record_id"),
        ("_association", "from_id"),
        ("_association", "to_id"),
        ("_merge", "kept_id"),
        ("_merge", "merged_id"),
    ):
        statement = sql.SQL("select {} from {}").format(sql.Identifier(column), work.table(table))
        assert [number for (number,) in work.rows(statement) if number in gone] == [], table
