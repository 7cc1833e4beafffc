"""Turns the text of a cell into text that the write path takes, by the type of the property. Pure."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from wonward.accounts.people import Owners
from wonward.records.importing import formats
from wonward.records.importing.choices import Choices
from wonward.schema.catalog import Property
from wonward.schema.field_types.field_type import FieldError

Convert = Callable[[str], str]
"""Filled cell -> value; raises FieldError saying what is wrong and what to do."""

_WAYS = {
    "dmy": "as day-month-year",
    "mdy": "as month-day-year",
    "point": "with a decimal point",
    "comma": "with a decimal comma",
}
_BOOLEANS = {
    "ja": "true",
    "sand": "true",
    "sandt": "true",
    "nej": "false",
    "falsk": "false",
    "falskt": "false",
}


def converter(prop: Property, way: str, zone: ZoneInfo, owners: Owners) -> Convert | None:
    """Return what reads the cells of a property's column, None when their text is the value.

    `way` says how dates and numbers are written; moments without a zone are of `zone`.
    """
    builders: dict[str, Callable[[], Convert]] = {
        "date": lambda: _dates(prop, way),
        "datetime": lambda: _moments(prop, way, zone),
        "number": lambda: _numbers(prop, way),
        "currency": lambda: _numbers(prop, way),
        "boolean": lambda: lambda text: _BOOLEANS.get(text.casefold(), text),
        "enumeration": lambda: Choices(prop, prop.options).value,
        "multi_enumeration": lambda: Choices(prop, prop.options).values,
        "owner": lambda: lambda text: _owner(text, prop, owners),
    }
    builder = builders.get(prop.type)
    return builder() if builder else None


def _dates(prop: Property, way: str) -> Convert:
    order: formats.DateOrder = "mdy" if way == "mdy" else "dmy"
    return lambda text: formats.day(text, order) or _refused(text, prop, "date", order)


def _moments(prop: Property, way: str, zone: ZoneInfo) -> Convert:
    order: formats.DateOrder = "mdy" if way == "mdy" else "dmy"
    return lambda text: formats.moment(text, order, zone) or _refused(text, prop, "date", order)


def _numbers(prop: Property, way: str) -> Convert:
    mark: formats.DecimalMark = "comma" if way == "comma" else "point"
    return lambda text: formats.number(text, mark) or _refused(text, prop, "number", mark)


def _refused(text: str, prop: Property, what: str, way: str) -> str:
    code = "INVALID_DATE" if what == "date" else "INVALID_NUMBER"
    raise FieldError(f"'{text}' is no {what} for {prop.label}; the column is read {_WAYS[way]}", code)


def _owner(text: str, prop: Property, owners: Owners) -> str:
    found, near = owners.named(text)
    if len(found) == 1:
        return str(found[0].id)
    if found:
        ids = ", ".join(str(owner.id) for owner in found)
        raise FieldError(
            f"{len(found)} owners are called '{text}'; write the email address or the id ({ids})",
            "INVALID_OWNER_ID",
        )
    hint = f"; did you mean '{near}'?" if near else "; import the owners first"
    raise FieldError(f"There is no owner '{text}' for {prop.label}{hint}", "INVALID_OWNER_ID")
