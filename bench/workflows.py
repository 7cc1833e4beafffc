"""Workflows: enrolments that wait, and how many that fall due one worker and two take through a write to their end."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

from bench.figure import Figure, seconds
from wonward import clock, wiring
from wonward.automation import run
from wonward.automation.models import Enrolment, Status
from wonward.blueprints import apply
from wonward.cli.demo import BLUEPRINTS
from wonward.db import transaction
from wonward.records import write

PORTAL, NAME = "workflows", "deal.opfoelgning"
WAITING, DUE = 100_000, 20_000
LEAST = 1000
STEP = 1000

BODY = {
    "label": "Auto | Opfølgning",
    "trigger": {"by_hand": True},
    "steps": [{"wait": "90 days"}, {"set": {"description": "Ring til {{deal.dealname}}"}}],
}

_WORKER = f"""
import django
django.setup()
from wonward import wiring
while wiring.tend("{PORTAL}"):
    pass
"""


def measure(database: str) -> Iterator[Figure]:
    """Fill a portal of its own with waiting enrolments, then let some of them fall due."""
    apply.create_portal(PORTAL, BLUEPRINTS / "starter", actor="bench")
    apply.define(PORTAL, {("workflow", NAME): BODY}, actor="bench")
    start = time.perf_counter()
    for _ in range(WAITING // STEP):
        _enrol()
    while wiring.tend(PORTAL):
        pass
    waiting = Enrolment.objects.filter(status=Status.ACTIVE, due_at__gt=clock.now()).count()
    yield _figure(f"{waiting:,} enrolled and set to wait, deals made with them", waiting, start, least=0)
    transaction.run("vacuum analyze automation_enrolment")
    yield from (_measured(database, workers) for workers in (1, 2))
    taken = seconds(lambda: wiring.tend(PORTAL), 40) * 1000
    left = Enrolment.objects.filter(status=Status.ACTIVE).count()
    yield Figure(f"a look when none of {left:,} is due", f"{taken:.1f} ms", "–", "10 ms", taken <= 10)


def _enrol() -> None:
    with wiring.writing(PORTAL, actor="bench", source="cli") as work:
        kind = work.catalog.object_type("deal")
        ids = write.create(work, kind, [{"dealname": f"Facade {number}"} for number in range(STEP)])
        run.enrol_by_hand(work, NAME, ids)


def _measured(database: str, workers: int) -> Figure:
    """Let a share of the enrolments fall due and measure until the last has ended."""
    waiting = Enrolment.objects.filter(status=Status.ACTIVE).order_by("id").values_list("pk", flat=True)
    past = clock.now() - timedelta(minutes=1)
    Enrolment.objects.filter(pk__in=list(waiting[:DUE])).update(due_at=past, resume_at=past)
    done = Enrolment.objects.filter(status=Status.FINISHED).count()
    environment = os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "wonward.settings"}
    start = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-c", _WORKER], env=environment) for _ in range(workers)]
    codes = [process.wait() for process in running]
    figure = _figure(
        f"{DUE:,} due among {WAITING:,}: wait over, text set, ended; {workers} worker{'s' if workers > 1 else ''}",
        DUE,
        start,
        least=LEAST if workers > 1 else 0,
    )
    if any(codes) or Enrolment.objects.filter(status=Status.FINISHED).count() != done + DUE:
        raise RuntimeError("the workers left enrolments that were due")
    return figure


def _figure(what: str, count: int, start: float, *, least: int) -> Figure:
    rate = count / (time.perf_counter() - start)
    return Figure(what, f"{rate:,.0f}/s", "–", f"≥ {least:,}/s" if least else "–", rate >= least)
