"""Commands over webhooks: the secrets that they are signed with."""

import secrets

import click

from wonward.automation import webhooks
from wonward.automation.models import WebhookSecret
from wonward.blueprints.apply import portal_named
from wonward.errors import Invalid

PORTAL = click.option("--portal", required=True, help="The portal's name.")
SHORTEST = 16


@click.group()
def webhook() -> None:
    """Look after what workflows tell other servers."""


@webhook.command("secret")
@click.argument("name")
@PORTAL
@click.option("--given", is_flag=True, help="The other side has made it: ask for it, or read it from a pipe.")
def secret(name: str, portal: str, given: bool) -> None:
    """Set the secret NAME that webhooks are signed with, and print it when it was made here."""
    made = click.prompt("Secret", hide_input=True) if given else secrets.token_urlsafe(32)
    if len(made) < SHORTEST:
        raise Invalid(f"A secret has at least {SHORTEST} characters; leave --given out to have one made")
    webhooks.set_secret(portal_named(portal).pk, name, made)
    click.echo(f"The secret {name} is set." if given else made)


@webhook.command("secrets")
@PORTAL
def list_all(portal: str) -> None:
    """List the names of the secrets, with when they were set."""
    for each in WebhookSecret.objects.filter(portal=portal_named(portal)).order_by("name"):
        click.echo(f"{each.name}\t{each.set_at:%Y-%m-%d %H:%M}")


@webhook.command("forget-secret")
@click.argument("name")
@PORTAL
def forget(name: str, portal: str) -> None:
    """Forget the secret NAME; steps that sign with it fail from then on."""
    webhooks.remove_secret(portal_named(portal).pk, name)
    click.echo(f"The secret {name} is forgotten.")
