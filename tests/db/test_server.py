"""The bundled server with the real PostgreSQL: shared, stopped, killed, and run by whoever."""

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path

import psycopg
import pytest

from wonward import settings
from wonward.db import server
from wonward.db.programs import NOBODY, find_programs

fork = get_context("fork")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another user's place")


@pytest.fixture
def place() -> Iterator[Path]:
    """A short folder that every user can reach; servers on data folders in it are stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    yield folder
    for log in folder.rglob("server.log"):
        server.stop(log.parent)
    shutil.rmtree(folder)


@pytest.fixture
def data(place: Path) -> Path:
    return place / "data"


@pytest.fixture(scope="module")
def copied_programs() -> Iterator[Path]:
    """The programs where every user can reach them, wherever this checkout lies."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        programs = find_programs(Path(folder)).folder
        packages, package = programs.parents[2], programs.parents[1].name
        for name in (package, f"{package}.libs"):
            shutil.copytree(packages / name, Path(folder, name))
        Path(folder).chmod(0o755)
        yield Path(folder, programs.relative_to(packages))


@pytest.fixture
def reachable_programs(copied_programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "WONWARD_POSTGRES_BIN", str(copied_programs))
    monkeypatch.setenv("WONWARD_POSTGRES_BIN", str(copied_programs))  # for the processes that tests start


def ask(running: server.Server, query: str) -> object:
    with psycopg.connect(running.conninfo) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
    return row and row[0]


def postmaster(data: Path) -> int:
    return int((data / "cluster" / "postmaster.pid").read_text().split()[0])


