"""What calculated properties read, in which order they are calculated, and which of them are rollups.

A rollup reads associated records, or reads one that does. It is kept up through the change feed
(`rollups.py`); every other calculated property is kept up by the write itself (`calculate.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from wonward.errors import Invalid
from wonward.expressions.parse import parse
from wonward.expressions.scope import Scope
from wonward.expressions.tree import dependencies
from wonward.schema.catalog import Catalog, ObjectType, Property

Place = tuple[str, str]
"""An object type and a property of it."""

_MODIFIED = "_updated_at"
"""The column that every change of a record writes: what reads it reads every change."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A calculated property and what it reads: of its own record, and of associated ones by object type."""

    kind: ObjectType
    prop: Property
    own: frozenset[str]
    others: Mapping[str, frozenset[str]]
    rollup: bool = False

    @property
    def place(self) -> Place:
        """The property's object type and name."""
        return self.kind.name, self.prop.name

    @property
    def reads(self) -> frozenset[Place]:
        """The properties it reads, wherever they are."""
        own = {(self.kind.name, name) for name in self.own}
        return frozenset(own | {(kind, name) for kind, names in self.others.items() for name in names})


@dataclass(frozen=True, slots=True)
class _Held:
    """Keeps its catalog, so that the identity stays this catalog's: a plan's has the version of today's."""

    catalog: Catalog = field(compare=False)
    identity: int


def of(catalog: Catalog) -> tuple[Derivation, ...]:
    """Return every calculated property, none before one it reads; raise Invalid when some read each other."""
    return _derivations(_Held(catalog, id(catalog)))


def written(catalog: Catalog, kind: ObjectType) -> tuple[Derivation, ...]:
    """Return the calculated properties of a type that a write keeps up itself, in their order."""
    return _of_kind(_Held(catalog, id(catalog)), kind.name)[0]


def rollups(catalog: Catalog, kind: ObjectType) -> tuple[Derivation, ...]:
    """Return the calculated properties of a type that follow through the change feed, in their order."""
    return _of_kind(_Held(catalog, id(catalog)), kind.name)[1]


def reads_every_change(kind: ObjectType, names: frozenset[str]) -> bool:
    """Tell whether one of the named properties of a type shows when the record last changed."""
    return any(kind.properties[name].column == _MODIFIED for name in names)


@lru_cache(maxsize=1024)
def reads_associated(expression: str) -> bool:
    """Tell whether an expression reads associated records."""
    return any(each.of is not None for each in dependencies(parse(expression)))


@lru_cache(maxsize=512)
def _of_kind(held: _Held, name: str) -> tuple[tuple[Derivation, ...], tuple[Derivation, ...]]:
    own = [each for each in _derivations(held) if each.kind.name == name]
    return tuple(each for each in own if not each.rollup), tuple(each for each in own if each.rollup)


@lru_cache(maxsize=64)
def _derivations(held: _Held) -> tuple[Derivation, ...]:
    found = {
        each.place: each
        for kind in held.catalog.object_types.values()
        for prop in kind.calculated
        for each in (_derivation(held.catalog, kind, prop),)
    }
    rollups = _rollups(found)
    graph = {place: _before(held.catalog, found, rollups, each) for place, each in found.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        ring = " → ".join(f"{kind}.{name}" for kind, name in error.args[1])
        raise Invalid(
            f"These calculated properties read each other: {ring}; let one of them read something else",
            code="INVALID_DEFINITION",
        ) from error
    return tuple(
        Derivation(each.kind, each.prop, each.own, each.others, place in rollups)
        for place in order
        for each in (found[place],)
    )


def _derivation(catalog: Catalog, kind: ObjectType, prop: Property) -> Derivation:
    scope = Scope(catalog, kind)
    own: set[str] = set()
    others: dict[str, frozenset[str]] = {}
    for each in dependencies(parse(prop.expression or "")):
        if each.of is None:
            own |= each.properties
        else:
            to = scope.route(each.of).to.name
            others[to] = others.get(to, frozenset()) | each.properties
    return Derivation(kind, prop, frozenset(own), others)


def _rollups(found: Mapping[Place, Derivation]) -> frozenset[Place]:
    """Return those that read associated records, and those of the same record that read one of them."""
    rollups = {place for place, each in found.items() if each.others}
    while more := {place for place, each in found.items() if each.reads & rollups} - rollups:
        rollups |= more
    return frozenset(rollups)


def _before(
    catalog: Catalog, found: Mapping[Place, Derivation], rollups: frozenset[Place], each: Derivation
) -> frozenset[Place]:
    """Return what is calculated before: what it reads, and all rollups of a type whose last change it reads.

    For a rollup changes its record too; two that hear of each other's changes would never come to rest.
    """
    before = each.reads & found.keys()
    if each.place in rollups:
        types = {
            kind
            for kind, name in each.reads
            if reads_every_change(catalog.object_types[kind], frozenset([name]))
        }
        before |= {place for place in rollups if place[0] in types}
    return before
