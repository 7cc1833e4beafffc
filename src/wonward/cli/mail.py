"""Commands over mail: try the server, preview a template, look into the outbox, send again what failed."""

import click
from django.conf import settings

from wonward import clock, wiring
from wonward.errors import Invalid
from wonward.mail import message, outbox, render, send, transport
from wonward.mail.address import address

PORTAL = click.option("--portal", required=True, help="The portal's name.")


@click.group()
def mail() -> None:
    """Try mail out, and look after the outbox."""


@mail.command()
@click.option("--to", required=True, help="The address that the test goes to.")
@click.option("--portal", default="", help="The portal whose sender it has; the server's own otherwise.")
def test(to: str, portal: str) -> None:
    """Send a short mail at once, to see whether the server takes it."""
    if settings.SMTP is None:
        raise Invalid(
            "WONWARD_SMTP names no server; set it as docs/how-to/set-up-mail.md says", code="MAIL_SERVER"
        )
    origin = (
        send.sender_of(wiring.reading(portal, actor="cli", source="cli").catalog)
        if portal
        else address(settings.WONWARD_MAIL_FROM)
    )
    receiver = address(to)
    if receiver is None or origin is None:
        wrong = (
            f"'{to}' is no address"
            if receiver is None
            else "WONWARD_MAIL_FROM is empty; set it or add --portal"
        )
        raise Invalid(wrong, code="MAIL_ADDRESS")
    text = f"{settings.WONWARD_URL} can send mail.\n"
    written = message.written(origin, receiver, "Test of mail", text, clock.now())
    with transport.connected(settings.SMTP) as connection:
        transport.send(connection, written, origin, receiver)
    click.echo(f"{settings.SMTP.host} took a mail from {origin} to {receiver}.")


@mail.command()
@PORTAL
@click.option("--template", required=True, help="The template's name.")
@click.option(
    "--record", "record_id", required=True, type=click.IntRange(1, 2**63 - 1), help="The record's number."
)
@click.option("--language", default=None, help="A language of the template; the portal's otherwise.")
@click.option("--html", is_flag=True, help="Print the HTML.")
def preview(portal: str, template: str, record_id: int, language: str | None, html: bool) -> None:
    """Print the mail that a template gives for a record; nothing is sent."""
    work = wiring.reading(portal, actor="cli", source="cli")
    found = render.preview(work, template, record_id, language)
    if html:
        click.echo(found.html)
        return
    click.echo(f"From: {send.sender_of(work.catalog)}\nSubject: {found.subject}\n\n{found.text}", nl=False)


@mail.command("outbox")
@PORTAL
def show(portal: str) -> None:
    """List the mails that haven't gone out, with what the server said; the newest first."""
    work = wiring.reading(portal, actor="cli", source="cli")
    for each in outbox.waiting(work.catalog):
        facts = (str(each.pk), each.state, f"{each.created_at:%Y-%m-%d %H:%M}", each.to_address, each.subject)
        click.echo("\t".join((*facts, f"{each.object_type} {each.record_id}", each.last_error)))


@mail.command()
@click.argument("numbers", metavar="[NUMBER]...", type=int, nargs=-1)
@PORTAL
def retry(numbers: tuple[int, ...], portal: str) -> None:
    """Send again what failed or bounced: the mails NUMBER, or all."""
    work = wiring.reading(portal, actor="cli", source="cli")
    count = outbox.retry(work.catalog, numbers)
    click.echo(f"{count} {'mail is' if count == 1 else 'mails are'} queued again.")
