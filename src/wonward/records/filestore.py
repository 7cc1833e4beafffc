"""The store of files that imports were given and exports wrote: a folder under WONWARD_DATA.

Names are made here and mean nothing, so that no name from outside ever becomes a path. Web and worker
processes on several machines share the folder.
"""

import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from wonward.errors import Invalid


def path_of(name: str) -> Path:
    """Return where a stored file is."""
    folder = Path(settings.WONWARD_DATA) / "transfers"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / name


def all_files() -> list[Path]:
    """Return every stored file."""
    return sorted(path_of(".").iterdir())


def new_name(suffix: str) -> str:
    """Return a name that no file has."""
    return f"{secrets.token_hex(16)}{suffix}"


def keep(blocks: Iterable[bytes], suffix: str, largest: int) -> str:
    """Store a file and return its name; raise Invalid when it has more than `largest` bytes."""
    name = new_name(suffix)
    path, size = path_of(name), 0
    try:
        with path.open("xb") as file:
            for block in blocks:
                size += len(block)
                if size > largest:
                    raise too_large("The file", largest)
                file.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name


def too_large(name: str, largest: int) -> Invalid:
    """Return the refusal of a file that is too large."""
    return Invalid(
        f"{name} is larger than {largest >> 20} MB; split it and import the parts", code="FILE_TOO_LARGE"
    )


def remove(name: str) -> None:
    """Delete a stored file, if it is there."""
    if name:
        path_of(name).unlink(missing_ok=True)
