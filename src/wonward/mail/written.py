"""Writes canonical values for people who read mail: labels, names, money and dates in the mail's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from django.utils import formats, translation

from wonward.mail.template import Value
from wonward.records import amounts
from wonward.schema.catalog import Catalog, Property

Writer = Callable[[str], str]
_TRUTH = {"da": {"true": "Ja", "false": "Nej"}, "en": {"true": "Yes", "false": "No"}}


def writer(catalog: Catalog, value: Value, language: str, owners: Mapping[str, str]) -> Writer:
    """Return what writes the canonical text of a variable; `owners` are names by id."""
    prop = value.property
    if prop and prop.name == "hs_object_id":
        return str
    if prop and prop.type == "enumeration":
        return prop.option_label
    if prop and prop.type == "multi_enumeration":
        return partial(_options, prop)
    if prop and prop.type == "owner":
        return lambda text: owners.get(text, "")
    if prop and prop.type == "currency":
        return lambda text: amounts.money(Decimal(text), catalog.currency, language)
    return _of_family(catalog, value.family, language)


def _of_family(catalog: Catalog, family: str, language: str) -> Writer:
    """Return what writes values of an expression, or of a property whose type says no more than its family."""
    writers: Mapping[str, Writer] = {
        "number": lambda text: amounts.number(text, language),
        "boolean": lambda text: _TRUTH[language][text],
        "date": lambda text: _formatted(date.fromisoformat(text), "DATE_FORMAT", language),
        "datetime": lambda text: _formatted(
            datetime.fromisoformat(text).astimezone(ZoneInfo(catalog.time_zone)), "DATETIME_FORMAT", language
        ),
        "set": lambda text: text.replace(";", ", "),
    }
    return writers.get(family, str)


def _options(prop: Property, text: str) -> str:
    return ", ".join(prop.option_label(part) for part in text.split(";"))


def _formatted(value: date, form: str, language: str) -> str:
    with translation.override(language):
        return str(formats.date_format(value, form))
