"""Bringing files into the portal `starter`: what the tests of importing share."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from wonward import wiring
from wonward.records import query, write
from wonward.records.importing import mapping, run
from wonward.records.importing.mapping import ImportMap
from wonward.records.importing.summary import Preview, Result
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.definitions import ImportMapBody


class Importer:
    """Writes small files, imports them into a portal and looks at what came of it."""

    def __init__(self, portal: str, folder: Path) -> None:
        self.portal, self.folder = portal, folder

    def open_work(self) -> AbstractContextManager[Work]:
        return wiring.writing(self.portal, actor="user:1", source="import")

    def file(self, text: str | bytes, name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def map(self, object_type: str, **said: Any) -> ImportMap:
        return mapping.typed(ImportMapBody(object_type, **said), "test")

    def preview(self, text: str | Path, object_type: str, **said: Any) -> Preview:
        path = text if isinstance(text, Path) else self.file(text)
        return run.preview(self.open_work, path, object_type, self.map(object_type, **said))

    def run(self, text: str | Path, object_type: str, **said: Any) -> Result:
        path = text if isinstance(text, Path) else self.file(text)
        return run.run(self.open_work, path, object_type, self.map(object_type, **said))

    def work(self) -> Work:
        return wiring.reading(self.portal, actor="user:1", source="web")

    def records(self, object_type: str, *columns: str) -> list[tuple[Any, ...]]:
        work = self.work()
        found = query.rows(work, Query(work.catalog.object_type(object_type)), columns)
        return [tuple(row[1:]) for row in found]

    def create(self, object_type: str, *rows: dict[str, object]) -> list[int]:
        with self.open_work() as work:
            return write.create(work, work.catalog.object_type(object_type), rows)


@pytest.fixture
def importer(starter: str, tmp_path: Path) -> Importer:
    """Give a way to import small files into the portal `starter`."""
    return Importer(starter, tmp_path)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make a chunk so small that a few rows are several; give its size."""
    monkeypatch.setattr(run, "CHUNK", 3)
    return 3
