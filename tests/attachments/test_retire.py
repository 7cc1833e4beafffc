"""The end of files: with their record, long after their removal, or with a person who is erased; and merges."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from wonward import clock, wiring
from wonward.attachments import attach, move, retire
from wonward.attachments.models import Attachment, LooseFile
from wonward.records import write
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.work import Work
from wonward.worker import jobs

from .samples import PDF, PNG

pytestmark = pytest.mark.django_db(transaction=True)
Attaching = Callable[..., Attachment]
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def stored(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_removed_files_are_kept_ninety_days(
    attaching: Attaching, folder: Path, nordisk: int, reading: Work, writing: Any
) -> None:
    company = reading.catalog.object_type("company")
    kept = attaching("facade.png", PNG)
    gone = attaching("plan.pdf", PDF)
    with clock.fixed(THEN), writing() as work:
        attach.remove(work, company, nordisk, gone.pk)
    for days, left in ((89, 2), (91, 1)):
        with clock.fixed(THEN + timedelta(days=days)):
            jobs.purge_files(0)
        assert stored(folder) == left
    assert list(Attachment.objects.all()) == [kept]


def test_files_go_with_their_record(
    attaching: Attaching, folder: Path, nordisk: int, reading: Work, writing: Any
) -> None:
    company = reading.catalog.object_type("company")
    attaching("plan.pdf", PDF)
    with clock.fixed(THEN), writing() as work:
        write.archive(work, company, [nordisk])
    jobs.purge_files(0)
    assert stored(folder) == 1, "an archived record may be restored"
    with clock.fixed(THEN + timedelta(days=91)):
        jobs.purge_archived(0)
        jobs.purge_files(0)
    assert stored(folder) == 0
    assert LooseFile.objects.count() == 0


def test_erasing_records_erases_their_files_and_no_others(
    attaching: Attaching, folder: Path, nordisk: int, writing: Any, reading: Work
) -> None:
    with writing() as work:
        [havn] = write.create(work, reading.catalog.object_type("company"), [{"name": "Havn & Co"}])
    attaching("plan.pdf", PDF)
    attaching("havn.pdf", PDF, to=havn)
    removed = attaching("facade.png", PNG)
    with writing() as work:
        attach.remove(work, reading.catalog.object_type("company"), nordisk, removed.pk)
    with writing() as work:
        assert retire.erase(work, [nordisk]) == 2
        assert stored(folder) == 3, "files go once it is certain"
    assert [each.name for each in Attachment.objects.all()] == ["havn.pdf"]
    assert stored(folder) == 1


def test_an_erasure_that_is_undone_keeps_the_files(
    attaching: Attaching, folder: Path, nordisk: int, writing: Any
) -> None:
    attaching("plan.pdf", PDF)
    with pytest.raises(RuntimeError), writing() as work:
        retire.erase(work, [nordisk])
        raise RuntimeError
    assert stored(folder) == 1
    assert Attachment.objects.count() == 1


def test_a_merge_takes_the_files_along_and_its_undoing_back(
    attaching: Attaching, folder: Path, nordisk: int, writing: Any, reading: Work
) -> None:
    company = reading.catalog.object_type("company")
    with writing() as work:
        [havn] = write.create(work, company, [{"name": "Havn & Co"}])
    attaching("plan.pdf", PDF)
    attaching("havn.pdf", PDF, to=havn)
    with writing() as work:
        moved = move.move(work, [havn], company, nordisk)
    assert {each.name for each in attach.of_record(reading, nordisk)} == {"plan.pdf", "havn.pdf"}
    with writing() as work:
        move.give(work, moved, company, havn)
    assert [each.name for each in attach.of_record(reading, havn)] == ["havn.pdf"]


def test_whoever_is_erased_or_merged_is_so_with_all_files(
    attaching: Attaching, folder: Path, nordisk: int, writing: Any, reading: Work
) -> None:
    company = reading.catalog.object_type("company")
    with writing() as work:
        [havn] = write.create(work, company, [{"name": "Havn & Co"}])
    attaching("Ågård.pdf", PDF, to=havn)
    for undone in (True, False):
        with writing() as work:
            [done] = merge(work, company, nordisk, [havn])
        assert [each.name for each in attach.of_record(reading, nordisk)] == ["Ågård.pdf"]
        if undone:
            with writing() as work:
                unmerge(work, done.merge_id)
            assert [each.name for each in attach.of_record(reading, havn)] == ["Ågård.pdf"]
    with writing() as work:
        wiring.erase(work, company, [nordisk])
    assert (Attachment.objects.count(), stored(folder)) == (0, 0)
    [[told]] = reading.rows(
        sql.SQL("select string_agg(diff::text, '') from {}").format(reading.table("_change"))
    )
    assert "Ågård" not in told
