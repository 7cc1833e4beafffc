"""Finds the record that a row is about by the plan's key, and updates it or creates it."""

from collections.abc import Sequence

from wonward.errors import Conflict, Missing, Problem, placed
from wonward.records import unique, upsert, write
from wonward.records.importing.cells import Draft
from wonward.records.importing.mapping import Mode
from wonward.records.upsert import Upserted
from wonward.records.validate import canonical
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError


def store(
    work: Work, kind: ObjectType, key: Property | None, mode: Mode, drafts: Sequence[Draft]
) -> list[Upserted]:
    """Write a record a draft; raise a refusal with the row of each draft that can't be written.

    A key that isn't unique must be the value of one record at most. `mode` may keep rows from creating records
    or from updating them.
    """
    values = [draft.values for draft in drafts]
    if key is None:
        return [Upserted(number, True, True) for number in write.create(work, kind, values)]
    if key.unique and mode == "create_or_update":
        return upsert.upsert(work, kind, key, [(each[key.name], each) for each in values])
    ids = matches(work, kind, key, drafts)
    refuse_unwanted(kind, key, mode, drafts, ids)
    if key.read_only:
        values = [{name: value for name, value in each.items() if name != key.name} for each in values]
    stored: dict[int, Upserted] = {}
    fresh = [row for row, record_id in enumerate(ids) if record_id is None]
    known = [(row, record_id) for row, record_id in enumerate(ids) if record_id is not None]
    if fresh:
        with placed(fresh):
            made = write.create(work, kind, [values[row] for row in fresh])
        stored |= {row: Upserted(number, True, True) for row, number in zip(fresh, made, strict=True)}
    if known:
        with placed([row for row, _ in known]):
            changed = write.update(work, kind, [(record_id, values[row]) for row, record_id in known])
        stored |= {
            row: Upserted(record_id, False, differs)
            for (row, record_id), differs in zip(known, changed, strict=True)
        }
    return [stored[row] for row in range(len(drafts))]


def matches(work: Work, kind: ObjectType, key: Property, drafts: Sequence[Draft]) -> list[int | None]:
    """Return the live record that each draft's key names, None where there is none; raise Conflict for several."""
    wanted = [_canonical(key, draft.values[key.name]) for draft in drafts]
    found = unique.holders(work, kind, key, [value for value in wanted if value is not None])
    ids = [found.get(value or "", []) for value in wanted]
    problems = [
        Problem(
            f"{len(each)} {kind.plural_label.lower()} have the {key.label.lower()} '{wanted[row]}' "
            f"(ids {', '.join(map(str, each[:5]))}); merge or rename them, or choose another key",
            "AMBIGUOUS_KEY",
            key.name,
            row,
        )
        for row, each in enumerate(ids)
        if len(each) > 1
    ]
    if problems:
        raise Conflict(problems)
    return [each[0] if each else None for each in ids]


def refuse_unwanted(
    kind: ObjectType, key: Property, mode: Mode, drafts: Sequence[Draft], ids: Sequence[int | None]
) -> None:
    """Raise Missing or Conflict with the rows that the mode keeps from creating, or from updating, a record."""
    what = kind.label.lower()
    if mode == "create":
        there = [
            Problem(
                f"There is a {what} with the {key.label.lower()} '{draft.values[key.name]}' already (id {record_id}), "
                "and this import only makes new ones",
                "CONFLICT",
                key.name,
                row,
            )
            for row, (draft, record_id) in enumerate(zip(drafts, ids, strict=True))
            if record_id is not None
        ]
        if there:
            raise Conflict(there)
    if mode != "update" and not key.read_only:
        return
    named = "" if key.read_only else f" whose {key.label.lower()} is"
    end = "" if key.read_only else ", and this import makes no new ones"
    unknown = [
        Problem(f"There is no {what}{named} {draft.values[key.name]}{end}", "OBJECT_NOT_FOUND", key.name, row)
        for row, (draft, record_id) in enumerate(zip(drafts, ids, strict=True))
        if record_id is None
    ]
    if unknown:
        raise Missing(unknown)


def _canonical(key: Property, text: str) -> str | None:
    """Return a key as records hold it, None when it can be no value; writing it says why."""
    try:
        return canonical(key, text)
    except FieldError:
        return None
