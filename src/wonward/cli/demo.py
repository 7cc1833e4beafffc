"""The demo: a portal from a blueprint with real data, a sample or a made-up past, served until it is stopped."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click
from django.conf import settings

from wonward import clock
from wonward.accounts import users
from wonward.accounts.models import Portal, User
from wonward.blueprints import apply as blueprints
from wonward.blueprints.load import SAMPLE
from wonward.cli.files import bring_in
from wonward.cli.serving import upgrade_database
from wonward.errors import Conflict
from wonward.records.importing import sample
from wonward.sample import said as samples
from wonward.sample import year

EMAIL = "demo@example.com"
DATA = Path("../shared/data/crm-sales-opportunities")
BLUEPRINTS = Path(__file__).parents[3] / "blueprints"
SHIPPED = sorted(folder.name for folder in BLUEPRINTS.glob("*") if (folder / "portal.yaml").exists())
FILES = (
    ("sales_teams.csv", "owner"),
    ("accounts.csv", "company"),
    ("products.csv", "product"),
    ("sales_pipeline.csv", "deal"),
)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--data", type=click.Path(path_type=Path), default=DATA, help="A folder with the four CSV files."
)
@click.option(
    "--blueprint",
    type=click.Choice(SHIPPED),
    default="starter",
    show_default=True,
    help="What the portal is; one with a sample lives through a made-up year.",
)
@click.option("--portal", default=None, help="The portal's name; that of the blueprint, when not given.")
@click.option(
    "--ahead",
    type=click.IntRange(0, 3650),
    default=0,
    help="Days to move the present ahead, so that reminders and tasks fall due.",
)
def demo(port: int, data: Path, blueprint: str, portal: str | None, ahead: int) -> None:
    """Make a portal, fill it, serve it."""
    _refuse_taken(port)
    click.echo("Bringing the database up to date")
    upgrade_database()
    name, folder = portal or blueprint, BLUEPRINTS / blueprint
    present = clock.now() + timedelta(days=ahead)
    if (folder / SAMPLE).exists():
        _live(name, folder, present)
    else:
        _fill(name, folder, data)
    password = _sign_in(name)
    sys.exit(_serve(port, password, ahead))


def _live(portal: str, folder: Path, present: datetime) -> None:
    """Make a portal as it was when its sample begins, and live through the time up to the present."""
    said = samples.read(folder)
    if not Portal.objects.filter(name=portal).exists():
        click.echo(f"Making the portal {portal} from the blueprint {folder.name}")
        with clock.fixed(present - timedelta(days=31 * said.months)):
            blueprints.create_portal(portal, folder, actor="demo")
    told = year.Told()
    with click.progressbar(
        year.live(blueprints.portal_named(portal), said, present),
        label="Living through its past",
        length=said.months * 30 // year.STEP.days,
        item_show_func=lambda day: f"{day[0]:%Y-%m-%d}" if day else "",
    ) as days:
        for _, latest in days:
            told = latest
    if told.deals:
        click.echo(
            f"{told.deals} deals, {told.moved} steps, {told.refused} refused by gates, {told.tasks} tasks done"
        )


def _fill(portal: str, blueprint: Path, data: Path) -> None:
    """Make a portal and bring the files of the demo in."""
    if not Portal.objects.filter(name=portal).exists():
        click.echo(f"Making the portal {portal} from the blueprint {blueprint.name}")
        blueprints.create_portal(portal, blueprint, actor="demo")
    with tempfile.TemporaryDirectory() as folder:
        if not data.is_dir():
            click.echo(f"{data} isn't there; taking a small generated sample")
            data = Path(folder)
            sample.write(data)
        for name, object_type in FILES:
            bring_in(data / name, portal, object_type)


def _refuse_taken(port: int) -> None:
    """Raise Conflict when the server couldn't listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Conflict(
                f"Port {port} can't be had ({error.strerror}); choose another with --port"
            ) from error


def _sign_in(portal: str) -> str:
    """Make the demo's user once, with a password that is kept beside the demo's data."""
    kept = Path(settings.WONWARD_DATA) / "demo-password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(9), encoding="ascii")
    password = kept.read_text(encoding="ascii")
    user = User.objects.filter(email=EMAIL).first()
    home = blueprints.portal_named(portal)
    if user is None:
        users.create(EMAIL, "Demo Admin", password, [home])
    else:
        users.join(user, home)
        if not user.check_password(password):
            user.set_password(password)
            user.save()
    return password


def _serve(port: int, password: str, ahead: int) -> int:
    """Run web and worker as processes of their own until one ends or we are told to stop."""
    address = f"127.0.0.1:{port}"
    environment = {
        **os.environ,
        "WONWARD_URL": os.environ.get("WONWARD_URL", f"http://{address}"),
        "WONWARD_AHEAD": str(ahead),
    }
    command = (sys.executable, "-m", "wonward")
    running: list[subprocess.Popen[bytes]] = []
    asked: list[int] = []

    def going() -> bool:
        return not asked and all(each.poll() is None for each in running)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: asked.append(received))
    try:
        running.extend(  # one by one, so that the first is stopped when the second can't start
            subprocess.Popen((*command, *arguments), env=environment)
            for arguments in (("serve", "--bind", address), ("worker",))
        )
        if _answers(port, going):
            click.echo(f"ready http://{address}")
            click.echo(f"sign in as {EMAIL} with the password {password}")
        while going():
            time.sleep(0.2)
    finally:
        codes = _stopped(running)
    return max(abs(code) for code in codes)


def _stopped(running: list["subprocess.Popen[bytes]"]) -> list[int]:
    """Ask the processes to end, wait until they have and return their exit codes."""
    for each in running:
        each.terminate()
    return [each.wait() for each in running]


def _answers(port: int, going: Callable[[], bool]) -> bool:
    """Wait until the server answers; tell whether it does."""
    while going():
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    return False
