"""The worker's two duties side by side: every consumer's share of the change feed, and jobs that are due."""

import logging
import threading

from django.db import close_old_connections, connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.records.changes import consume

log = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between looks at a feed that had nothing new."""

AFTER_FAILURE = 5.0
"""Seconds before a consumer that failed is tried again."""


def run() -> None:
    """Work until told to stop by SIGTERM or SIGINT; what is under way is finished first."""
    stopping = threading.Event()
    feed = threading.Thread(target=_follow, args=(stopping,), name="feed")
    feed.start()
    try:
        with app.replace_connector(PsycopgConnector(kwargs=connector_params())):
            app.run_worker(listen_notify=True, delete_jobs="successful")
    finally:
        stopping.set()
        feed.join()


def catch_up() -> int:
    """Give every consumer of every portal one batch; return how many changes were handled."""
    portals = Portal.objects.values_list("name", flat=True)
    return sum(
        consume(portal, consumer, wiring.GUARDS) for portal in list(portals) for consumer in wiring.CONSUMERS
    )


def _follow(stopping: threading.Event) -> None:
    """Read the feed until stopped. A failure is logged and tried again: the cursor hasn't moved."""
    while not stopping.is_set():
        try:
            close_old_connections()
            pause = 0.0 if catch_up() else PAUSE
        except Exception:
            log.exception("a consumer of the change feed failed; it is tried again from where it was")
            pause = AFTER_FAILURE
        stopping.wait(pause)
    connection.close()