def processes(data: Path) -> list[int]:
    """All live processes of the data folder's server."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data / "cluster":
                found.append(int(process.name))
        except OSError:
            continue
    return found


def run_apart(work: Callable[[Connection], None], user: int | None = None) -> tuple[ForkProcess, Connection]:
    """Run a function in a process of its own, as another user if one is given."""

    def child() -> None:
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        work(there)

    here, there = fork.Pipe()
    process = fork.Process(target=child)
    process.start()
    return process, here


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def test_a_started_server_answers_privately_until_stopped(data: Path) -> None:
    running = server.start(data)
    assert ask(running, "select current_database()") == "wonward"
    assert ask(running, "show listen_addresses") == ""
    assert ask(running, "select lower('ÆØÅ')") == "æøå"
    assert stat.S_IMODE(running.socket_dir.stat().st_mode) == 0o700
    assert os.getsid(postmaster(data)) != os.getsid(0), "Ctrl+C must not reach it"
    assert server.status(data) == server.start(data) == running
    server.stop(data)
    assert server.status(data) is None
    assert processes(data) == []


def test_data_is_there_after_a_restart(data: Path) -> None:
    ask(server.start(data), "create table kept as select 7 as n")
    server.stop(data)
    server.stop(data)
    assert ask(server.start(data), "select n from kept") == 7


def test_processes_that_start_at_once_share_one_server(data: Path) -> None:
    def work(answer: Connection) -> None:
        answer.send((server.start(data), postmaster(data)))

    children = [run_apart(work) for _ in range(4)]
    answers = [answer.recv() for _, answer in children]
    for process, _ in children:
        process.join()
    assert len(set(answers)) == 1


def test_the_last_holder_stops_the_server(data: Path) -> None:
    def work(answer: Connection) -> None:
        with server.hold(data):
            answer.send("holding")
            answer.recv()

    process, answer = run_apart(work)
    assert answer.recv() == "holding"
    with server.hold(data) as running:
        assert ask(running, "select 1") == 1
    assert not server.stop_if_unused(data)
    assert server.status(data) is not None
    answer.send("leave")
    process.join()
    assert server.status(data) is None
    assert server.stop_if_unused(data)


def test_a_holder_that_was_killed_holds_no_more(data: Path) -> None:
    def work(answer: Connection) -> None:
        with server.hold(data):
            answer.send("holding")
            answer.recv()

    process, answer = run_apart(work)
    assert answer.recv() == "holding"
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert server.status(data) is not None
    with server.hold(data):
        pass
    assert server.status(data) is None


def test_a_killed_postmaster_is_replaced(data: Path) -> None:
    running = server.start(data)
    ask(running, "create table kept as select 7 as n")
    killed = postmaster(data)
    with psycopg.connect(running.conninfo):
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: killed not in processes(data))
        again = server.start(data)
    assert postmaster(data) != killed
    assert ask(again, "select n from kept") == 7


def test_leftovers_of_a_crash_whose_process_id_was_reused_dont_block(data: Path) -> None:
    running = server.start(data)
    ask(running, "create table kept as select 7 as n")
    for process in processes(data):
        os.kill(process, signal.SIGKILL)
    wait_for(lambda: not processes(data))
    for left in (data / "cluster" / "postmaster.pid", running.socket_dir / ".s.PGSQL.5432.lock"):
        _, *lines = left.read_text().splitlines(keepends=True)
        left.write_text("".join([f"{os.getpid()}\n", *lines]))
    assert server.status(data) is None
    assert ask(server.start(data), "select n from kept") == 7


def test_a_start_killed_in_the_middle_is_made_again(data: Path) -> None:
    process, _ = run_apart(lambda _: (server.start(data), None)[1])
    wait_for((data / "cluster.new" / "PG_VERSION").exists)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (data / "cluster").exists()
    assert ask(server.start(data), "select 1") == 1
    assert not (data / "cluster.new").exists()


@pytest.mark.parametrize("name", ['it\'s a "folder", ø', "long" * 30])
def test_any_path_will_do(place: Path, name: str) -> None:
    running = server.start(place / name)
    assert ask(running, "select 1") == 1
    assert stat.S_IMODE(running.socket_dir.stat().st_mode) == 0o700
    server.stop(place / name)
    assert not running.socket_dir.exists()


def test_the_log_keeps_no_values_of_records(data: Path) -> None:
    running = server.start(data)
    ask(running, "create table people (mail text unique)")
    ask(running, "insert into people values ('a@b.example')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(running, "insert into people values ('a@b.example')")
    log = (data / "server.log").read_text()
    assert "duplicate key" in log
    assert "a@b.example" not in log


def test_a_folder_without_programs_is_refused(
    data: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WONWARD_POSTGRES_BIN", str(place))
    with pytest.raises(server.ServerError, match="no program initdb or pg_ctl or postgres: set WONWARD_"):
        server.start(data)


def test_another_version_is_refused(data: Path) -> None:
    server.start(data)
    server.stop(data)
    (data / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(server.ServerError, match=r"was made by PostgreSQL 14.*pg_upgrade"):
        server.start(data)


def test_a_start_that_fails_shows_the_log(data: Path) -> None:
    server.start(data)
    server.stop(data)
    (data / "cluster" / "postgresql.conf").write_text("shared_buffers = lots\n")
    with pytest.raises(server.ServerError, match="invalid value for parameter"):
        server.start(data)
    assert server.status(data) is None


@as_root
@pytest.mark.usefixtures("reachable_programs")
def test_an_ordinary_user_needs_no_root(place: Path, data: Path) -> None:
    def work(answer: Connection) -> None:
        answer.send(ask(server.start(data), "select 7"))
        server.stop(data)

    data.mkdir()
    os.chown(data, NOBODY, NOBODY)
    process, answer = run_apart(work, user=NOBODY)
    assert answer.recv() == 7
    process.join()
    assert (data / "cluster").stat().st_uid == NOBODY


@as_root
@pytest.mark.usefixtures("reachable_programs")
def test_root_serves_a_users_folder_as_that_user(place: Path, data: Path) -> None:
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)
    assert ask(server.start(data), "select 7") == 7
    assert Path(f"/proc/{postmaster(data)}").stat().st_uid == NOBODY
    server.stop(data)
    owners = {path.lstat().st_uid for path in data.rglob("*")}
    assert owners == {NOBODY}, "the user can go on without root"


@as_root
@pytest.mark.usefixtures("reachable_programs")
def test_root_drops_its_rights_where_namespaces_are_forbidden(data: Path, no_namespaces: None) -> None:
    assert ask(server.start(data), "select 7") == 7
    assert Path(f"/proc/{postmaster(data)}").stat().st_uid == NOBODY


@as_root
@pytest.mark.usefixtures("reachable_programs")
def test_root_is_told_when_nothing_can_be_done(place: Path, no_namespaces: None) -> None:
    (place / "private").mkdir(mode=0o700)
    with pytest.raises(server.ServerError, match=r"can't reach .*/private: .* set DATABASE_URL"):
        server.start(place / "private" / "data")


@pytest.fixture
def no_namespaces(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An `unshare` that fails as in a container that forbids user namespaces."""
    forbidden = place / "unshare"
    forbidden.write_text("#!/bin/sh\nexit 1\n")
    forbidden.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
