"""What finds records by what people type: two indexes a type, over folded text, and the functions that fold it.

Folded text is in small letters without accents, and letters that are spelled two ways are one: Aagaard and
Ågård are `agard`, Møller, Moeller and Möller `moller`. One index has a type's names, in order; the other the
words of all search properties, with phone numbers as digits: all, those after the country's code, the last four.
PostgreSQL keeps both up itself (decision 13).
"""

from collections.abc import Iterator, Sequence
from typing import LiteralString

from psycopg import sql

from wonward.schema import ddl
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.registry import FIELD_TYPES

LONGEST_READ = 20_000
"""Characters of a record that are searched; what stands further back in a long note isn't found."""

LONGEST_NAME = 200
"""Characters of a folded name in its index; PostgreSQL refuses index entries over 2,704 bytes."""

COUNTRY_CODES = (
    "1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    "|2[1-689][0-9]|3[578][0-9]|42[0-9]|5[09][0-9]|6[7-9][0-9]|8[035789][0-9]|9[679][0-9]"
)
"""The codes that telephone numbers begin with after `+` or `00`, of 1, 2 or 3 digits by the zones of ITU-T E.164."""

UNSPELLED = ("long_text", "phone", "url")
"""Field types whose words aren't offered in place of a misspelled one."""


def functions(catalog: Catalog) -> Iterator[sql.Composable]:
    """Yield what makes a portal's functions: text folded, a name folded, and the words of a record.

    Their costs, measured in those of an operator, keep the planner from folding whole tables to spare an index.
    """
    own = sql.Identifier(catalog.schema)
    yield sql.SQL("""
        create function {own}._fold(given text) returns text
        language plpgsql immutable strict parallel safe as $$
        declare
            folded text := replace(replace(replace(replace(replace(
                lower(left(given, {longest})), '@', ' '), '.', ' '), '/', ' '), '_', ' '), '-', ' ');
        begin
            if octet_length(folded) <> length(folded) then
                folded := public.unaccent('public.unaccent', folded);
            end if;
            return replace(replace(replace(replace(folded, 'aa', 'a'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u');
        end $$""").format(own=own, longest=sql.Literal(LONGEST_READ))
    yield sql.SQL("""
        create function {own}._fold_name(given text) returns text
        language plpgsql immutable strict parallel safe cost 500 as $$
        begin
            return left(btrim(regexp_replace({own}._fold(given), '\\s+', ' ', 'g')), {longest});
        end $$""").format(own=own, longest=sql.Literal(LONGEST_NAME))
    yield sql.SQL("""
        create function {own}._words(given text, phones text) returns tsvector
        language plpgsql immutable strict parallel safe cost 2000 as $$
        declare
            folded text := {own}._fold(given);
            phone text;
            digits text;
        begin
            foreach phone in array string_to_array(phones, chr(10)) loop
                digits := translate(phone, '+-()./ ', '');
                if digits ~ '[^0-9]' then
                    digits := regexp_replace(regexp_replace(digits, '[[:alpha:]].*', ''), '[^0-9]+', '', 'g');
                end if;
                digits := ltrim(digits, '0');
                folded := folded || ' ' || digits || ' ' || case
                    when phone ~ '^[ (]*([+]|00)' then regexp_replace(digits, {code}, '')
                    else right(digits, 8) end || ' ' || right(digits, 4);
            end loop;
            return to_tsvector('pg_catalog.simple', folded);
        end $$""").format(own=own, code=sql.Literal(f"^(?:{COUNTRY_CODES})0*"))


def name(catalog: Catalog, kind: ObjectType, alias: str | None = None) -> sql.Composable | None:
    """Return SQL of a record's folded name, as its index has it; None when nothing textual names the type."""
    properties = _textual(kind, kind.display)
    if not properties:
        return None
    return sql.SQL('({}._fold_name({}) collate "C")').format(
        sql.Identifier(catalog.schema), _joined([_column(prop, alias) for prop in properties], "' '")
    )


def words(catalog: Catalog, kind: ObjectType, alias: str | None = None) -> sql.Composable | None:
    """Return SQL of a record's words (a tsvector), as their index has it; None when nothing is searched."""
    properties = _textual(kind, kind.search)
    if not properties:
        return None
    phones = [_column(prop, alias) for prop in properties if prop.type == "phone"]
    others = [_text(prop, alias) for prop in properties if prop.type != "phone"]
    return sql.SQL("{}._words({}, {})").format(
        sql.Identifier(catalog.schema), _joined(others, "' '"), _joined(phones, "chr(10)")
    )


def indexes(catalog: Catalog, kind: ObjectType) -> Iterator[sql.Composable]:
    """Yield what makes the search indexes of a type, whose columns are all there."""
    where = ddl.table(catalog, kind.table)
    called, said = name(catalog, kind), words(catalog, kind)
    if called:
        yield sql.SQL("create index {} on {} ({}) where _archived_at is null").format(
            ddl.short_name(f"names:{kind.name}"), where, called
        )
    if said:
        yield sql.SQL("create index {} on {} using gin (({})) with ({})").format(
            ddl.short_name(f"words:{kind.name}"), where, said, sql.SQL(ddl.PENDING_LIST)
        )


def drop_indexes(catalog: Catalog, kind: ObjectType) -> Iterator[sql.Composable]:
    """Yield what removes the search indexes of a type."""
    for purpose in ("names", "words"):
        yield sql.SQL("drop index if exists {}.{}").format(
            sql.Identifier(catalog.schema), ddl.short_name(f"{purpose}:{kind.name}")
        )


def searched(kind: ObjectType) -> list[Property]:
    """Return the properties that a type is found by."""
    return list(dict.fromkeys(_textual(kind, (*kind.search, *kind.display))))


def _textual(kind: ObjectType, names: Sequence[str]) -> list[Property]:
    present = [kind.properties[each] for each in names if each in kind.properties]
    return [prop for prop in present if FIELD_TYPES[prop.type].family == "text"]


def _column(prop: Property, alias: str | None) -> sql.Composable:
    return sql.Identifier(alias, prop.column) if alias else sql.Identifier(prop.column)


def _text(prop: Property, alias: str | None) -> sql.Composable:
    """Return SQL of a property's text; that of long ones may come with tags, which aren't words."""
    column = _column(prop, alias)
    return (
        sql.SQL("regexp_replace({}, '<[^>]*>', ' ', 'g')").format(column)
        if prop.type == "long_text"
        else column
    )


def _joined(parts: Sequence[sql.Composable], between: LiteralString) -> sql.Composable:
    filled = [sql.SQL("coalesce({}, '')").format(part) for part in parts]
    return sql.SQL(f" || {between} || ").join(filled) if filled else sql.Literal("")


def learn_all(catalog: Catalog, kind: ObjectType) -> Iterator[sql.Composable]:
    """Yield what puts the words of all records of a type that are there into the table of words."""
    spelled = [prop for prop in searched(kind) if prop.type not in UNSPELLED]
    if spelled:
        texts = _joined([_column(prop, None) for prop in spelled], "' '")
        yield learn(catalog, sql.SQL("select {} from {}").format(texts, ddl.table(catalog, kind.table)))


def learn(catalog: Catalog, texts: sql.Composable) -> sql.Composable:
    """Return SQL that puts the words of texts, the only column of a query, into the table of words."""
    return sql.SQL("""
        insert into {own}._word
        select word from ({texts}) given(said), unnest(tsvector_to_array({own}._words(said, ''))) word
        where word ~ '^[^0-9]{{3,30}}$' group by word order by word on conflict do nothing""").format(
        own=sql.Identifier(catalog.schema), texts=texts
    )
