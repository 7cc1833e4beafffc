"""Finds the import map of a file: one given as a YAML file, or the portal's own for files of that name."""

from fnmatch import fnmatch
from pathlib import Path

import yaml

from wonward.documents import store
from wonward.errors import Conflict, Invalid, Missing
from wonward.records.importing.mapping import ImportMap, typed
from wonward.schema.definitions import ImportMapBody, body_of, normal


def from_file(path: Path) -> ImportMap:
    """Read a map written as in a blueprint's folder; raise Missing or Invalid."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Missing(f"There is no import map {path}", code="FILE_NOT_FOUND") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not in UTF-8; save it in UTF-8") from error
    except yaml.YAMLError as error:
        raise Invalid(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(said, dict) or "import_map" not in said:
        raise Invalid(f"{path} is no import map; it begins with a line such as 'import_map: accounts'")
    name = str(said.pop("import_map"))
    stored, problem = normal("import_map", name, said)
    if stored is None:
        raise Invalid(
            f"{path}: {problem.message if problem else 'not an import map'}", code="INVALID_IMPORT_MAP"
        )
    return typed(body_of(ImportMapBody, stored), str(path))


def for_file(portal_id: int, object_type: str, file_name: str) -> ImportMap | None:
    """Return the portal's map of files called `file_name` for an object type by its name, if it has one.

    The map of `accounts.csv` serves `accounts.errors.csv` too. Raise Conflict when several do.
    """
    plain = file_name.lower().replace(".errors.", ".")
    bodies = {
        name: body_of(ImportMapBody, body)
        for (kind, name), body in store.read(portal_id).items()
        if kind == "import_map"
    }
    found = [
        (name, body)
        for name, body in bodies.items()
        if body.object == object_type and any(fnmatch(plain, pattern.lower()) for pattern in body.files)
    ]
    if len(found) > 1:
        names = " and ".join(name for name, _ in found)
        raise Conflict(
            f"The import maps {names} both read {file_name}; give the one that is meant with --map"
        )
    return typed(found[0][1], found[0][0]) if found else None
