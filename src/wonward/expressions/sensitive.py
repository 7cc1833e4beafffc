"""Which sensitive properties an expression reads, so that its value isn't put where all may see it."""

from collections.abc import Iterator

from wonward.expressions.parse import parse
from wonward.expressions.scope import Scope
from wonward.expressions.tree import dependencies
from wonward.schema.catalog import Catalog, ObjectType, Property


def sensitive_properties(
    catalog: Catalog, kind: ObjectType, text: str
) -> Iterator[tuple[ObjectType, Property]]:
    """Yield the sensitive properties that an expression over records of a type reads, with whose they are."""
    scope = Scope(catalog, kind)
    for read in dependencies(parse(text)):
        owner = kind if read.of is None else scope.route(read.of).to
        for name in sorted(read.properties & owner.properties.keys()):
            if owner.properties[name].sensitive:
                yield owner, owner.properties[name]
