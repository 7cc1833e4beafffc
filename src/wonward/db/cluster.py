"""The bundled PostgreSQL's data on disk: made once, then given its settings at every start."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import IO

from wonward.db.programs import Programs, ServerError

LONGEST_SOCKET = 103  # bytes of path: Linux takes 107, macOS 103
QUOTE = "'"

# For a machine of 2 cores and 2 GiB shared with the application; a larger site has its own server.
SETTINGS = {
    "cluster_name": "wonward",
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log says what failed, without the values in anyone's records.
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


def made(folder: Path, programs: Programs, lock: IO[str]) -> Path:
    """Return the folder of PostgreSQL's own files, made when needed."""
    data, version = folder / "cluster", programs.version()
    if not data.exists():
        _initialise(programs, version, folder, lock)
    _check_version(version, data)
    return data


def socket_dir(folder: Path, programs: Programs) -> Path:
    """Return an empty private folder for the socket: in the data folder, unless its path won't do."""
    chosen = folder / "socket"
    too_long = len(os.fsencode(chosen / ".s.PGSQL.5432")) > LONGEST_SOCKET
    if too_long or "," in str(chosen):  # clients take a comma as the end of one host's name
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        chosen = Path(tempfile.gettempdir(), f"wonward-{os.geteuid()}-{name}")
    chosen.mkdir(mode=0o700, exist_ok=True)
    found = chosen.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), programs.user}:
        raise ServerError(f"{chosen}, meant for PostgreSQL's socket, belongs to another user: remove it")
    chosen.chmod(0o700)
    programs.give(chosen)
    for left in chosen.iterdir():
        left.unlink()
    return chosen


def configure(data: Path, sockets: Path, programs: Programs) -> None:
    """Write the settings where the server reads them."""
    listed = str(sockets).replace('"', '""')
    settings = SETTINGS | {"unix_socket_directories": f'"{listed}"'}
    lines = [f"{name} = '{value.replace(QUOTE, QUOTE * 2)}'\n" for name, value in settings.items()]
    conf = data / "wonward.conf"
    conf.write_text("".join(lines))
    programs.give(conf)


def _initialise(programs: Programs, version: int, folder: Path, lock: IO[str]) -> None:
    """Make the database aside and move it into place, so that an interrupted start leaves no half of one.

    The programs inherit the start lock: should this process be killed, the next start waits for them.
    Trust is safe: only the owner, and root, can enter the folder of the socket, and there is no other
    way in. Peer would not do, since root has another name inside the user namespace. Sorting is by code
    point under Unicode's rules for letters: PostgreSQL brings that itself from 17 on, no locale of the
    machine's is needed, and no upgrade of the machine's can spoil an index. Before 17 it is C.UTF-8,
    which Debian always has.
    """
    new = folder / "cluster.new"
    if new.exists():
        shutil.rmtree(new)
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    locale = builtin if version >= 17 else ("--locale=C.UTF-8",)
    common = ("--username=wonward", "--auth=trust", "--encoding=UTF8", "--data-checksums")
    programs.run("initdb", "-D", new.name, *common, *locale, keep=lock)
    said = programs.run(
        "postgres", "--single", "-D", new.name, "postgres", given="create database wonward\n", keep=lock
    )
    if "ERROR:" in said:
        raise ServerError(f"PostgreSQL could not make its database in {folder}:\n{said.strip()}")
    with (new / "postgresql.conf").open("a") as conf:
        conf.write("include 'wonward.conf'\n")
    new.rename(folder / "cluster")


def _check_version(version: int, data: Path) -> None:
    """Refuse data that another major version made."""
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != str(version):
        raise ServerError(
            f"{data} was made by PostgreSQL {made_by}, and this is {version}: set WONWARD_POSTGRES_BIN to "
            f"the bin folder of a PostgreSQL {made_by}, or bring the data over with pg_upgrade"
        )
