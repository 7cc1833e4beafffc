"""What names mean for records of one object type: its properties, and the way to associated records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from wonward.errors import Missing
from wonward.expressions import tree
from wonward.expressions.place import Place, refusal
from wonward.expressions.suggest import listed, suggestion
from wonward.expressions.typed import Column, Family, Linked, Reduced, Route, Typed
from wonward.schema.catalog import AssociationType, Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

_ORDERED: tuple[Family, ...] = ("number", "date", "datetime")


Look = Literal["associated", "logged", "listed"]
MOST_LOOKS: Mapping[Look, tuple[int, str]] = {
    "associated": (20, "at associated records"),
    "logged": (10, "into the change log"),
    "listed": (10, "into lists"),
}
"""What every record an expression is asked for costs, and the most of it there may be."""


@dataclass(slots=True)
class Cost:
    """How often an expression looks elsewhere, lists written out included."""

    spent: dict[Look, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """The object type whose records an expression is about, in its catalog.

    `inside` is true in a condition on associated records, which goes no further than these; `lists` are
    those being written out. All scopes of one expression share its `cost`.
    """

    catalog: Catalog
    object_type: ObjectType
    inside: bool = False
    lists: tuple[str, ...] = ()
    cost: Cost = field(default_factory=Cost)

    def spend(self, on: Look, place: Place | None) -> None:
        """Count a look-up that every record costs; raise Invalid when an expression has too many."""
        if self.inside and on != "listed":
            raise refusal(
                f"a condition on associated {self.object_type.plural_label} reads their own properties only",
                place,
            )
        most, what = MOST_LOOKS[on]
        self.cost.spent[on] = self.cost.spent.get(on, 0) + 1
        if self.cost.spent[on] > most:
            raise refusal(f"an expression looks at most {most} times {what}; split it up", place)

    def in_list(self, name: str) -> "Scope":
        """Return the scope of the filter of a list, which is written out here."""
        return replace(self, lists=(*self.lists, name))

    def column(self, node: tree.Reference) -> Column:
        """Look up a property; raise Invalid naming the nearest when there is none."""
        if node.of is None:
            prop = self._property(self.object_type, node.name, node.place)
            return Column(family_of(prop), prop)
        self.spend("associated", node.place)
        route = self.route(node.of, node.place)
        prop = self._property(route.to, node.name, node.place)
        return Column(family_of(prop), prop, route)

    def of_associated(self, node: tree.Aggregate | tree.Associated) -> "Scope":
        """Return the scope of a condition on the associated records that `node` is over."""
        self.spend("associated", node.place)
        return replace(self, object_type=self.route(node.of, node.place).to, inside=True)

    def reduced(self, node: tree.Aggregate, where: Typed | None) -> Reduced:
        """Look up an aggregate over associated records; raise Invalid when it can't be formed."""
        if where is None:
            self.spend("associated", node.place)
        route = replace(self.route(node.of, node.place, node.label), where=where)
        if node.function == "count":
            return Reduced("number", "count", route)
        prop = self._property(route.to, node.name or "", node.place)
        family = family_of(prop)
        if node.function == "latest":
            by = self._order(route.to, node.by, node.place) if node.by else None
            return Reduced(family, "latest", route, prop, by)
        adding = node.function in ("sum", "avg")
        if family not in (("number",) if adding else _ORDERED) or prop.type == "owner":
            wanted = "numbers" if adding else "numbers and dates"
            raise refusal(f"{node.function} takes {wanted}; '{prop.label}' is {prop.type}", node.place)
        return Reduced(family, node.function, route, prop)

    def linked(self, node: tree.Associated, where: Typed | None) -> Linked:
        """Look up a test for associated records; raise Invalid when there is no such association."""
        if where is None:
            self.spend("associated", node.place)
        return Linked("boolean", replace(self.route(node.of, node.place, node.label), where=where), node.ids)

    def _order(self, kind: ObjectType, name: str, place: Place | None) -> Property:
        prop = self._property(kind, name, place)
        if family_of(prop) not in _ORDERED or prop.type == "owner":
            raise refusal(f"the latest is found by a date or a number; '{prop.label}' is {prop.type}", place)
        return prop

    def _property(self, kind: ObjectType, name: str, place: Place | None) -> Property:
        found = kind.properties.get(name)
        if found is None:
            raise refusal(
                f"there is no property '{name}' on {kind.label}{suggestion(name, kind.properties)}",
                place,
                "PROPERTY_DOESNT_EXIST",
                name,
            )
        if found.masked:
            message = f"{found.label} is sensitive, and you may not see it; leave it out"
            raise refusal(message, place, "SENSITIVE_PROPERTY", name)
        return found

    def route(self, spelling: str, place: Place | None = None, label: str | None = None) -> Route:
        """Look up the way to associated records of a type, all or under a label; raise Invalid when there is none."""
        if self.inside:
            message = (
                f"a condition on associated {self.object_type.plural_label} reads their own properties only"
            )
            raise refusal(message, place)
        reachable = self.catalog.associated_types(self.object_type.name)
        try:
            to = self.catalog.object_type(spelling)
        except Missing:
            raise refusal(
                f"there is no object type '{spelling}'{suggestion(spelling, reachable)}",
                place,
                "OBJECT_TYPE_NOT_FOUND",
            ) from None
        # An expression means the same to readers of every language: it has the labels as they were defined.
        spelled = self.catalog.defined or self.catalog
        types = spelled.associations(self.object_type.name, to.name)
        if not types:
            raise refusal(
                f"{self.object_type.plural_label} can't be associated with {to.plural_label}"
                f" but with {listed(reachable) or 'nothing'}",
                place,
            )
        primary = next((each.type_id for each in types if each.primary), None)
        return Route(to, primary, None if label is None else _labelled(types, label, to, place))


def _labelled(types: Sequence[AssociationType], label: str, to: ObjectType, place: Place | None) -> int:
    """Return the type id of a label, given by its internal name or as it is shown."""
    wanted = label.casefold()
    shown = [each for each in types if each.label and each.label.casefold() == wanted]
    named = [each for each in types if each.label and _internal(each) == wanted]
    for found in (named, shown):
        if len(found) == 1:
            return found[0].type_id
    texts = [each.label for each in named or types if each.label]
    raise refusal(
        f"{to.plural_label} have no association label '{label}' here but {listed(texts) or 'none at all'}",
        place,
    )


def _internal(kind: AssociationType) -> str:
    return kind.name.removeprefix(f"{kind.definition}_").casefold()


def family_of(prop: Property) -> Family:
    """Return the family of a property's values."""
    return FIELD_TYPES[prop.type].family
