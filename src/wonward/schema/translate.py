"""A portal's definitions in another language: every label, description and reason that a translation has a text for.

What people see follows the language they read; files, the API and documents keep the texts as they were defined.
The shipped definitions come with translations of their own, which a portal's go before.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from wonward.schema.catalog import Catalog

TEXTS = frozenset(
    (
        "label",
        "inverse_label",
        "plural_label",
        "description",
        "message",
        "purpose",
        "activities",
        "why",
        "groups",
        "button",
    )
)
"""The fields of definitions that hold what people read."""


def spoken(catalog: Catalog, language: str) -> Catalog:
    """Return a catalog in a language; as it was defined, where there is no translation to that."""
    defined = catalog.defined or catalog
    found = defined.spoken.get(language)
    if found is None:
        texts = {**shipped(language), **defined.translations.get(language, {})}
        found = defined.spoken[language] = _told(defined, texts) if texts else defined
    return found


@cache
def shipped(language: str) -> Mapping[str, str]:
    """Return what the shipped definitions say in a language, by their own texts; nothing, where it isn't shipped."""
    folder = resources.files("wonward.schema") / "standard" / "translations"
    for file in folder.iterdir():
        if file.name == f"{language}.yaml":
            texts: Mapping[str, str] = yaml.safe_load(file.read_bytes())["texts"]
            return texts
    return {}


def _told(thing: Any, texts: Mapping[str, str]) -> Any:
    """Return a definition, or definitions within tuples and mappings, with its texts replaced."""
    if isinstance(thing, tuple):
        return tuple(_told(each, texts) for each in thing)
    if isinstance(thing, Mapping):
        return {name: _told(each, texts) for name, each in thing.items()}
    if not is_dataclass(thing) or isinstance(thing, type):
        return thing
    said = {
        each.name: _text(value, texts) if each.name in TEXTS else _told(value, texts)
        for each in fields(thing)
        if (value := getattr(thing, each.name)) and each.init
    }
    if isinstance(thing, Catalog):
        said["defined"] = thing
    return replace(thing, **said)


def _text(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, Mapping):
        return {name: _text(each, texts) for name, each in value.items()}
    return tuple(_text(each, texts) for each in value)
