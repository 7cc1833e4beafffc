"""Commands that run: web, worker, and bringing the database up to date."""

from typing import Any

import click
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication
from gunicorn.http import message

from wonward.accounts.models import Portal
from wonward.schema import apply as schema
from wonward.worker import loop

BIND = "127.0.0.1:8000"

LONGEST_LINE = 17_000
"""Bytes of a request line: HubSpot's clients write property lists of up to 16 k into their addresses."""


@click.command()
@click.option("--bind", default=BIND, show_default=True, help="The address and port to listen on.")
def serve(bind: str) -> None:
    """Serve pages and API."""
    _Web(bind).run()


@click.command()
def worker() -> None:
    """Read the change feed and run jobs, until stopped."""
    loop.run()


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database's tables up to this version."""
    upgrade_database()
    click.echo("The database is up to date.")


def upgrade_database() -> None:
    """Run every migration that hasn't run, make the cache's table, and bring every portal's own tables along."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    for name in Portal.objects.values_list("name", flat=True):
        schema.upgrade_portal(name)


class _Web(BaseApplication):
    """Gunicorn, told by settings instead of its own command line."""

    def __init__(self, bind: str) -> None:
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn where to listen and how wide."""
        vars(message)["MAX_REQUEST_LINE"] = LONGEST_LINE + 1  # gunicorn would cut ours at 8,190
        for name, value in {
            "bind": self.bind,
            "workers": settings.WONWARD_PROCESSES,
            "worker_class": "gthread",
            "threads": settings.WONWARD_THREADS,
            "proc_name": "wonward",
            "loglevel": "warning",
            "graceful_timeout": 20,
            "limit_request_line": LONGEST_LINE,
            "control_socket_disable": True,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application, loaded in each worker."""
        return get_wsgi_application()
