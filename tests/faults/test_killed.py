"""Processes killed under load, and a database that goes away: nothing acknowledged is lost, halved or done twice."""

import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from wonward.db import server

from .conftest import Crowd, House, free_port, until

UNCOUNTED = """
    select record_id, kind, n, coalesce(m, 0) from (
        select record_id, kind, count(*) as n from portal_havn._change group by 1, 2) there
    full join (select record_id, kind, count(*) as m from counted group by 1, 2) seen using (record_id, kind)
    where n is distinct from m"""
"""What the feed's consumers were given less or more often than it happened."""

Gather = Callable[..., Crowd]


def caught_up(house: House) -> None:
    """Wait until the worker has counted all there is."""
    until(lambda: not house.rows(UNCOUNTED), "counting every change")


def test_a_killed_server_leaves_nothing_half_written(house: House, crowd: Gather) -> None:
    port = free_port()
    for _ in range(2):
        process = house.serve(port)
        clients = crowd([port])
        clients.more(40)
        house.kill(process)
        clients.stop()
        clients.assert_nothing_lost_or_halved()
    house.serve(port)
    after = crowd([port])
    after.more(10)
    after.stop()
    after.assert_nothing_lost_or_halved()


def test_a_killed_worker_does_its_work_once(house: House, crowd: Gather) -> None:
    port = free_port()
    house.serve(port)
    clients = crowd([port])
    for _ in range(4):
        worker = house.work()
        clients.more(25)
        house.kill(worker)
    clients.stop()
    clients.assert_nothing_lost_or_halved()
    house.work()
    caught_up(house)
    assert_visits_are_as_logged(house)


def assert_visits_are_as_logged(house: House) -> None:
    """Compare how long deals stood in which stage with what the log tells; two rooms, so two questions."""
    logged = house.rows("""
        select record_id, array_agg(diff -> 'dealstage' ->> 1 order by seq) from portal_havn._change
        where object_type = 'deal' and diff ? 'dealstage' group by 1""")
    kept = house.rows("""
        select record_id, array_agg(stage::text order by entered_at, id) from pipelines_stagevisit group by 1""")
    assert dict(kept) == dict(logged)


def test_a_killed_database_keeps_what_it_acknowledged(house: House, crowd: Gather) -> None:
    port = free_port()
    house.serve(port)
    house.work()
    clients = crowd([port])
    for _ in range(2):
        clients.more(40)
        house.kill_database()
        server.start(house.database)
    clients.more(40)  # the servers found their way back by themselves
    clients.stop()
    clients.assert_nothing_lost_or_halved()
    caught_up(house)
    assert {status for client in clients.clients for status in client.statuses} <= {200, 201, 503}


def test_lost_connections_are_made_anew(house: House, crowd: Gather) -> None:
    port = free_port()
    house.serve(port)
    clients = crowd([port])
    for _ in range(8):
        clients.more(10)
        house.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wonward'"
        )
    clients.more(40)
    clients.stop()
    clients.assert_nothing_lost_or_halved()
    assert {status for client in clients.clients for status in client.statuses} <= {200, 201, 503}


def test_a_full_disk_refuses_and_recovers(house: House, crowd: Gather) -> None:
    """PostgreSQL's files can't grow for a while, as on a full disk; it may end over that, and is started again."""
    port = free_port()
    house.serve(port)
    clients = crowd([port])
    clients.more(20)
    largest = max(file.stat().st_size for file in table_files(house))
    limit_files(house, largest // 8192 * 8192)
    until(lambda: sum(len(client.failed) for client in clients.clients) > 20, "running into the limit")
    limit_files(house, resource.RLIM_INFINITY)
    server.start(house.database)
    clients.more(40)
    clients.stop()
    clients.assert_nothing_lost_or_halved()
    assert {status for client in clients.clients for status in client.statuses} <= {200, 201, 503}


def table_files(house: House) -> list[Path]:
    """Return the files of the portal's tables."""
    with psycopg.connect(house.conninfo) as connection:
        found = connection.execute(
            "select pg_relation_filepath(c.oid) from pg_class c join pg_namespace n on n.oid = relnamespace "
            "where nspname = 'portal_havn' and relkind = 'r'"
        ).fetchall()
    return [house.database / "cluster" / path for (path,) in found]


def limit_files(house: House, size: int) -> None:
    """Keep every file that PostgreSQL's processes write below a size; they may end meanwhile."""
    with suppress(FileNotFoundError, ProcessLookupError):
        master = int((house.database / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in (master, *map(int, children)):
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
