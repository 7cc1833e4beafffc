"""Imports that are cut short, killed, or started twice: run again they end with the same numbers."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from wonward.errors import Conflict
from wonward.records.importing import errors_file, run
from wonward.records.models import ImportProblem, ImportRun

from .conftest import Importer

ROWS = 10


class Cut(Exception):
    """The power went."""


def cut_after(step: int) -> run.Progress:
    def tell(done: int, total: int) -> None:
        if done >= step:
            raise Cut

    return tell


def text(rows: int = ROWS) -> str:
    """Return companies of which the fourth is wrong and every other is a subsidiary of the one after it."""
    lines = ["name,numberofemployees,parent company"]
    for number in range(rows):
        parent = f"Nr. {number + 1}" if number % 2 and number + 1 < rows else ""
        lines.append(f"Nr. {number},{'many' if number == 3 else number},{parent}")
    return "\n".join(lines) + "\n"


def outcome(importer: Importer) -> tuple[object, ...]:
    work = importer.work()
    table = work.table("_association").as_string(None)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*), count(*) filter (where 14 = any(labels)) from {table}")
        links = cursor.fetchone()
    return sorted(importer.records("company", "name", "numberofemployees")), links


@pytest.mark.parametrize("step", [3, 6, 10, 13, 19, 20])
def test_an_import_cut_short_anywhere_goes_on_where_it_stopped(
    importer: Importer, small_chunks: int, step: int
) -> None:
    path, said = importer.file(text()), importer.map("company", key="name")
    with pytest.raises(Cut):
        run.run(importer.open_work, path, "company", said, cut_after(step))
    unfinished = ImportRun.objects.get()
    assert unfinished.ended_at is None
    assert unfinished.position >= step
    found = run.run(importer.open_work, path, "company", said)
    assert found.continued
    assert (found.counts.created, found.counts.refused, found.counts.incomplete) == (9, 1, 0)
    assert [each.line for each in found.problems] == [5]
    assert ImportRun.objects.get().ended_at
    names = [f"Nr. {number}" for number in range(ROWS) if number != 3]
    assert outcome(importer) == (sorted((name, name[4:]) for name in names), (6, 3))
    with path.with_name("file.errors.csv").open(encoding="utf-8-sig") as file:
        assert file.read().splitlines()[1].startswith("Nr. 3,many,Nr. 4,5,numberofemployees,")


def test_a_file_without_a_key_goes_on_too(importer: Importer, small_chunks: int) -> None:
    lines = "hs_note_body,hs_timestamp\n" + "".join(f"Note {number},2017-12-31\n" for number in range(7))
    path, said = importer.file(lines), importer.map("note", key="none")
    with pytest.raises(Cut):
        run.run(importer.open_work, path, "note", said, cut_after(3))
    other = importer.map("note", key="none", columns={"hs_timestamp": {"date": "dmy"}})
    found = run.run(importer.open_work, path, "note", other)
    assert (found.continued, found.counts.created) == (True, 7)
    assert sorted(importer.records("note", "hs_note_body")) == [(f"Note {number}",) for number in range(7)]


def test_another_map_starts_from_the_beginning(importer: Importer, small_chunks: int) -> None:
    path = importer.file("name,town\n" + "".join(f"Nr. {number},Ribe\n" for number in range(5)))
    with pytest.raises(Cut):
        run.run(importer.open_work, path, "company", importer.map("company", key="name"), cut_after(3))
    mended = importer.map("company", key="name", columns={"town": "city"})
    found = run.run(importer.open_work, path, "company", mended)
    assert (found.continued, found.counts.created, found.counts.updated) == (False, 2, 3)
    assert set(importer.records("company", "city")) == {("Ribe",)}


def test_definitions_that_change_meanwhile_stop_the_import_and_it_goes_on(
    importer: Importer, small_chunks: int
) -> None:
    from wonward.accounts.models import Portal

    def change(done: int, total: int) -> None:
        portal = Portal.objects.get(name=importer.portal)
        portal.catalog_version += 1
        portal.save()

    path, said = importer.file(text(5)), importer.map("company", key="name")
    with pytest.raises(Conflict, match="definitions were changed during the import"):
        run.run(importer.open_work, path, "company", said, change)
    assert run.run(importer.open_work, path, "company", said).counts.created == 4


def test_errors_that_cant_be_written_lose_nothing(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wonward.errors import Refusal

    path, said = importer.file(text()), importer.map("company", key="name")
    with pytest.raises(Refusal, match="everything else was imported"):
        run.run(importer.open_work, path, "company", said, errors_to=importer.folder / "none" / "errors.csv")
    assert len(importer.records("company")) == 9
    assert run.run(importer.open_work, path, "company", said).errors_file == errors_file.path_for(path)
    assert ImportProblem.objects.count() == 1


KILLED = """
import os, sys, time
import django
django.setup()
from pathlib import Path
from wonward import wiring
from wonward.records.importing import mapping, run
from wonward.schema.definitions import ImportMapBody
run.CHUNK = 20
def tell(done, total):
    print(done, flush=True)
    time.sleep(0.05)
run.run(
    lambda: wiring.writing("starter", actor="user:1", source="import"), Path(sys.argv[1]), "company",
    mapping.typed(ImportMapBody("company", key="name"), "test"), tell,
)
"""


def _address() -> str:
    """Return the test database's address, for another process."""
    known = connection.settings_dict
    host, port = quote(str(known["HOST"])), known["PORT"] or 5432
    return f"postgresql://{quote(known['USER'])}@/{known['NAME']}?host={host}&port={port}"


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_run_again(importer: Importer) -> None:
    path = importer.file(text(400))
    environment = {**os.environ, "DATABASE_URL": _address()}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if int(line) >= 100:
                with pytest.raises(Conflict, match="are being imported into starter already"):
                    importer.run(path, "company", key="name")
                process.send_signal(signal.SIGKILL)
                break
    half = ImportRun.objects.get()
    assert half.ended_at is None
    assert 100 <= half.position < 800
    assert len(importer.records("company")) < 399 or half.position >= 400
    found = importer.run(path, "company", key="name")
    assert found.continued
    assert (found.counts.created, found.counts.refused, found.counts.incomplete) == (399, 1, 0)
    assert len(set(importer.records("company", "name"))) == len(importer.records("company")) == 399
    again = importer.run(path, "company", key="name")
    assert (again.counts.created, again.counts.updated, again.counts.unchanged) == (0, 0, 399)


def test_the_lock_is_let_go_when_an_import_fails(importer: Importer, tmp_path: Path) -> None:
    path, said = importer.file(text()), importer.map("company", key="name")
    for _ in range(2):
        with pytest.raises(Cut):
            run.run(importer.open_work, path, "company", said, cut_after(1))
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and classid = 7701")
        assert cursor.fetchone() == (0,)
