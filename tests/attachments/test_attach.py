"""Attaching files: once, visible when whole, told in the change log, gone without a trace when refused."""

import hashlib
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from wonward import clock
from wonward.attachments import attach, storage
from wonward.attachments.models import Attachment, LooseFile
from wonward.errors import Invalid, Missing
from wonward.records import history, write
from wonward.records.work import Work

from .samples import PDF, PNG

pytestmark = pytest.mark.django_db
Attaching = Callable[..., Attachment]


def stored(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def told(work: Work, record_id: int) -> list[tuple[str, str]]:
    entries = history.of_record(work, record_id)
    return [(each.kind, each.diff["name"]) for each in entries if each.kind in ("attached", "detached")]


def test_a_file_is_kept_as_it_was_and_told_in_the_history(
    attaching: Attaching, folder: Path, nordisk: int, reading: Work
) -> None:
    attaching("Måleraftale Ågård.pdf", PDF)
    [found] = attach.of_record(reading, nordisk)
    assert (found.name, found.size, found.media_type) == (
        "Måleraftale Ågård.pdf",
        len(PDF),
        "application/pdf",
    )
    assert (found.digest, found.uploaded_by, found.scan) == (
        hashlib.sha256(PDF).hexdigest(),
        "user:1",
        "unscanned",
    )
    with attach.opened(found) as opened:
        assert opened.read() == PDF
    [entry] = [each for each in history.of_record(reading, nordisk) if each.kind == "attached"]
    assert entry.diff == {"file": found.pk, "name": "Måleraftale Ågård.pdf", "size": len(PDF)}
    assert LooseFile.objects.count() == 0


def test_on_disk_a_file_has_a_name_of_ours_and_is_its_owners_alone(
    attaching: Attaching, folder: Path
) -> None:
    attachment = attaching("../../../escape.pdf", PDF)
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    assert path == folder / attachment.key
    assert attachment.key.split("/")[0] == str(attachment.portal_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_file_sent_twice_is_attached_once(attaching: Attaching, folder: Path, nordisk: int) -> None:
    first, again = attaching("plan.pdf", PDF), attaching("plan.pdf", PDF)
    assert first == again
    assert stored(folder) == [PDF]
    attaching("plan b.pdf", PDF)
    assert Attachment.objects.filter(record_id=nordisk).count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_at_once_is_attached_once(
    attaching: Attaching, folder: Path, in_threads: Callable[..., list[Any]]
) -> None:
    found = in_threads(lambda _: attaching("plan.pdf", PDF).pk, range(4))
    assert len(set(found)) == 1
    assert stored(folder) == [PDF]
    assert LooseFile.objects.count() == 0


def test_a_removed_file_can_be_put_back(
    attaching: Attaching, folder: Path, nordisk: int, reading: Work, writing: Any
) -> None:
    number = attaching("plan.pdf", PDF).pk
    company = reading.catalog.object_type("company")
    with writing() as work:
        attach.remove(work, company, nordisk, number)
    assert attach.of_record(reading, nordisk) == []
    with pytest.raises(Missing):
        attach.one(reading, nordisk, number)
    with writing() as work:
        attach.restore(work, company, nordisk, number)
    assert [each.pk for each in attach.of_record(reading, nordisk)] == [number]
    assert told(reading, nordisk) == [
        ("attached", "plan.pdf"),
        ("detached", "plan.pdf"),
        ("attached", "plan.pdf"),
    ]


def test_a_refused_file_leaves_nothing(
    attaching: Attaching, folder: Path, settings: Any, nordisk: int, reading: Work, writing: Any
) -> None:
    settings.WONWARD_FILE_MEGABYTES = 1
    settings.WONWARD_FILES_PER_RECORD = 1
    company = reading.catalog.object_type("company")
    with pytest.raises(Invalid, match=r"stor.pdf is too large; a file may have 1 MB at most"):
        attaching("stor.pdf", PDF + b"\0" * 1024 * 1024)
    with pytest.raises(Invalid, match=r"tom.pdf is empty"):
        attaching("tom.pdf", b"")
    with pytest.raises(Invalid, match=r"isn't a .pdf file inside"):
        attaching("plan.pdf", PNG)
    first = attaching("plan.pdf", PDF)
    with pytest.raises(Invalid, match="A record may have 1 files at most"):
        attaching("facade.png", PNG)
    with writing() as work:
        attach.remove(work, company, nordisk, first.pk)
    attaching("facade.png", PNG)
    with pytest.raises(Invalid, match="A record may have 1 files at most"), writing() as work:
        attach.restore(work, company, nordisk, first.pk)
    with writing() as work:
        write.archive(work, company, [nordisk])
    with pytest.raises(Missing):
        attaching("roof.png", PNG)
    assert sorted(stored(folder)) == sorted([PDF, PNG])
    assert LooseFile.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_several_at_once_never_pass_the_limit(
    attaching: Attaching, folder: Path, settings: Any, in_threads: Callable[..., list[Any]], nordisk: int
) -> None:
    settings.WONWARD_FILES_PER_RECORD = 2

    def one(number: int) -> bool:
        try:
            attaching(f"plan {number}.pdf", PDF)
        except Invalid:
            return False
        return True

    assert sum(in_threads(one, range(5))) == 2
    assert len(stored(folder)) == 2


def test_a_crash_before_the_commit_leaves_a_file_that_is_collected(
    attaching: Attaching, folder: Path, monkeypatch: Any, nordisk: int
) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(attach.log, "append", power_cut)
        with pytest.raises(KeyboardInterrupt):
            attaching("plan.pdf", PDF)
    assert stored(folder) == [PDF]
    assert Attachment.objects.count() == 0
    assert storage.collect() == 0, "an upload may be under way"
    with clock.fixed(clock.now() + timedelta(days=1, minutes=1)):
        assert storage.collect() == 1
        assert storage.collect() == 0
    assert stored(folder) == []


def test_a_crash_while_the_file_is_written_is_collected_too(
    attaching: Attaching, folder: Path, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(storage.Folder, "save", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            attaching("plan.pdf", PDF)
    assert Attachment.objects.count() == 0
    with clock.fixed(clock.now() + timedelta(days=2)):
        assert storage.collect() == 1, "what was never written is as good as deleted"


def test_a_file_missing_in_the_storage_is_said_to_be(attaching: Attaching, folder: Path) -> None:
    attachment = attaching("plan.pdf", PDF)
    (folder / attachment.key).unlink()
    with pytest.raises(Missing, match=r"plan.pdf is missing in the storage"):
        attach.opened(attachment)
