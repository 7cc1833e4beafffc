"""Finds the records that cells name, all of a chunk at once and each name once a run."""

from collections.abc import Iterable, Mapping, Sequence

from psycopg import sql

from wonward.errors import Problem
from wonward.records import unique
from wonward.records.importing.cells import Draft
from wonward.records.importing.columns import Column
from wonward.records.importing.headings import Reference
from wonward.records.importing.spelling import meant
from wonward.records.validate import canonical
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.field_types.registry import FIELD_TYPES

_REMEMBERED = 100_000
"""Names that are kept for the rest of a run, with the records that have them."""

_HINTS = 50
"""Different unknown names a run looks for similar ones of; each costs a pass over a table."""


class References:
    """The records that reference columns name. `expected` are names that rows of the file itself will have."""

    def __init__(self, columns: Sequence[Column], expected: Mapping[int, frozenset[str]]) -> None:
        self._columns = {column.place: column.reference for column in columns if column.reference}
        self._headers = {column.place: column.header for column in columns}
        self._expected = expected
        self._ids: dict[int, dict[str, list[int]]] = {place: {} for place in self._columns}
        self._hints: dict[tuple[int, str], str] = {}

    def look_up(self, work: Work, drafts: Iterable[Draft]) -> None:
        """Find the records of all names in `drafts`, and add a problem to drafts that name none or several."""
        drafts = list(drafts)
        for place, reference in self._columns.items():
            asked = {text for draft in drafts for text in draft.references.get(place, ())}
            self._find(work, place, reference, asked)
        for draft in drafts:
            for place, texts in draft.references.items():
                found = (self._problem(work, place, text) for text in texts)
                draft.problems += [problem for problem in found if problem]

    def id_of(self, place: int, text: str) -> int | None:
        """Return the record a name was found to mean, None while a row of the file has yet to become it."""
        ids = self._ids[place].get(text, ())
        return ids[0] if len(ids) == 1 else None

    def _find(self, work: Work, place: int, reference: Reference, texts: set[str]) -> None:
        known = self._ids[place]
        if len(known) > _REMEMBERED:
            known.clear()
        by_value: dict[str, list[str]] = {}
        for text in texts - known.keys():
            known[text] = []
            value = _canonical(reference.by, text)
            if value is not None:
                by_value.setdefault(value, []).append(text)
        if by_value:
            for value, ids in unique.holders(work, reference.kind, reference.by, list(by_value)).items():
                for text in by_value[value]:
                    known[text] = ids

    def _problem(self, work: Work, place: int, text: str) -> Problem | None:
        ids = self._ids[place][text]
        reference = self._columns[place]
        kind, by = reference.kind, reference.by
        if len(ids) == 1 or (not ids and _canonical(by, text) in self._expected.get(place, ())):
            return None
        context = {"column": self._headers[place]}
        if ids:
            message = (
                f"{len(ids)} {kind.plural_label.lower()} have the {by.label.lower()} '{text}'; "
                "give the one that is meant a name of its own, or refer to it by a unique property"
            )
            return Problem(message, "AMBIGUOUS_REFERENCE", context=context)
        hint = self._hint(work, place, reference, text)
        message = f"There is no {kind.label.lower()} whose {by.label.lower()} is '{text}'{hint}"
        return Problem(message, "OBJECT_NOT_FOUND", context=context)

    def _hint(self, work: Work, place: int, reference: Reference, text: str) -> str:
        if (place, text) not in self._hints:
            if len(self._hints) >= _HINTS or FIELD_TYPES[reference.by.type].family != "text":
                return ""
            self._hints[place, text] = meant(text, _similar(work, reference.kind, reference.by, text))
        return self._hints[place, text]


def _similar(work: Work, kind: ObjectType, by: Property, text: str) -> list[str]:
    """Return the few values of a property that look most like `text`."""
    statement = sql.SQL("""
        select {column} from {table} r where _archived_at is null and {column} is not null
        group by 1 order by public.similarity({column}, %(text)s) desc, 1 limit 10""").format(
        column=sql.Identifier(by.seen().column), table=work.table(kind.table)
    )
    return [value for (value,) in work.rows(statement, {"text": text})]


def _canonical(by: Property, text: str) -> str | None:
    """Return a name as records hold it, None when no record can have it."""
    try:
        return canonical(by, text)
    except FieldError:
        return None
