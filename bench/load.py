"""Runs a web server and takes what requests cost: CPU of its processes and of their PostgreSQL backends."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from wonward import settings
from wonward.db import transaction

Request = tuple[str, str, bytes | None]
"""Method, path with its query, body."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request cost: CPU of the application and of the database in ms, requests a second, p99 in ms."""

    application: float
    database: float
    rate: float
    p99: float

    @property
    def cpu(self) -> float:
        """All CPU of a request, in ms."""
        return self.application + self.database

    def __str__(self) -> str:
        return f"{self.cpu:.2f} ms ({self.application:.2f} + {self.database:.2f}), {self.rate:.0f}/s"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, its master process, the name its database connections go by."""

    port: int
    process: "subprocess.Popen[bytes]"
    name: str
    headers: dict[str, str]

    def cost(self, request: Callable[[int], Request], count: int, clients: int = 1) -> Cost:
        """Return what `count` requests cost, made by `clients` at once over kept connections; raise for any refused.

        `request` makes the nth one. A fifth as many go before, uncounted.
        """
        warm, each = max(20, count // 5), count // clients
        self._run(request, range(warm), clients)
        before, start = self._used(), time.perf_counter()
        taken = sorted(self._run(request, range(warm, warm + each * clients), clients))
        wall, after = time.perf_counter() - start, self._used()
        application, database = (
            (there - here) * 1000 / len(taken) for here, there in zip(before, after, strict=True)
        )
        return Cost(application, database, len(taken) / wall, taken[int(len(taken) * 0.99)] * 1000)

    def _run(self, request: Callable[[int], Request], numbers: range, clients: int) -> list[float]:
        shares = [numbers[start::clients] for start in range(clients)]
        with ThreadPoolExecutor(clients) as pool:
            return [
                taken
                for share in pool.map(lambda share: self._share(request, share), shares)
                for taken in share
            ]

    def _share(self, request: Callable[[int], Request], numbers: Sequence[int]) -> list[float]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        taken = []
        for number in numbers:
            method, path, body = request(number)
            start = time.perf_counter()
            line.request(method, path, body, self.headers)
            answer = line.getresponse()
            text = answer.read()
            taken.append(time.perf_counter() - start)
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path} answered {answer.status}: {text[:500]!r}")
        line.close()
        return taken

    def _used(self) -> tuple[float, float]:
        """Return the CPU seconds used so far by the server's processes and by their PostgreSQL backends."""
        backends = transaction.rows(
            "select pid from pg_stat_activity where application_name = %(name)s", {"name": self.name}
        )
        return (
            sum(_cpu(pid) for pid in _family(self.process.pid)),
            sum(_cpu(pid) for (pid,) in backends),
        )


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _family(int(child))


def _cpu(pid: int) -> float:
    """Return the CPU seconds of all threads of a process, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def serving(
    application: str, database: str, data: Path, *, processes: int = 1, headers: dict[str, str] | None = None
) -> Iterator[Server]:
    """Run gunicorn with an application until the block ends; both of those measured run under the same settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = f"bench-{port}"
    with_name = f"{database}{'&' if '?' in database else '?'}application_name={name}"
    environment = {
        **os.environ,
        "DATABASE_URL": with_name,
        "WONWARD_DATA": str(data),
        "WONWARD_SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "wonward.settings",
    }
    command = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--threads", "8", "--workers", str(processes), "--log-level", "warning", "--keep-alive", "30"),
        *("--limit-request-line", "8190", "--no-control-socket", application),
    ]
    with TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _await(port, process, log)
            yield Server(port, process, name, headers or {})
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _await(port: int, process: "subprocess.Popen[bytes]", log: object) -> None:
    for _ in range(300):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the server didn't start: {log}")
