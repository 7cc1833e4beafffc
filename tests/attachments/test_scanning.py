"""The virus scan: before a file is visible, and never skipped when the scanner is away."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wonward.attachments import attach, late_scan, scanning
from wonward.attachments.models import Attachment
from wonward.errors import Invalid, Missing
from wonward.records import history
from wonward.records.work import Work

from .clamd import VIRUS, Scanner, nobody, scanner
from .samples import PDF

pytestmark = pytest.mark.django_db
Attaching = Callable[..., Attachment]


@pytest.fixture
def clam(settings: Any) -> Iterator[Scanner]:
    """A scanner that the settings name."""
    with scanner() as (address, running):
        settings.WONWARD_VIRUS_SCAN = address
        yield running


def test_the_scanner_sees_the_whole_file_first(attaching: Attaching, folder: Path, clam: Scanner) -> None:
    content = PDF + b"x" * (scanning.CHUNK + 10)
    assert attaching("plan.pdf", content).scan == "clean"
    assert clam.heard == [content]


def test_a_socket_of_the_machine_does_too(
    attaching: Attaching, folder: Path, tmp_path: Path, settings: Any
) -> None:
    with scanner(tmp_path / "clamd.ctl") as (address, running):
        settings.WONWARD_VIRUS_SCAN = address
        assert attaching("plan.pdf", PDF).scan == "clean"
    assert running.heard == [PDF]


def test_an_infected_file_is_refused_with_the_reason(
    attaching: Attaching, folder: Path, clam: Scanner
) -> None:
    with pytest.raises(Invalid, match=r"faktura.txt wasn't taken: .* found Eicar-Signature in it") as refused:
        attaching("faktura.txt", VIRUS)
    assert refused.value.problems[0].code == "FILE_INFECTED"
    assert Attachment.objects.count() == 0
    assert not list(folder.rglob("*"))


@pytest.mark.parametrize(
    "says", [b"", b"stream: OK", b"INSTREAM: ERROR\0", b"stream: OK maybe\0", b"UNKNOWN COMMAND\0"]
)
def test_no_verdict_is_never_taken_for_a_good_one(
    attaching: Attaching, folder: Path, clam: Scanner, says: bytes
) -> None:
    clam.says = says
    with pytest.raises(scanning.ScannerAway, match="no file can be attached now") as away:
        attaching("plan.pdf", PDF)
    assert away.value.problems[0].code == "VIRUS_SCAN_AWAY"
    assert Attachment.objects.count() == 0


def test_a_file_too_large_for_the_scanner_is_refused(
    attaching: Attaching, folder: Path, clam: Scanner
) -> None:
    clam.largest = 1000
    with pytest.raises(scanning.ScannerAway, match=r"size limit exceeded|broken|reset"):
        attaching("plan.pdf", PDF + b"x" * 3 * scanning.CHUNK)
    assert Attachment.objects.count() == 0


def test_without_the_scanner_files_are_refused(attaching: Attaching, folder: Path, settings: Any) -> None:
    settings.WONWARD_VIRUS_SCAN = nobody()
    with pytest.raises(scanning.ScannerAway, match="refused"):
        attaching("plan.pdf", PDF)
    settings.WONWARD_VIRUS_SCAN = f"clamd://{folder}/nothing.ctl"
    with pytest.raises(scanning.ScannerAway, match="No such file"):
        attaching("plan.pdf", PDF)
    assert Attachment.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_files_may_wait_for_the_scanner_and_are_given_out_once_they_are_clean(
    attaching: Attaching,
    folder: Path,
    settings: Any,
    portal_id: int,
    writing: Any,
    nordisk: int,
    reading: Work,
) -> None:
    settings.WONWARD_VIRUS_SCAN, settings.WONWARD_VIRUS_SCAN_AWAY = nobody(), "wait"
    attaching("plan.pdf", PDF)
    attaching("faktura.txt", VIRUS)
    for waiting in attach.of_record(reading, nordisk):
        assert waiting.scan == "waiting"
        with pytest.raises(Missing, match="hasn't been scanned"):
            attach.opened(waiting)
    assert late_scan.scan_waiting(portal_id, writing) == 0
    with scanner() as (address, _):
        settings.WONWARD_VIRUS_SCAN = address
        assert late_scan.scan_waiting(portal_id, writing) == 2
        assert late_scan.scan_waiting(portal_id, writing) == 0
    [plan] = attach.of_record(reading, nordisk)
    assert (plan.name, plan.scan) == ("plan.pdf", "clean")
    assert [path.read_bytes() for path in folder.rglob("*") if path.is_file()] == [PDF]
    last = history.of_record(reading, nordisk)[0]
    assert (last.kind, last.diff["name"], last.diff["infected"]) == ("detached", "faktura.txt", True)
