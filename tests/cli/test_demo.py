"""The demo as a person starts it: killed in the middle of its import and started again, it ends the same."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from wonward.db import server
from wonward.records.importing import sample

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "data" / "crm-sales-opportunities"
PATIENCE = 180.0
"""Seconds for a whole demo to get ready on a busy machine."""


class Demo:
    """A demo on a data folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = REAL
        if not REAL.is_dir():
            self.data = folder / "sample"
            sample.write(self.data)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        own = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "WONWARD_URL")
        }
        self.environment = own | {"WONWARD_DATA": str(folder / "data"), "WONWARD_PROCESSES": "1"}
        self.database = folder / "data" / "postgresql"

    def wonward(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "wonward", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        command = [
            sys.executable,
            "-m",
            "wonward",
            "demo",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=60)

    def kill_everything(self, process: subprocess.Popen[str]) -> None:
        postmaster = int((self.database / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        os.killpg(process.pid, signal.SIGKILL)
        os.kill(postmaster, signal.SIGKILL)

    def one(self, query: str) -> object:
        running = server.status(self.database)
        if running is None:
            return None
        try:
            with psycopg.connect(running.conninfo) as connection:
                row = connection.execute(query.encode()).fetchone()
                return row[0] if row else None
        except psycopg.Error:
            return None


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    server.stop(made.database)


def test_killed_in_the_middle_of_its_import_and_started_again(demo: Demo) -> None:
    rows = len((demo.data / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines()) - 1
    progress = "select position from records_importrun where file_name = 'sales_pipeline.csv'"
    with demo.started() as process:
        until(lambda: isinstance(demo.one(progress), int))
        demo.kill_everything(process)
    with demo.started() as process:
        assert process.stdout
        until(lambda: (process.stdout.readline() or "ready").startswith("ready"))
        assert demo.one("select count(*) from portal_starter.deal") == rows
        assert demo.one("select count(distinct opportunity_id) from portal_starter.deal") == rows
        if demo.data == REAL:
            assert (
                demo.one("select sum(amount)::text from portal_starter.deal where dealstage = 'closedwon'")
                == "10005534"
            )
        assert demo.wonward("records", "deals", "--portal", "starter", "--count") == str(rows)
        token = demo.wonward("token", "create", "--portal", "starter")
        client = HTTPConnection("127.0.0.1", demo.port)
        client.request(
            "POST",
            "/crm/v3/objects/deals/search",
            json.dumps({"filters": [{"propertyName": "dealstage", "operator": "EQ", "value": "closedwon"}]}),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        found = json.loads(client.getresponse().read())
        assert found["total"] == demo.one(
            "select count(*) from portal_starter.deal where dealstage = 'closedwon'"
        )
        client.close()
        process.terminate()
        assert process.wait(60) == 0
    assert server.status(demo.database) is None


def test_its_processes_keep_their_database_when_it_is_killed(demo: Demo) -> None:
    demo.data = demo.folder / "little"
    sample.write(demo.data)
    with demo.started() as process:
        assert process.stdout
        until(lambda: (process.stdout.readline() or "ready").startswith("ready"))
        process.kill()
        process.wait(10)
        try:
            assert int(demo.wonward("records", "deals", "--portal", "starter", "--count")) > 0
            assert server.status(demo.database) is not None
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            until(lambda: server.status(demo.database) is None)
