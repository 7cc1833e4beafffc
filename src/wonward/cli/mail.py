"""Commands over mail: try the server, preview a template, look into the outbox, send again what failed."""

import click
from django.conf import settings

from wonward import clock, wiring
from wonward.blueprints.apply import portal_named
from wonward.errors import Invalid
from wonward.mail import message, outbox, render, send, transport
from wonward.mail.address import address
from wonward.mail.incoming import connect, copies, visit

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


@mail.command("address")
@click.argument("email")
@PORTAL
@click.option("--renew", is_flag=True, help="Make another; the one before logs nothing any more.")
def logging_address(email: str, portal: str, renew: bool) -> None:
    """Print the address that logs mails of the member EMAIL when a blind copy goes there."""
    click.echo(copies.address_of(connect.member_named(portal, email), renew=renew))


@mail.command("connect")
@click.argument("email")
@PORTAL
@click.option("--host", required=True, help="The IMAP server.")
@click.option(
    "--port", default=connect.PORT, show_default=True, help="Its port, with TLS from the first byte."
)
@click.option("--user", default="", help="The name at the server; EMAIL when it isn't given.")
@click.password_option(
    envvar="WONWARD_PASSWORD",
    confirmation_prompt=False,
    help="An app password; asked for when it isn't given.",
)
def connect_mailbox(email: str, portal: str, host: str, port: int, user: str, password: str) -> None:
    """Connect the mailbox of the member EMAIL: from now on, mails with contacts are filed."""
    made = connect.connect(connect.member_named(portal, email), host, user or email, password, port)
    names = ", ".join(made.folders.order_by("id").values_list("name", flat=True))
    click.echo(f"{made} is connected; {names} are read from now on.")


@mail.command("disconnect")
@click.argument("email")
@PORTAL
def disconnect_mailbox(email: str, portal: str) -> None:
    """Forget the mailbox of the member EMAIL and its password; what was filed stays."""
    gone = connect.disconnect(connect.member_named(portal, email))
    click.echo("It is disconnected." if gone else "There was none.")


@mail.command("boxes")
@PORTAL
def boxes(portal: str) -> None:
    """List the mailboxes that are read, when they were last, and what is wrong with them."""
    for each in visit.mailboxes(portal_named(portal).pk):
        whose = each.member.email if each.member else "the server's own"
        read = f"{each.read_at:%Y-%m-%d %H:%M}" if each.read_at else "not read yet"
        click.echo("\t".join((str(whose), str(each), read, each.error)))


@mail.command("set-aside")
@PORTAL
def set_aside(portal: str) -> None:
    """List the messages that couldn't be filed, the newest first: mailbox, folder, number, when, why."""
    for each in visit.set_aside(portal_named(portal).pk):
        facts = (str(each.mailbox), each.folder, str(each.uid), f"{each.at:%Y-%m-%d %H:%M}", each.reason)
        click.echo("\t".join(facts))
