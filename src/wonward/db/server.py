"""The bundled PostgreSQL: started when needed, shared by processes, stopped by the last of them.

It serves one data folder on a private unix socket and never listens on the network. Whether
it lives is told by a file lock that all of PostgreSQL's processes inherit: the kernel frees it
when the last of them is gone, however they ended, so neither a crash nor a reused process id
can mislead.
"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from psycopg.conninfo import make_conninfo

from wonward.db import cluster
from wonward.db.programs import ServerError, find_programs

__all__ = ["Server", "ServerError", "hold", "start", "status", "stop", "stop_if_unused"]

PATIENCE = 120.0  # seconds for a start, with recovery after a crash, or a stop
LARGEST_LOG = 10_000_000


@dataclass(frozen=True, slots=True)
class Server:
    """Where a running server is reached."""

    socket_dir: Path
    port: int = 5432
    user: str = "wonward"
    dbname: str = "wonward"

    @property
    def conninfo(self) -> str:
        """The connection string for psycopg and libpq."""
        return make_conninfo(host=str(self.socket_dir), port=self.port, user=self.user, dbname=self.dbname)

    @property
    def url(self) -> str:
        """The same as a URL, for DATABASE_URL."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{self.user}@/{self.dbname}?host={host}&port={self.port}"


@contextmanager
def hold(data_dir: Path) -> Iterator[Server]:
    """Use the server inside the block, starting it when needed; the last one to leave stops it."""
    folder = _folder(data_dir)
    try:
        with _locked(folder / "users.lock", fcntl.LOCK_SH):
            yield start(folder)
    finally:
        stop_if_unused(folder)


def start(data_dir: Path) -> Server:
    """Return the server of a data folder; start it, and make its database, when needed."""
    folder = _folder(data_dir)
    with _locked(folder / "start.lock") as lock:
        return _settled(folder) or _launch(folder, lock)


def status(data_dir: Path) -> Server | None:
    """Return the server that accepts connections for a data folder, if one does."""
    folder = data_dir.resolve()
    pid, lines = _pid_file(folder)
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    if ready and _running(folder) and _is_postmaster(pid, folder):
        return Server(Path(lines[4]), int(lines[3]))
    return None


def stop(data_dir: Path) -> None:
    """Stop the server, whoever uses it, and wait until it is gone."""
    folder = data_dir.resolve()
    if (folder / "start.lock").exists():
        with _locked(folder / "start.lock"):
            _stop(folder)


def stop_if_unused(data_dir: Path) -> bool:
    """Stop the server unless a process holds it; return whether none did."""
    folder = _folder(data_dir)
    with _locked(folder / "start.lock"), _opened(folder / "users.lock") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        _stop(folder)
        return True


# --- whether it lives -----------------------------------------------------------------------


@contextmanager
def _locked(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[IO[str]]:
    """Hold a file's lock inside the block, and after it for as long as a child that inherited it lives."""
    with _opened(path) as lock:
        fcntl.flock(lock, kind)
        yield lock


def _opened(path: Path) -> IO[str]:
    """Open a lock file, which belongs to whom the folder does, also when root makes it."""
    file = path.open("a")
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    return file


def _running(folder: Path) -> bool:
    """Whether any process of this folder's server lives, ready or not."""
    try:
        with (folder / "running.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _settled(folder: Path) -> Server | None:
    """Wait until the server is either ready or gone, and return it when ready."""
    end = time.monotonic() + PATIENCE
    while _running(folder):
        server = status(folder)
        if server:
            return server
        if time.monotonic() > end:
            pid, _ = _pid_file(folder)
            raise ServerError(
                f"PostgreSQL (process {pid}) in {folder} is neither ready nor gone after {PATIENCE:.0f} s; "
                f"its log is {folder / 'server.log'}"
            )
        time.sleep(0.02)
    return None


def _pid_file(folder: Path) -> tuple[int, list[str]]:
    """Return the process id and all lines of the file that a server keeps about itself."""
    try:
        lines = (folder / "cluster" / "postmaster.pid").read_text().splitlines()
        return max(int(lines[0]), 0), lines
    except (OSError, ValueError, IndexError):
        return 0, []


def _alive(pid: int) -> bool:
    """Whether a process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def _is_postmaster(pid: int, folder: Path) -> bool:
    """Whether a process is this folder's server, which works in it, and not another that got its id."""
    if not Path("/proc/self").exists():  # not Linux
        return _alive(pid)
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink() == folder / "cluster"
    return False


# --- starting and stopping, always under the start lock ---------------------------------------


def _launch(folder: Path, lock: IO[str]) -> Server:
    """Start PostgreSQL on a folder whose server is gone."""
    programs = find_programs(folder)
    log = folder / "server.log"
    with _locked(folder / "running.lock") as running:
        data = cluster.made(folder, programs, lock)
        _clear_crashed(folder)
        cluster.configure(data, cluster.socket_dir(folder, programs), programs)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(folder / "server.log.1")
        logged = log.stat().st_size if log.exists() else 0
        try:
            # pg_ctl leaves the server in a session of its own, which Ctrl+C doesn't reach.
            wait = ("-w", "-t", f"{PATIENCE:.0f}")
            programs.run("pg_ctl", "start", "-D", data.name, "-l", log.name, *wait, keep=running)
        except ServerError as error:
            said = log.read_bytes()[logged:].decode(errors="replace") if log.exists() else ""
            tail = "\n".join(said.strip().splitlines()[-12:])
            raise ServerError(f"PostgreSQL did not start in {folder}. {tail or error}") from error
    server = status(folder)
    if server is None:
        raise ServerError(f"PostgreSQL in {folder} ended right after it started; its log is {log}")
    return server


def _stop(folder: Path) -> None:
    """End the server if it runs: it rolls back what is under way, writes all out and goes."""
    if _settled(folder) is None:
        return
    pid, lines = _pid_file(folder)
    os.kill(pid, signal.SIGINT)
    end = time.monotonic() + PATIENCE
    while _running(folder):
        if time.monotonic() > end:
            raise ServerError(f"PostgreSQL (process {pid}) in {folder} did not stop in {PATIENCE:.0f} s")
        time.sleep(0.02)
    with suppress(OSError):
        Path(lines[4]).rmdir()


def _clear_crashed(folder: Path) -> None:
    """Remove a crashed server's process file when its id now belongs to another process.

    PostgreSQL itself clears the file of a process that is gone, but would wait for the other one forever.
    """
    pid, _ = _pid_file(folder)
    if _is_postmaster(pid, folder):
        raise ServerError(f"PostgreSQL (process {pid}) was started on {folder} by other means: stop it first")
    if _alive(pid):
        (folder / "cluster" / "postmaster.pid").unlink()


def _folder(data_dir: Path) -> Path:
    """Return the data folder, made when needed, private to its owner."""
    folder = data_dir.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServerError(f"The data folder {folder} can't be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ServerError(f"The data folder {folder} is another user's: run as that user or choose another")
    return folder
