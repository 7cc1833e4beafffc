"""Commands of `user` over people who leave and come back, and over who changed whose rights."""

import click

from wonward import wiring
from wonward.accounts import memberships, rights
from wonward.accounts.models import Member, User
from wonward.blueprints.apply import portal_named
from wonward.errors import Missing
from wonward.records.handover import ask, named


@click.command("leave")
@click.argument("email")
@click.option("--to", "everything", default="", help="Who gets what they own, by email address.")
@click.option(
    "--give", multiple=True, help="Who gets records of one type, as deal=bo@example.com; may be repeated."
)
@click.option("--portal", required=True, help="The portal's name.")
def leave(email: str, everything: str, give: tuple[str, ...], portal: str) -> None:
    """Let the member EMAIL leave; the worker hands over what they own, and what still names them is listed."""
    by_type = {}
    for each in give:
        kind, sign, whom = each.partition("=")
        if not sign:
            raise click.UsageError(f"--give {each}: write it as deal=bo@example.com")
        by_type[kind.strip()] = whom.strip()
    work = wiring.reading(portal, actor=rights.CLI, source="cli")
    run = ask.leave(work, email, everything, by_type)
    click.echo(
        f"{email} isn't a member of {portal} any more; {run.total} records are handed over by the worker."
    )
    for found in named.definitions_naming(work.catalog, run.member):
        click.echo(f"Still named in: {found.kind} {found.name}\t{found.place}")


@click.command("back")
@click.argument("email")
@click.option("--portal", required=True, help="The portal's name.")
def back(email: str, portal: str) -> None:
    """Make EMAIL, who left, a member again, with the role and teams they had; records stay where they are."""
    there = portal_named(portal)
    left = Member.objects.filter(portal=there, email__iexact=email.strip(), archived=True).first()
    if left is None:
        raise Missing(f"{email} hasn't left {portal}", code="USER_NOT_FOUND")
    memberships.come_back(there, left.pk)
    click.echo(f"{email} is a member of {portal} again.")


@click.command("changes")
@click.argument("email", required=False)
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
def changes(email: str | None, portal: str, most: int) -> None:
    """List who changed whose rights, of all members or of EMAIL: when, whom, what, before, after, by whom."""
    there = portal_named(portal)
    whose = Member.objects.filter(portal=there, email__iexact=email.strip()).first() if email else None
    if email and whose is None:
        raise Missing(f"{email} is no member of {portal}", code="USER_NOT_FOUND")
    found = rights.changes(there, whose, most)
    numbers = {int(each.actor[5:]) for each in found if each.actor.startswith("user:")}
    who = dict(User.objects.filter(pk__in=numbers).values_list("pk", "email"))
    for each in found:
        by = who.get(int(each.actor[5:]), each.actor) if each.actor.startswith("user:") else each.actor
        told = (each.member.email or each.member.full_name, each.what, each.before, each.after, by)
        click.echo("\t".join((f"{each.at:%Y-%m-%d %H:%M:%S}", *told)))
