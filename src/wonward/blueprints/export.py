"""Writes a portal back as a blueprint folder; planning that folder against the portal shows no difference."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from wonward.blueprints.apply import portal_named
from wonward.blueprints.load import standard_documents
from wonward.documents import store
from wonward.errors import Conflict
from wonward.schema.plan import Key

Body = Mapping[str, Any]


def export(name: str, folder: Path) -> list[Path]:
    """Write the portal called `name` into `folder`, which must be new or empty; return the files."""
    portal = portal_named(name)
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} isn't empty; give a new folder, so that no old file mixes in")
    documents = store.read(portal.id)
    written = []
    for file, text in _files(documents, store.removed(portal.id)):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            yaml.safe_dump(text, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8"
        )
        written.append(path)
    return written


_FOLDERS = {
    "pipeline": "pipelines",
    "import_map": "imports",
    "list": "lists",
    "mail_template": "mail_templates",
    "workflow": "workflows",
    "sequence": "sequences",
    "translation": "translations",
    "role": "roles",
    "seat": "seats",
    "scheduling_page": "scheduling_pages",
    "metric": "metrics",
    "dashboard": "dashboards",
    "view": "views",
    "form": "forms",
}


def _files(documents: Mapping[Key, Body], removed: set[Key]) -> Iterator[tuple[str, Body]]:
    types = [name for kind, name in documents if kind == "object_type"]
    standard = [name for name in types if "type_id" in documents["object_type", name]]
    shipped = standard_documents(tuple(standard))
    own = {key: body for key, body in documents.items() if shipped.get(key) != body}
    yield "portal.yaml", {"portal": documents["portal", "portal"], "standard": standard}
    gone = removed & shipped.keys()
    for name in types:
        text = _object_type(name, own, shipped, gone)
        if len(text) > 1:
            yield f"object_types/{name}.yaml", text
    associations = {name: body for (kind, name), body in own.items() if kind == "association"}
    if associations:
        yield "associations.yaml", {"associations": associations}
    for kind, directory in _FOLDERS.items():
        for (of, name), body in own.items():
            if of == kind:
                yield f"{directory}/{name}.yaml", {kind: name, **body}
    tombstones = [f"{kind} {name}" for kind, name in sorted(gone) if kind != "property"]
    if tombstones:
        yield "removed.yaml", {"removed": tombstones}


def _object_type(name: str, own: Mapping[Key, Body], shipped: Mapping[Key, Body], gone: set[Key]) -> Body:
    """Return an object type's file: what differs from the shipped definition, or all of a portal's own."""
    text: dict[str, Any] = {"object_type": name}
    body, standard = own.get(("object_type", name), {}), shipped.get(("object_type", name), {})
    for key, value in body.items():
        if key == "groups" and standard:
            added = {group: label for group, label in value.items() if standard["groups"].get(group) != label}
            if added:
                text["groups"] = added
        elif standard.get(key) != value:
            text[key] = value
    properties = {
        key.partition(".")[2]: value
        for (kind, key), value in own.items()
        if kind == "property" and key.partition(".")[0] == name
    }
    removed = [
        key.partition(".")[2]
        for kind, key in sorted(gone)
        if kind == "property" and key.startswith(f"{name}.")
    ]
    return {
        **text,
        **({"properties": properties} if properties else {}),
        **({"removed": removed} if removed else {}),
    }
