"""Keeps what is used from being removed, and what is locked from being changed, naming all that depends on it."""

from collections.abc import Mapping
from typing import Any

from wonward.blueprints import where_used
from wonward.errors import Invalid, Problem
from wonward.schema.catalog import Catalog
from wonward.schema.load import is_system
from wonward.schema.plan import Bodies, Plan


def refuse_used(before: Catalog, now: Catalog, present: Bodies, documents: Bodies) -> None:
    """Raise Invalid when what would go is still used by definitions that stay; `documents` are as they will stand."""
    gone = where_used.targets(before, present) - where_used.targets(now, documents)
    if not gone:
        return
    users: dict[where_used.Target, list[where_used.Use]] = {}
    for use in where_used.uses(before, documents):
        if use.target in gone:
            users.setdefault(use.target, []).append(use)
    if users:
        raise Invalid(
            Problem(
                f"{kind} {name} is still used by {where_used.listed(found)}; take it out there, or in the same apply",
                "DEFINITION_IN_USE",
                context={"used_by": [str(use) for use in found]},
            )
            for (kind, name), found in sorted(users.items())
        )


def refuse_locked(catalog: Catalog, present: Bodies, planned: Plan) -> None:
    """Raise Invalid when a system definition would be changed or removed, showing everything that depends on it."""
    problems = []
    for change in planned.changes:
        body = present.get(change.key)
        if body is None or not _locked(change.name, body):
            continue
        found = [use for use in where_used.uses(catalog, present) if use.target == change.key]
        problems.append(
            Problem(
                f"{change.kind} {change.name} is locked, since the system relies on it. It is used by "
                f"{where_used.listed(found)}. An admin who must change it insists",
                "SYSTEM_DEFINITION",
                context={"used_by": [str(use) for use in found]},
            )
        )
    if problems:
        raise Invalid(problems)


def _locked(name: str, body: Mapping[str, Any]) -> bool:
    own = name.partition(".")[2] or name
    return is_system(own, str(body.get("label", "")), said=bool(body.get("system")))
