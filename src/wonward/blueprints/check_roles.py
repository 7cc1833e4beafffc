"""Checks roles against the catalog: what they name is there, and what they hide isn't needed to show a record."""

from collections.abc import Iterator

from wonward.errors import Problem
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.roles import Role


def problems(catalog: Catalog) -> list[Problem]:
    """Return what is wrong with the roles of a catalog."""
    return [
        Problem(f"role {role.name}: {said}", "INVALID_DEFINITION")
        for role in catalog.roles.values()
        for said in _wrong(catalog, role)
    ]


def _wrong(catalog: Catalog, role: Role) -> Iterator[str]:
    for name, allowed in role.types.items():
        kind = catalog.object_types.get(name)
        if kind is None:
            yield f"there is no object type '{name}'"
            continue
        for each in sorted((allowed.hidden | allowed.read_only) - kind.properties.keys()):
            yield f"there is no property '{each}' on {kind.label}"
        for each in allowed.key_properties:
            if each not in kind.properties or each in allowed.hidden:
                yield f"{name} has no property '{each}' that could stand first (key_properties)"
        needed = _needed(kind)
        for each in sorted(allowed.hidden & needed.keys()):
            yield f"{name}.{each} can't be hidden: it is {needed[each]}"


def _needed(kind: ObjectType) -> dict[str, str]:
    """Return the properties without which records of a type can't be shown or found, with what each is."""
    needed = dict.fromkeys(kind.search, "what its records are found by (search)")
    needed |= dict.fromkeys(kind.display, "the name of its records (display)")
    needed |= {
        prop.name: "kept by the system" for prop in kind.properties.values() if prop.column.startswith("_")
    }
    for prop in (kind.pipeline_property, kind.stage_property):
        if prop:
            needed[prop.name] = "where its records stand in a pipeline"
    return needed | ({kind.key: "its key"} if kind.key else {})
