"""Loads one record for its pages: its values and its name, archived or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wonward.errors import Missing
from wonward.records import permission, query
from wonward.records.names import unnamed
from wonward.records.query import Query
from wonward.schema.catalog import ObjectType
from wonward.web.access import Visit


@dataclass(frozen=True, slots=True)
class Record:
    """A record with the canonical text of the properties that were asked for."""

    kind: ObjectType
    record_id: int
    name: str
    values: Mapping[str, str | None]
    archived: bool
    acts: frozenset[permission.Act] = frozenset()

    @property
    def editable(self) -> bool:
        """Whether whoever looks may change it."""
        return not self.archived and "edit" in self.acts

    @property
    def deletable(self) -> bool:
        """Whether whoever looks may archive it, or restore it when it is."""
        return "delete" in self.acts


def load(
    visit: Visit, plural: str, record_id: int, names: Sequence[str] | None = None, *, live: bool = False
) -> Record:
    """Return a record with the named properties, else all that aren't hidden; raise Missing.

    With `live`, archived records are missing too.
    """
    kind = visit.kind(plural)
    if names is None:
        names = [prop.name for prop in kind.properties.values() if not prop.hidden]
    columns = list(dict.fromkeys((*kind.display, *names)))
    for archived in (False,) if live else (False, True):
        found = query.rows(visit.work, Query(kind, ids=[record_id], archived=archived), columns)
        if found:
            values = dict(zip(columns, found[0][1:], strict=True))
            name = " ".join(part for part in found[0][1 : 1 + len(kind.display)] if part)
            acts = permission.acts(visit.work, kind, record_id)
            return Record(kind, record_id, name or unnamed(kind, record_id), values, archived, acts)
    raise Missing(f"There is no {kind.label.lower()} {record_id}", code="OBJECT_NOT_FOUND")
