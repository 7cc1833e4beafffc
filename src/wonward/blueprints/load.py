"""Reads a blueprint folder into documents, laid over the standard definitions it takes.

A file may hold: `portal` (+ `standard`), an `object_type` with its groups and properties, an
`associations` mapping, a `pipeline`, an `import_map`, a `list`, a `mail_template`, a `workflow`, a
`translation`, a `role`, a `seat`, a `scheduling_page`, a `form`, a `view`, a `metric`, a `dashboard`, and
`removed:` tombstones anywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from wonward.errors import Invalid, Problem
from wonward.schema.definitions import normal
from wonward.schema.plan import Key, contradictions, object_types

Body = dict[str, Any]

SAMPLE = "sample.yaml"
"""The file of a blueprint that makes a past up and defines nothing; `sample/said.py` reads it."""


@dataclass(frozen=True)
class Blueprint:
    """What a folder says: definitions by key, tombstones, and which standard object types it takes."""

    documents: Mapping[Key, Mapping[str, Any]]
    tombstones: frozenset[Key]
    standard: tuple[str, ...]


@dataclass
class _Reading:
    documents: dict[Key, Body] = field(default_factory=dict)
    tombstones: set[Key] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    files: dict[Key, str] = field(default_factory=dict)

    def put(self, file: str, kind: str, name: str, body: Any) -> None:
        stored, problem = normal(kind, name, body)
        if problem:
            self.problems.append(_at(file, problem.message))
        elif stored is not None:
            if file == self.files.get((kind, name)):
                self.problems.append(_at(file, f"{kind} {name} stands there twice; keep one"))
            self.documents[kind, name] = stored
            self.files[kind, name] = file

    def mapping(self, file: str, key: str, value: Any) -> Body:
        """Return what stands under `key`, which must be 'name: value' lines or nothing."""
        if value is None or isinstance(value, dict):
            return value or {}
        self.problems.append(_at(file, f"{key}: should hold 'name: value' lines; write a name before each"))
        return {}

    def items(self, file: str, key: str, value: Any) -> list[Any]:
        """Return what stands under `key`, which must be a list or nothing."""
        if value is None or isinstance(value, list):
            return value or []
        self.problems.append(_at(file, f"{key}: should be a list; write {key}: [{value}]"))
        return []


def read(folder: Path) -> Blueprint:
    """Read a blueprint folder; raise Invalid with every problem, each with its file."""
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder; give the folder of a blueprint")
    found = {
        str(path.relative_to(folder)): text
        for path in sorted(set(folder.rglob("*.yaml")) - {folder / SAMPLE})
        if (text := _parse(path.read_bytes(), str(path.relative_to(folder))))
    }
    portals = [(file, text) for file, text in found.items() if "portal" in text]
    if len(portals) != 1:
        raise Invalid(f"{folder} needs one file with a 'portal:' key, and has {len(portals)}")
    reading = _Reading()
    file, text = portals[0]
    standard = tuple(str(name) for name in reading.items(file, "standard", text.get("standard")))
    _standard(reading, standard)
    for file, text in found.items():
        for problem in _unknown(file, text):
            reading.problems.append(problem)
        _definitions(reading, file, text)
    reading.problems += contradictions(reading.documents, frozenset(reading.tombstones))
    reading.problems += _loose_ends(reading)
    if reading.problems:
        raise Invalid(reading.problems)
    return Blueprint(with_system_properties(reading.documents), frozenset(reading.tombstones), standard)


def standard_types() -> tuple[str, ...]:
    """Return the names of the object types that are shipped."""
    return tuple(
        sorted(
            path.name.removesuffix(".yaml")
            for path in _FOLDER.iterdir()
            if path.name.endswith(".yaml") and path.name not in _NO_TYPES
        )
    )


def standard_documents(names: tuple[str, ...]) -> dict[Key, Mapping[str, Any]]:
    """Return the shipped definitions of the standard object types called `names`."""
    reading = _Reading()
    _standard(reading, names)
    if reading.problems:
        raise Invalid(reading.problems)
    return with_system_properties(reading.documents)


def with_system_properties(documents: Mapping[Key, Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    """Return definitions with the properties added that every object type among them has."""
    system = _shipped("system.yaml")
    added: dict[Key, Mapping[str, Any]] = {}
    for key, body in documents.items():
        added[key] = body
        if key[0] == "object_type":
            for name, each in system.items():
                added.setdefault(("property", f"{key[1]}.{name}"), each)
    return {**added, **documents}


_FOLDER = resources.files("wonward.schema") / "standard"
_NO_TYPES = ("system.yaml", "associations.yaml", "pipelines.yaml", "rollups.yaml")


def _shipped(file: str) -> Body:
    return _parse((_FOLDER / file).read_bytes(), file)


def _standard(reading: _Reading, names: tuple[str, ...]) -> None:
    available = standard_types()
    for name in names:
        if name not in available:
            reading.problems.append(
                _at(
                    "portal.yaml",
                    f"there is no standard object type '{name}'; choose from {', '.join(available)}",
                )
            )
            continue
        _definitions(reading, f"standard/{name}.yaml", _shipped(f"{name}.yaml"))
    for name, body in _shipped("rollups.yaml").items():
        if {name.partition(".")[0], body["reads"]} <= set(names):
            text = {key: value for key, value in body.items() if key != "reads"}
            reading.put("standard/rollups.yaml", "property", name, text)
    for name, body in _shipped("associations.yaml").items():
        if body["from"] in names and body["to"] in names:
            reading.put("standard/associations.yaml", "association", name, body)
    for name, body in _shipped("pipelines.yaml").items():
        if name.partition(".")[0] in names:
            reading.put("standard/pipelines.yaml", "pipeline", name, body)


def _parse(written: bytes, file: str) -> Body:
    try:
        parsed = yaml.safe_load(written.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise Invalid(f"{file} line {line}: a letter there isn't UTF-8; save the file as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise Invalid(f"{file}{place}: {error.problem}; mend the YAML there") from error
    except (yaml.YAMLError, ValueError) as error:  # a control character, a date that isn't one
        reason = " ".join(str(error).split())
        raise Invalid(f"{file}: {reason}; mend the YAML there") from error
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise Invalid(f"{file}: expected 'key: value' lines at the top level")
    return parsed


def _at(file: str, message: str) -> Problem:
    return Problem(f"{file}: {message}", "INVALID_DEFINITION", context={"file": file})


_ALONE = (
    "pipeline",
    "import_map",
    "list",
    "mail_template",
    "workflow",
    "sequence",
    "translation",
    "role",
    "seat",
    "scheduling_page",
    "metric",
    "dashboard",
    "view",
    "form",
)
_KINDS = ("portal", "object_type", *_ALONE)


def _unknown(file: str, text: Body) -> Iterator[Problem]:
    if not any(key in text for key in (*_KINDS, "associations", "removed")):
        yield _at(file, f"says nothing known; a file holds one of {', '.join(_KINDS)}, associations, removed")
    elif "portal" in text or not any(kind in text for kind in _KINDS):  # other bodies refuse for themselves
        for key in text.keys() - {"portal", "standard", "associations", "removed"}:
            yield _at(file, f"the key '{key}' can't stand here; mend it or give it a file of its own")


def _definitions(reading: _Reading, file: str, text: Body) -> None:
    if "object_type" in text:
        _object_type(reading, file, dict(text))
    elif "portal" in text:
        reading.put(file, "portal", "portal", text["portal"])
    else:
        for kind in _ALONE:
            if kind in text:
                body = {key: value for key, value in text.items() if key not in (kind, "removed")}
                reading.put(file, kind, str(text[kind]), body)
    for name, body in reading.mapping(file, "associations", text.get("associations")).items():
        reading.put(file, "association", str(name), body)
    if "object_type" not in text:
        _tombstones(reading, file, reading.items(file, "removed", text.get("removed")))


def _object_type(reading: _Reading, file: str, text: Body) -> None:
    name = str(text.pop("object_type"))
    properties = reading.mapping(file, "properties", text.pop("properties", None))
    removed = reading.items(file, "removed", text.pop("removed", None))
    present = reading.documents.get(("object_type", name), {})
    own_groups = reading.mapping(file, "groups", text.pop("groups", None))
    groups = {**present.get("groups", {}), **own_groups}
    reading.put(file, "object_type", name, {**present, **text, **({"groups": groups} if groups else {})})
    for property_name, body in properties.items():
        reading.put(file, "property", f"{name}.{property_name}", body)
    for property_name in removed:
        reading.documents.pop(("property", f"{name}.{property_name}"), None)
        reading.tombstones.add(("property", f"{name}.{property_name}"))


def _tombstones(reading: _Reading, file: str, removed: list[Any]) -> None:
    for entry in removed:
        kind, _, name = str(entry).partition(" ")
        if not name:
            reading.problems.append(_at(file, f"'{entry}' under removed: should be 'kind name'"))
            continue
        gone = {name} if kind == "object_type" else set()
        for key, body in list(reading.documents.items()):
            if file != reading.files[key] and (key == (kind, name) or gone & object_types(key, body)):
                del reading.documents[key]
        reading.tombstones.add((kind, name))


def _loose_ends(reading: _Reading) -> Iterator[Problem]:
    """Yield a problem for each definition that names an object type the blueprint doesn't have."""
    types = {name for kind, name in reading.documents if kind == "object_type"}
    for (kind, name), body in reading.documents.items():
        for each in sorted(object_types((kind, name), body) - types):
            message = f"{kind} {name} names the object type '{each}', which isn't there"
            yield _at(reading.files[kind, name], message)
