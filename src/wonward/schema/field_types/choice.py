"""Values chosen from a list: yes or no, one option, several options, an owner."""

from difflib import get_close_matches

from psycopg import sql

from wonward.schema.catalog import Property
from wonward.schema.field_types.field_type import FieldError, FieldType, as_is, casting

_BOOLEANS = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}


def _boolean(given: str, prop: Property) -> str:
    found = _BOOLEANS.get(given.strip().lower())
    if found is None:
        raise FieldError(
            f"{given} is not a valid value for {prop.label}; write true or false", "INVALID_BOOLEAN"
        )
    return found


def _option(given: str, prop: Property) -> str:
    if given in prop.option_values:
        return given
    near = get_close_matches(given, prop.option_values, n=1, cutoff=0.7)
    allowed = ", ".join(list(prop.option_values)[:20])
    hint = f"; did you mean {near[0]}?" if near else ""
    raise FieldError(
        f"{given} was not one of the allowed options for {prop.label}: [{allowed}]{hint}", "INVALID_OPTION"
    )


def _options(given: str, prop: Property) -> str:
    chosen = {_option(part.strip(), prop) for part in given.split(";") if part.strip()}
    return ";".join(value for value in prop.option_values if value in chosen)


def _owner(given: str, prop: Property) -> str:
    text = given.strip()
    if not text.isdecimal() or len(text) > 18:
        raise FieldError(
            f"{given} is not an owner id for {prop.label}; give the id of an owner", "INVALID_OWNER_ID"
        )
    return str(int(text))


def _boolean_to_text(column: sql.Composable) -> sql.Composable:
    return sql.SQL("{}::text").format(column)


def _options_to_text(column: sql.Composable) -> sql.Composable:
    return sql.SQL("array_to_string({}, ';')").format(column)


def _options_from_text(value: sql.Composable) -> sql.Composable:
    return sql.SQL("string_to_array({}, ';')").format(value)


BOOLEAN = FieldType("boolean", "boolean", "boolean", _boolean, _boolean_to_text, casting("boolean"))
ENUMERATION = FieldType("enumeration", "text", "text", _option, as_is, as_is)
MULTI_ENUMERATION = FieldType(
    "multi_enumeration", "set", "text[]", _options, _options_to_text, _options_from_text
)
OWNER = FieldType("owner", "number", "bigint", _owner, _boolean_to_text, casting("bigint"))
