"""The demo: a portal from the starter blueprint with real data or a sample, served until it is stopped."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from types import FrameType

import click
from django.conf import settings

from wonward.accounts import users
from wonward.accounts.models import Portal, User
from wonward.blueprints import apply as blueprints
from wonward.cli.files import bring_in
from wonward.cli.serving import upgrade_database
from wonward.records.importing import sample

EMAIL = "demo@example.com"
DATA = Path("../shared/data/crm-sales-opportunities")
BLUEPRINTS = Path(__file__).parents[3] / "blueprints"
FILES = (
    ("sales_teams.csv", "owner"),
    ("accounts.csv", "company"),
    ("products.csv", "product"),
    ("sales_pipeline.csv", "deal"),
)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--data", type=click.Path(path_type=Path), default=DATA, help="A folder with the four CSV files."
)
@click.option("--portal", default="starter", show_default=True)
def demo(port: int, data: Path, portal: str) -> None:
    """Make a portal, fill it, serve it."""
    click.echo("Bringing the database up to date")
    upgrade_database()
    if not Portal.objects.filter(name=portal).exists():
        click.echo(f"Making the portal {portal} from the blueprint starter")
        blueprints.create_portal(portal, BLUEPRINTS / "starter", actor="demo")
    with tempfile.TemporaryDirectory() as folder:
        if not data.is_dir():
            click.echo(f"{data} isn't there; taking a small generated sample")
            data = Path(folder)
            sample.write(data)
        for name, object_type in FILES:
            bring_in(data / name, portal, object_type)
    password = _sign_in(portal)
    sys.exit(_serve(port, password))


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


def _serve(port: int, password: str) -> int:
    """Run web and worker as processes of their own until one ends or we are told to stop."""
    address = f"127.0.0.1:{port}"
    environment = {**os.environ, "WONWARD_URL": os.environ.get("WONWARD_URL", f"http://{address}")}
    command = (sys.executable, "-m", "wonward")
    running = [
        subprocess.Popen((*command, *arguments), env=environment)
        for arguments in (("serve", "--bind", address), ("worker",))
    ]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for each in running:
            each.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if _answers(port, running):
        click.echo(f"ready http://{address}")
        click.echo(f"sign in as {EMAIL} with the password {password}")
    while all(each.poll() is None for each in running):
        time.sleep(0.2)
    stop(signal.SIGTERM, None)
    return max(abs(each.wait()) for each in running)


def _answers(port: int, running: list["subprocess.Popen[bytes]"]) -> bool:
    """Wait until the server answers; tell whether it does."""
    while all(each.poll() is None for each in running):
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == HTTPStatus.OK
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    return False
