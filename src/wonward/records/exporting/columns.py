"""The columns of an exported file: what each is called, where its text comes from, how its values are told.

Headings and labels are taken only where importing the file again understands them; else the internal name is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.accounts import people
from wonward.records.exporting.asked import Asked, associated_of, kind_of
from wonward.records.importing import headings as importing
from wonward.records.importing.choices import Choices
from wonward.records.names import name_of
from wonward.records.shown import text_of
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.field_type import FieldError


@dataclass(frozen=True)
class Column:
    """A column: its heading, the SQL of its canonical text over the alias `r`, and the field type of its values.

    `told` gives what stands for a value, None when the value stands there itself.
    """

    head: str
    text: sql.Composable
    type: str
    told: Callable[[str], str] | None = None


def columns_of(work: Work, asked: Asked) -> list[Column]:
    """Return the columns that are asked for, the record id first; raise Missing for unknown ones."""
    kind = kind_of(work, asked)
    labelled = asked.heads == "labels"
    ids = kind.properties[importing.ID]
    found = [Column(importing.id_headers(work.catalog)[labelled], text_of(ids), ids.type)]
    heads = importing.headings(kind, work.catalog)
    teller = _Teller(work) if labelled else None
    for name in dict.fromkeys(asked.columns):
        prop = kind.property_named(name)
        if prop.name == ids.name:
            continue
        head = heads.get(prop.name, prop.name) if labelled else prop.name
        found.append(Column(head, text_of(prop), prop.type, teller.told(prop) if teller else None))
    for other in associated_of(work, asked):
        ids_text, names_text = _associated(work, other)
        found.append(Column(importing.ids_headers(other)[labelled], ids_text, "text"))
        found.append(Column(importing.names_headers(other)[labelled], names_text, "text"))
    return found


def _associated(work: Work, other: ObjectType) -> Sequence[sql.Composable]:
    """Return SQL of the ids, and of the names, of what a record is associated with; both in the order of ids."""
    each = sql.SQL("""
        (select string_agg({what}, {between} order by n._id) from {association} a
         join (select r._id, {name} as name from {table} r where r._archived_at is null) n on n._id = a.to_id
         where a.from_id = r._id and a.to_type = {type})""")
    parts = {
        "association": work.table("_association"),
        "name": name_of(other),
        "table": work.table(other.table),
        "type": sql.Literal(other.name),
    }
    ids = each.format(what=sql.SQL("n._id::text"), between=sql.Literal(";"), **parts)
    names = each.format(what=sql.SQL("coalesce(n.name, n._id::text)"), between=sql.Literal("; "), **parts)
    return ids, names


class _Teller:
    """Tells options by label and owners by name, where these are understood again."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def told(self, prop: Property) -> Callable[[str], str] | None:
        """Return what gives the text that stands for a value, None when all values stand there themselves."""
        if prop.type == "owner":
            return self._owner()
        if prop.type == "enumeration":
            labels = _labels(prop)
            return lambda value: labels.get(value, value)
        if prop.type == "multi_enumeration":
            several = {value: label for value, label in _labels(prop).items() if ";" not in label}
            return lambda value: ";".join(several.get(part, part) for part in value.split(";"))
        return None

    def _owner(self) -> Callable[[str], str]:
        owners = people.owners(self._work.catalog.portal_id)
        return lambda value: owners.name_of(value) or value


def _labels(prop: Property) -> Mapping[str, str]:
    """Return the labels that mean one option only, by its value."""
    choices = Choices(prop, prop.options)
    return {
        option.value: option.label for option in prop.options if _means(choices, option.label) == option.value
    }


def _means(choices: Choices, label: str) -> str | None:
    try:
        return choices.value(label)
    except FieldError:
        return None
