"""A folder of its own for each test's files, a company to attach them to, and a way to attach one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from wonward import settings as own
from wonward import wiring
from wonward.accounts.models import Portal
from wonward.records import write
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def use(settings: Any, url: str, folder: Path | None = None) -> None:
    """Make the storage that a setting describes the one of this test."""
    described = own.files(url)
    if folder:
        described["OPTIONS"] = {**described["OPTIONS"], "location": folder}  # type: ignore[dict-item]
    settings.STORAGES = {**settings.STORAGES, "files": described}


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder that files are kept in."""
    place = tmp_path / "files"
    use(settings, "", place)
    return place


@pytest.fixture
def portal_id(starter: str) -> int:
    """The number of the portal `starter`."""
    return Portal.objects.get(name=starter).pk


@pytest.fixture
def nordisk(writing: Writing) -> int:
    """Nordisk Måleri A/S."""
    with writing() as work:
        return write.create(work, work.catalog.object_type("company"), [{"name": "Nordisk Måleri A/S"}])[0]


@pytest.fixture
def reading(starter: str) -> Work:
    """Work that reads the portal."""
    return wiring.reading(starter, actor="user:1", source="web")


@pytest.fixture
def attaching(writing: Writing, portal_id: int, nordisk: int, reading: Work) -> Callable[..., Any]:
    """Give a function that attaches a file to Nordisk Måleri A/S."""
    from wonward.attachments import attach

    def attached(name: str, content: bytes, to: int = nordisk) -> Any:
        about = (reading.catalog.object_type("company"), to)
        return attach.attach(writing, portal_id, about, name, ContentFile(content))

    return attached
