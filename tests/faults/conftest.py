"""A whole Wonward of its own for each test: PostgreSQL, servers, workers, and clients that never stop asking.

Everything runs in processes of its own, so that they can be killed as a machine kills them.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg
import pytest

from wonward.db import server
from wonward.records.importing import sample

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds for anything to happen on a busy machine."""


def until(true: Callable[[], object], what: str) -> None:
    """Wait for something; looking often costs little and no test waits longer than it must."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what} took too long"
        time.sleep(0.05)


class House:
    """One portal on a database server of its own, and the processes that serve it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "postgresql"
        held = server.start(self.database)
        self.conninfo = held.conninfo
        self.environment = os.environ | {
            "DATABASE_URL": held.url,
            "WONWARD_DATA": str(folder),
            "WONWARD_PROCESSES": "2",
            "DJANGO_SETTINGS_MODULE": "wonward.settings",
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = (folder / "processes.log").open("ab")
        self.wonward("db", "upgrade")
        self.wonward("portal", "create", "havn", "--blueprint", str(ROOT / "blueprints" / "starter"))
        self.token = self.wonward("token", "create", "--portal", "havn").splitlines()[-1]

    def wonward(self, *arguments: str) -> str:
        """Run a command to its end and return what it says."""
        command = [sys.executable, "-m", "wonward", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start a process in a group of its own."""
        process = subprocess.Popen(
            [sys.executable, *command],
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def serve(self, port: int) -> "subprocess.Popen[bytes]":
        """Start a web server with two processes and wait until it answers."""
        process = self.start("-m", "wonward", "serve", "--bind", f"127.0.0.1:{port}")
        until(lambda: answers(port), "the server's start")
        return process

    def work(self) -> "subprocess.Popen[bytes]":
        """Start a worker that counts every change it is given, beside all it does anyway, and wait until it counts."""
        process = self.start(str(Path(__file__).with_name("counting_worker.py")))
        until(lambda: self.one("select to_regclass('counted') is not null"), "the worker's start")
        return process

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill a process and all it started, as a machine out of memory does."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_database(self) -> None:
        """Kill PostgreSQL, every process of it at once, and wait until the last is gone: killing takes its time."""
        master = int((self.database / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in (master, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it went by itself meanwhile
        until(lambda: server.status(self.database) is None, "PostgreSQL's end")

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def one(self, statement: str) -> Any:
        """Return the one value a statement answers with."""
        return self.rows(statement)[0][0]

    def close(self) -> None:
        """Stop everything that was started here."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            process.wait(60)
        self.log.close()
        server.stop(self.database)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Tell whether a server and its database answer."""
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/health")
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


@dataclass
class Deal:
    """What a client knows of a deal it made: what was answered, and what was asked without an answer."""

    name: str
    record_id: int | None = None
    amounts: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """Makes deals, changes them, moves them and associates them, one request after the other, until told to stop.

    It never repeats a request, so that whatever is there twice was done twice by the house.
    """

    def __init__(self, house: House, name: str, ports: list[int]) -> None:
        super().__init__(name=name, daemon=True)
        self.house, self.ports = house, ports
        self.deals: list[Deal] = []
        self.asked = 0
        self.failed: list[str] = []
        self.statuses: set[int] = set()
        self.stopping = threading.Event()

    def run(self) -> None:
        """Go round until told to stop."""
        company = self.call("POST", "/crm/v3/objects/companies", {"properties": {"name": f"{self.name} A/S"}})
        while not self.stopping.is_set():
            deal = Deal(f"{self.name} {len(self.deals)}")
            self.deals.append(deal)
            made = self.call(
                "POST",
                "/crm/v3/objects/deals",
                {"properties": {"dealname": deal.name, "amount": "1", "dealstage": "prospecting"}},
            )
            if made is None:
                continue
            deal.record_id = int(made["id"])
            deal.amounts.append("1")
            for amount, stage in (("2", "engaging"), ("3", "closedwon")):
                values = {"amount": amount, "dealstage": stage}
                done = self.call("PATCH", f"/crm/v3/objects/deals/{deal.record_id}", {"properties": values})
                if done:
                    deal.amounts.append(amount)
                    deal.unsure.clear()
                else:
                    deal.unsure.append(amount)
            if company:
                path = (
                    f"/crm/v4/objects/deals/{deal.record_id}/associations/default/companies/{company['id']}"
                )
                self.call("PUT", path, None)

    def call(self, method: str, path: str, body: Any) -> Any:
        """Ask once; return the answer, or None when there was none or the server refused for now."""
        self.asked += 1
        line = HTTPConnection("127.0.0.1", self.ports[self.asked % len(self.ports)], timeout=30)
        try:
            line.request(
                method,
                path,
                None if body is None else json.dumps(body),
                {"Authorization": f"Bearer {self.house.token}", "Content-Type": "application/json"},
            )
            answer = line.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            self.failed.append(f"{method} {path}: {error!r}")
            self.stopping.wait(0.05)
            return None
        finally:
            line.close()
        self.statuses.add(answer.status)
        if answer.status >= 500:
            self.failed.append(f"{method} {path}: {answer.status} {text!r}")
            return None
        assert answer.status < 300, text
        return json.loads(text)


@dataclass
class Crowd:
    """Clients at work on one house, and what must hold when they have stopped."""

    house: House
    clients: list[Client]

    @property
    def made(self) -> int:
        """How many deals were acknowledged so far."""
        return sum(deal.record_id is not None for client in self.clients for deal in list(client.deals))

    def more(self, count: int) -> None:
        """Wait until so many more deals were acknowledged."""
        goal = self.made + count
        until(lambda: self.made >= goal, f"making {count} deals")

    def stop(self) -> None:
        """Let every client finish what it asks, and stop."""
        for client in self.clients:
            client.stopping.set()
        for client in self.clients:
            client.join(PATIENCE)
            assert not client.is_alive()

    def assert_nothing_lost_or_halved(self) -> None:
        """Compare what the clients were told with what is there, and what is there with its own log."""
        there: dict[str, list[tuple[int, str]]] = {}
        for number, name, amount in self.house.rows(
            "select _id, dealname, amount::text from portal_havn.deal where dealname like 'client %'"
        ):
            there.setdefault(name, []).append((number, amount))
        assert [name for name, found in there.items() if len(found) > 1] == [], "done twice"
        for client in self.clients:
            for deal in client.deals:
                if deal.record_id is None:
                    continue
                [(number, amount)] = there.get(deal.name, [(None, None)])
                assert number == deal.record_id, f"{deal.name} was acknowledged and is lost"
                assert amount in (deal.amounts[-1], *deal.unsure), f"{deal.name} lost an amount"
        for what, statement in WHOLE.items():
            assert self.house.rows(statement) == [], what


WHOLE = {
    "records without their creation in the log, or the other way round": """
        select r._id, c.record_id from portal_havn.deal r full join (
            select record_id from portal_havn._change where object_type = 'deal' and kind = 'created') c
        on c.record_id = r._id where r._id is null or c.record_id is null""",
    "records created twice in the log": """
        select record_id from portal_havn._change where kind = 'created' group by 1 having count(*) > 1""",
    "values that the log tells otherwise": """
        select r._id from portal_havn.deal r cross join lateral (
            select c.diff -> 'amount' ->> 1 as amount from portal_havn._change c
            where c.record_id = r._id and c.diff ? 'amount' order by c.seq desc limit 1) said
        where said.amount is distinct from r.amount::text""",
    "associations that stand in one direction alone": """
        select a.from_id, a.to_id from portal_havn._association a left join portal_havn._association b
        on b.from_id = a.to_id and b.to_id = a.from_id where b.from_id is null""",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A portal with one company, on everything of its own."""
    made = House(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def crowd(house: House) -> Iterator[Callable[..., Crowd]]:
    """Give a function that sets clients to work on servers at the given ports."""
    crowds: list[Crowd] = []

    def gathered(ports: list[int], count: int = 4) -> Crowd:
        clients = [Client(house, f"client {len(crowds)}.{number}", ports) for number in range(count)]
        crowds.append(Crowd(house, clients))
        for client in clients:
            client.start()
        return crowds[-1]

    yield gathered
    for each in crowds:
        each.stop()


@pytest.fixture
def sales_files(tmp_path: Path) -> Path:
    """A folder with the files of the sample."""
    folder = tmp_path / "sample"
    sample.write(folder)
    return folder
