"""Finds the texts of a portal's own definitions that a language has no translation of."""

from collections.abc import Iterator, Mapping
from typing import Any

from wonward.blueprints.load import standard_documents
from wonward.documents import store
from wonward.schema.plan import Bodies
from wonward.schema.translate import TEXTS, shipped


def untranslated(portal_id: int, language: str) -> list[str]:
    """Return the texts of a portal that `language` says nothing of, each once, in the order of its definitions.

    Shipped definitions and the portal's own name are left out.
    """
    documents = store.read(portal_id)
    known = shipped(language).keys() | documents.get(("translation", language), {}).get("texts", {}).keys()
    return [text for text in dict.fromkeys(_own(documents)) if text not in known]


def _own(documents: Bodies) -> Iterator[str]:
    types = tuple(name for kind, name in documents if kind == "object_type")
    standard = tuple(name for name in types if "type_id" in documents["object_type", name])
    there = standard_documents(standard)
    for key, body in documents.items():
        if key[0] not in ("portal", "translation", "import_map"):
            said = set(texts_of(there.get(key, {})))
            yield from (text for text in texts_of(body) if text not in said)


def texts_of(value: Any, *, said: bool = False) -> Iterator[str]:
    """Yield the texts people read within a body; `said` tells that all within `value` are such."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from texts_of(each, said=said or name in TEXTS)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each, said=said)
    elif said and isinstance(value, str) and value:
        yield value
