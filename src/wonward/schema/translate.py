"""A portal's definitions in another language: every label, description and reason that a translation has a text for.

What people see follows the language they read; files, the API and documents keep the texts as they were defined.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from wonward.schema.catalog import Catalog

TEXTS = frozenset(
    ("label", "plural_label", "description", "message", "purpose", "activities", "why", "groups")
)
"""The fields of definitions that hold what people read."""


def spoken(catalog: Catalog, language: str) -> Catalog:
    """Return a catalog in a language; itself, where the portal has no translation to it."""
    texts = catalog.translations.get(language)
    if not texts:
        return catalog
    found = catalog.spoken.get(language)
    if found is None:
        found = catalog.spoken[language] = _told(catalog, texts)
    return found


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
    return replace(thing, **said)


def _text(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, Mapping):
        return {name: _text(each, texts) for name, each in value.items()}
    return tuple(_text(each, texts) for each in value)
