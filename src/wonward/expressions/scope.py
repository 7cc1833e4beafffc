"""What names mean for records of one object type: its properties, and the way to associated records."""

from dataclasses import dataclass

from wonward.errors import Missing
from wonward.expressions import tree
from wonward.expressions.place import Place, refusal
from wonward.expressions.suggest import listed, suggestion
from wonward.expressions.typed import Column, Family, Linked, Reduced, Route
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

_ORDERED: tuple[Family, ...] = ("number", "date", "datetime")


@dataclass(frozen=True, slots=True)
class Scope:
    """The object type whose records an expression is about, in its catalog."""

    catalog: Catalog
    object_type: ObjectType

    def column(self, node: tree.Reference) -> Column:
        """Look up a property; raise Invalid naming the nearest when there is none."""
        if node.of is None:
            prop = self._property(self.object_type, node.name, node.place)
            return Column(family_of(prop), prop)
        route = self._route(node.of, node.place)
        prop = self._property(route.to, node.name, node.place)
        return Column(family_of(prop), prop, route)

    def reduced(self, node: tree.Aggregate) -> Reduced:
        """Look up an aggregate over associated records; raise Invalid when it can't be formed."""
        route = self._route(node.of, node.place)
        if node.function == "count":
            return Reduced("number", "count", route)
        prop = self._property(route.to, node.name or "", node.place)
        family = family_of(prop)
        adding = node.function in ("sum", "avg")
        if family not in (("number",) if adding else _ORDERED) or prop.type == "owner":
            wanted = "numbers" if adding else "numbers and dates"
            raise refusal(f"{node.function} takes {wanted}; '{node.name}' is {prop.type}", node.place)
        return Reduced(family, node.function, route, prop)

    def linked(self, node: tree.Associated) -> Linked:
        """Look up a test for associated records; raise Invalid when there is no such association."""
        return Linked("boolean", self._route(node.of, node.place), node.ids)

    def _property(self, kind: ObjectType, name: str, place: Place | None) -> Property:
        found = kind.properties.get(name)
        if found is None:
            raise refusal(
                f"there is no property '{name}' on {kind.label}{suggestion(name, kind.properties)}",
                place,
                "PROPERTY_DOESNT_EXIST",
                name,
            )
        return found

    def _route(self, spelling: str, place: Place | None) -> Route:
        reachable = self.catalog.associated_types(self.object_type.name)
        try:
            to = self.catalog.object_type(spelling)
        except Missing:
            raise refusal(
                f"there is no object type '{spelling}'{suggestion(spelling, reachable)}",
                place,
                "OBJECT_TYPE_NOT_FOUND",
            ) from None
        types = self.catalog.associations(self.object_type.name, to.name)
        if not types:
            raise refusal(
                f"{self.object_type.plural_label} can't be associated with {to.plural_label}"
                f" but with {listed(reachable) or 'nothing'}",
                place,
            )
        return Route(to, next((each.type_id for each in types if each.primary), None))


def family_of(prop: Property) -> Family:
    """Return the family of a property's values."""
    return FIELD_TYPES[prop.type].family
