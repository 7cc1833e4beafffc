"""SQL of a property's value as whoever reads may see it: the one place that masks sensitive ones."""

from collections.abc import Iterable

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES


def text_of(prop: Property, alias: str = "r") -> sql.Composable:
    """Return SQL of a property's canonical text for the record under `alias`; NULL where it is masked."""
    if prop.masked:
        return sql.SQL("null::text")
    return FIELD_TYPES[prop.type].to_text(sql.Identifier(alias, prop.column))


def masked(work: Work, object_type: sql.Composable) -> tuple[sql.Composable, dict[str, object]]:
    """Return SQL of the array of property names that are masked for the type `object_type` gives, and its values.

    It keeps what the change log holds of sensitive properties from those who may not see them.
    """
    if work.catalog.whole is None:
        return sql.SQL("'{}'::text[]"), {}
    names = [
        (kind.name, prop.name)
        for kind in work.whole.catalog.object_types.values()
        for prop in kind.properties.values()
        if _kept_back(work, kind.name, prop)
    ]
    if not names:
        return sql.SQL("'{}'::text[]"), {}
    found = sql.SQL("""array(
        select m.name from unnest(%(masked_types)s::text[], %(masked_names)s::text[]) m(type, name)
        where m.type = {})""").format(object_type)
    types, own = zip(*names, strict=True)
    return found, {"masked_types": list(types), "masked_names": list(own)}


def _kept_back(work: Work, object_type: str, prop: Property) -> bool:
    """Tell whether whoever reads sees a property with its mask, or not at all."""
    kind = work.catalog.object_types.get(object_type)
    found = kind.properties.get(prop.name) if kind else None
    return found is None or found.masked


def seen_by(work: Work, kinds: Iterable[ObjectType]) -> sql.Composable:
    """Return SQL of whether a row of the change log is about a record that whoever reads sees, of one of `kinds`."""
    if work.catalog.role is None:
        return sql.SQL("true")
    return sql.SQL("({})").format(
        sql.SQL(" or ").join(
            sql.SQL("(object_type = {} and record_id in (select r._id from {} r))").format(
                sql.Literal(kind.name), work.table(kind.table)
            )
            for kind in kinds
        )
    )
