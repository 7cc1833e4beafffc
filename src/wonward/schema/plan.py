"""The typed difference between the definitions a portal has and those a blueprint wants. Pure.

Removing needs a tombstone; a definition that the blueprint merely doesn't mention is drift, shown and left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from wonward.errors import Problem

Key = tuple[str, str]
Bodies = Mapping[Key, Mapping[str, Any]]
_ABSENT = object()

SAME_STORAGE = ({"text", "long_text", "email", "phone", "url", "enumeration"}, {"number", "currency"})
"""Field types whose columns are alike, so that a change between them alters no data."""

TO_TEXT = {"text", "long_text"}
"""Field types that every value can become without loss."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in a body that changes: a dotted path, what stands there and what will; None for nothing."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One definition created, changed or removed. `loses` says what data it would destroy, if any.

    `findings` are what looking at the records showed, a line each: values that convert or break a new rule.
    """

    action: Literal["create", "change", "remove"]
    kind: str
    name: str
    differences: tuple[Difference, ...] = ()
    loses: str = ""
    findings: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The document's key."""
        return self.kind, self.name


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying would do, and the definitions that stand in the portal alone."""

    changes: tuple[Change, ...]
    drift: tuple[Key, ...]

    @property
    def destructive(self) -> tuple[Change, ...]:
        """The changes that would destroy data."""
        return tuple(change for change in self.changes if change.loses)


def plan(present: Bodies, wanted: Bodies, tombstones: frozenset[Key]) -> Plan:
    """Compare what a portal has with what is wanted; `tombstones` are the keys to remove."""
    removed = tombstones & present.keys()
    gone = {name for kind, name in removed if kind == "object_type"}
    removed |= {key for key, body in present.items() if gone & object_types(key, body)}
    changes = (
        *(_created(key) for key in wanted if key not in present),
        *(
            change
            for key in wanted
            if key in present and key not in removed and (change := _changed(key, present[key], wanted[key]))
        ),
        *(_removed(key, present[key]) for key in present if key in removed),
    )
    drift = tuple(key for key in present if key not in wanted and key not in removed)
    return Plan(changes, drift)


def after(present: Bodies, wanted: Bodies, planned: Plan) -> dict[Key, Mapping[str, Any]]:
    """Return the definitions as they will stand once the plan is applied."""
    removed = {change.key for change in planned.changes if change.action == "remove"}
    return {key: body for key, body in {**present, **wanted}.items() if key not in removed}


def contradictions(wanted: Bodies, tombstones: frozenset[Key]) -> list[Problem]:
    """Return a problem for each definition that is both given and removed."""
    return [
        Problem(
            f"{kind} {name} is both defined and under 'removed:'; keep one of the two", "INVALID_DEFINITION"
        )
        for kind, name in sorted(tombstones & wanted.keys())
    ]


def object_types(key: Key, body: Mapping[str, Any]) -> set[str]:
    """Return the object types that a definition needs, and goes with."""
    kind, name = key
    if kind == "association":
        return {body["from"], body["to"]}
    if kind in ("list", "mail_template", "view"):
        return {body["object"]}
    if kind == "metric":
        return {body["object"]} if body.get("object") else set()
    if kind in ("sequence", "form"):
        return {"contact"}
    return {name.partition(".")[0]} if kind in ("property", "pipeline", "workflow") else set()


def _created(key: Key) -> Change:
    return Change("create", *key)


def _removed(key: Key, body: Mapping[str, Any]) -> Change:
    kind, name = key
    loses = {
        "object_type": f"every {name} record",
        "property": f"every value of {name}",
        "association": f"every {name} association",
        "pipeline": f"the pipeline of the records in {name}",
        "list": "" if body.get("filter") else f"which records are in {name}",
    }.get(kind, "")
    return Change("remove", kind, name, loses=loses)


def _changed(key: Key, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change | None:
    differences = tuple(_differences("", old, new))
    if not differences:
        return None
    return Change("change", *key, differences, _loss(key, old, new))


def _differences(path: str, old: Any, new: Any) -> Iterator[Difference]:
    """Walk two bodies; lists of named things (options, stages) are compared by their name."""
    old_parts, new_parts = _parts(old), _parts(new)
    if old_parts is None or new_parts is None:
        if old != new:
            yield Difference(path, _shown(old), _shown(new))
        return
    for name in dict.fromkeys((*old_parts, *new_parts)):
        yield from _differences(
            f"{path}.{name}" if path else name,
            old_parts.get(name, _ABSENT),
            new_parts.get(name, _ABSENT),
        )
    common = [name for name in old_parts if name in new_parts]
    if (isinstance(old, list) or path == "groups") and common != [
        name for name in new_parts if name in old_parts
    ]:
        yield Difference(f"{path} order", list(old_parts), list(new_parts))


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list) and value and all(_named(item) for item in value):
        return {str(item.get("value", item.get("name"))): item for item in value}
    return None


def _named(item: Any) -> bool:
    return isinstance(item, Mapping) and bool({"value", "name"} & item.keys())


def _shown(value: Any) -> Any:
    return None if value is _ABSENT else value


def _loss(key: Key, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    kind, name = key
    if kind == "property":
        if new.get("expression") and not old.get("expression"):
            return f"every value of {name}, which would be calculated instead"
        before, now = old.get("type"), new.get("type")
        alike = any({before, now} <= group for group in SAME_STORAGE) or now in TO_TEXT
        if before != now and not alike:
            return f"the values of {name} that are no {now}"
        gone = _names(old, "options", "value") - _names(new, "options", "value")
        return f"the option {', '.join(sorted(gone))} of {name}" if gone and now == before else ""
    if kind == "pipeline":
        gone = _names(old, "stages", "name") - _names(new, "stages", "name")
        return f"the stage {', '.join(sorted(gone))} of {name}" if gone else ""
    if kind == "association":
        gone = set(old.get("labels", {})) - set(new.get("labels", {}))
        return f"the label {', '.join(sorted(gone))} of {name}" if gone else ""
    emptied = kind == "list" and not old.get("filter")
    return f"which records are in {name}" if emptied and _other_members(old, new) else ""


def _other_members(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(new.get("filter")) or new["object"] != old["object"]


def _names(body: Mapping[str, Any], part: str, name: str) -> set[str]:
    return {str(item[name]) for item in body.get(part, [])}
