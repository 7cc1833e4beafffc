"""Whether records may be changed by whoever's work it is: what they don't see isn't there for them.

The rows are held from then on, so that what was allowed stays so until they are changed.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, get_args

from psycopg import sql

from wonward.errors import Forbidden, Missing, Problem
from wonward.records.work import Work
from wonward.schema import ddl
from wonward.schema.catalog import ObjectType
from wonward.schema.seen import whose

Act = Literal["edit", "delete"]
_SAID: Mapping[Act, str] = {"edit": "edit", "delete": "archive or restore"}


def seen(work: Work, kind: ObjectType, ids: Sequence[int], act: Act) -> list[int]:
    """Hold records and return those that are there for whoever changes them, archived ones too.

    Raise Forbidden with the row of each that they see but may not edit or delete. Without a role that says
    otherwise all may, and nothing is asked.
    """
    found = allowed(work, kind, ids, act, hold=True)
    refused = [
        Problem(_refusal(work, kind, act), "NOT_ALLOWED", row=row, context={"id": number})
        for row, number in enumerate(ids)
        if found.get(number) is False
    ]
    if refused:
        raise Forbidden(refused)
    return list(found)


def there(work: Work, kind: ObjectType, ids: Sequence[int], act: Act) -> None:
    """Do as `seen`, and raise Missing with the row of each that isn't there."""
    refuse_absent(kind, ids, seen(work, kind, ids, act))


def refuse_absent(kind: ObjectType, ids: Sequence[int], present: Collection[int]) -> None:
    """Raise Missing with the row of each record that isn't among those present."""
    absent = [
        Problem(
            f"There is no {kind.label.lower()} {number}", "OBJECT_NOT_FOUND", row=row, context={"id": number}
        )
        for row, number in enumerate(ids)
        if number not in present
    ]
    if absent:
        raise Missing(absent)


def allowed(
    work: Work, kind: ObjectType, ids: Sequence[int], act: Act, *, hold: bool = False
) -> dict[int, bool]:
    """Return for each record that is there for somebody whether they may do this to it; `hold` locks them."""
    role = work.catalog.role
    said = role.on(kind.name) if role else None
    if said is None or said.view == getattr(said, act) == "everyone":
        return dict.fromkeys(ids, True)
    whole = work.whole.catalog.object_types[kind.name]
    statement = sql.SQL("select _id, {} from {} r where _id = any(%(ids)s) and {} order by _id{}").format(
        whose(whole, getattr(said, act), said.unassigned, "r"),
        ddl.table(work.catalog, kind.table),
        whose(whole, said.view, said.unassigned, "r"),
        sql.SQL(" for no key update" if hold else ""),
    )
    return {number: bool(may) for number, may in work.rows(statement, {"ids": sorted(set(ids))})}


def acts(work: Work, kind: ObjectType, record_id: int) -> frozenset[Act]:
    """Return what whoever looks at a record may do to it."""
    return frozenset(act for act in get_args(Act) if allowed(work, kind, [record_id], act).get(record_id))


def may_create(work: Work, kind: ObjectType) -> bool:
    """Tell whether whoever's work it is may create records of a type."""
    role = work.catalog.role
    return role is None or role.on(kind.name).create


def create(work: Work, kind: ObjectType) -> None:
    """Raise Forbidden unless whoever's work it is may create records of a type."""
    role = work.catalog.role
    if role is not None and not may_create(work, kind):
        raise Forbidden(
            f"Your role ({role.label}) may not create {kind.plural_label.lower()}; ask an admin of the portal for it",
            code="NOT_ALLOWED",
        )


def _refusal(work: Work, kind: ObjectType, act: Act) -> str:
    role = work.catalog.role
    extent = getattr(role.on(kind.name), act) if role else "everyone"
    whom = {
        "none": f"no {kind.plural_label.lower()}",
        "own": f"only {kind.plural_label.lower()} that you own",
        "team": f"only {kind.plural_label.lower()} that you or your teams own",
    }.get(extent, f"{kind.plural_label.lower()}")
    label = role.label if role else ""
    return (
        f"Your role ({label}) may {_SAID[act]} {whom}; ask the owner, or an admin of the portal for the right"
    )
