"""SQL of a property's value as whoever reads may see it: the one place that masks sensitive ones."""

from psycopg import sql

from wonward.records.work import Work
from wonward.schema.catalog import Property
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
    names = [
        (kind.name, prop.name)
        for kind in work.catalog.sensitive
        for prop in kind.properties.values()
        if prop.masked
    ]
    if not names:
        return sql.SQL("'{}'::text[]"), {}
    found = sql.SQL("""array(
        select m.name from unnest(%(masked_types)s::text[], %(masked_names)s::text[]) m(type, name)
        where m.type = {})""").format(object_type)
    types, own = zip(*names, strict=True)
    return found, {"masked_types": list(types), "masked_names": list(own)}
