"""Builds the SQL that makes PostgreSQL write a record as HubSpot's JSON; no record becomes a Python object.

Keys inside `properties` are the portal's own; the keys around them are the wire shape of a HubSpot record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from psycopg import sql

from wonward.records import query
from wonward.records.query import Query
from wonward.records.shown import text_of
from wonward.records.work import Work
from wonward.schema import ddl, seen
from wonward.schema.catalog import AssociationType, Catalog, ObjectType
from wonward.schema.field_types.registry import FIELD_TYPES

_ISO = FIELD_TYPES["datetime"].to_text


def objects(
    work: Work, asked: Query, properties: Sequence[str], associated: Sequence[ObjectType] = (), *, page: str
) -> list[tuple[int, str]]:
    """Return `(id, JSON text)` a record, in the query's order.

    Unknown and masked properties are left out, as HubSpot does; `associated` adds the ids of associated records,
    and `page` is the address that the pages of records stand under.
    """
    catalog = work.catalog
    others = tuple(other.name for other in associated)
    shape = _Shape(catalog, id(catalog), asked.kind.name, tuple(dict.fromkeys(properties)), others)
    bound = {**query.params(asked), "page": page}
    if asked.ids is not None and asked == Query(asked.kind, ids=asked.ids):
        return work.rows(_by_ids(shape), bound)
    return query.answer(work, asked, query.selection(catalog, asked, _written(shape)), bound)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is written of a record. It keeps its catalog, so that the identity stays this catalog's."""

    catalog: Catalog = field(compare=False)
    identity: int
    kind: str
    properties: tuple[str, ...]
    associated: tuple[str, ...]


@lru_cache(maxsize=512)
def _written(shape: _Shape) -> sql.SQL:
    """Return the selected columns as one piece of SQL; putting it together costs more than running it."""
    types = shape.catalog.object_types
    text = record(
        shape.catalog, types[shape.kind], shape.properties, [types[name] for name in shape.associated]
    )
    written = sql.SQL("""r._id, {} || ',"url":"' || %(page)s || r._id || '"}}'""").format(text)
    return sql.SQL(written.as_string(None))


@lru_cache(maxsize=512)
def _by_ids(shape: _Shape) -> sql.SQL:
    """Return all of the statement that reads live records by their ids, in one piece as well."""
    asked = Query(shape.catalog.object_types[shape.kind], ids=())
    return sql.SQL(query.selection(shape.catalog, asked, _written(shape)).as_string(None))


def record(
    catalog: Catalog, kind: ObjectType, properties: Sequence[str], associated: Sequence[ObjectType] = ()
) -> sql.Composable:
    """Return SQL of the JSON text of one record under the alias `r`, without the brace that closes it.

    It is put together as text: PostgreSQL quotes the values, what stands around them is fixed.
    """
    always = ("hs_object_id", "createdate", kind.modified_property)
    found = [
        kind.properties[name] for name in dict.fromkeys((*always, *properties)) if name in kind.properties
    ]
    values = sql.SQL(", ").join(
        sql.SQL("{} as {}").format(text_of(prop), sql.Identifier(prop.name))
        for prop in found
        if not prop.masked
    )
    return sql.SQL("""
        '{{"id":"' || r._id || '","properties":' || (select row_to_json(p)::text from (select {values}) p)
        || ',"createdAt":"' || {created} || '","updatedAt":"' || {updated}
        || case when r._archived_at is null then '","archived":false'
                else '","archived":true,"archivedAt":"' || {archived} || '"' end
        || {associations}""").format(
        values=values,
        created=_ISO(sql.SQL("r._created_at")),
        updated=_ISO(sql.SQL("r._updated_at")),
        archived=_ISO(sql.SQL("r._archived_at")),
        associations=_associations(catalog, kind, associated),
    )


def association_name(catalog: Catalog, each: AssociationType) -> str:
    """Return HubSpot's name of an association type: the primary one has the plain name, where there is one."""
    plain = f"{each.from_type}_to_{each.to_type}"
    if each.primary:
        return plain
    if each.label is not None:
        return each.name
    primary = any(other.primary for other in catalog.associations(each.from_type, each.to_type))
    return f"{plain}_unlabeled" if primary else plain


def _associations(catalog: Catalog, kind: ObjectType, associated: Sequence[ObjectType]) -> sql.Composable:
    """Return SQL of `,"associations":{…}`, or of empty text when the record has none of the types asked for."""
    if not associated:
        return sql.SQL("''")
    each = sql.SQL(" union all ").join(_associated(catalog, kind, other) for other in associated)
    return sql.SQL("""
        coalesce(',"associations":' || (select json_object_agg(plural, json_build_object('results', results))::text
            from ({}) found where results is not null), '')""").format(each)


def _associated(catalog: Catalog, kind: ObjectType, other: ObjectType) -> sql.Composable:
    names = sql.SQL(", ").join(
        sql.SQL("({}::int, {})").format(
            sql.Literal(each.type_id), sql.Literal(association_name(catalog, each))
        )
        for each in catalog.associations(kind.name, other.name)
    ) or sql.SQL("(0, '')")
    return sql.SQL("""
        select {plural} as plural, (
            select json_agg(json_build_object('id', a.to_id::text, 'type', t.name) order by a.to_id, t.id)
            from {association} a
            join {other} o on o._id = a.to_id and o._archived_at is null
            cross join unnest(a.labels) l(id) join (values {names}) t(id, name) using (id)
            where a.from_id = r._id and a.to_type = {type}) as results""").format(
        plural=sql.Literal(other.plural),
        association=ddl.table(catalog, "_association"),
        other=seen.relation(catalog, other.table),
        names=names,
        type=sql.Literal(other.name),
    )
