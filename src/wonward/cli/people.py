"""Commands over people and programs: users, tokens."""

from datetime import datetime

import click

from wonward.accounts import invitations, letters, memberships, sign_ins, tokens, users
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.blueprints.apply import portal_named
from wonward.schema import load, seating


@click.group()
def token() -> None:
    """Make tokens for the API."""


@token.command("create")
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option(
    "--scope", "scopes", multiple=True, help="What it may do; may be repeated. Everything, when not given."
)
def create_token(portal: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token and print it, alone: it can't be shown again."""
    click.echo(tokens.create(portal_named(portal), name, scopes or (tokens.ALL_SCOPES,)))


@token.command("list")
@click.option("--portal", required=True, help="The portal's name.")
def list_tokens(portal: str) -> None:
    """List the tokens that work, with their numbers."""
    for each in tokens.working(portal_named(portal)):
        click.echo(f"{each.pk}\t{each.name}\t{each.created_at:%Y-%m-%d}\t{' '.join(each.scopes)}")


@token.command("revoke")
@click.argument("number", type=int)
@click.option("--portal", required=True, help="The portal's name.")
def revoke_token(number: int, portal: str) -> None:
    """Revoke the token NUMBER; it stops working at once."""
    tokens.revoke(portal_named(portal), number)
    click.echo(f"Token {number} is revoked.")


@click.group()
def user() -> None:
    """Make users."""


@user.command("create")
@click.argument("email")
@click.option("--name", default="", help="First and last name.")
@click.option("--portal", "portals", multiple=True, help="A portal to be a member of; may be repeated.")
@click.option("--role", default=SUPER_ADMIN, show_default=True, help="Their role there.")
@click.password_option(envvar="WONWARD_PASSWORD", help="Asked for when it isn't given.")
def create_user(email: str, name: str, portals: tuple[str, ...], role: str, password: str) -> None:
    """Make the user EMAIL, who can then sign in."""
    for portal in portals:
        memberships.refuse_unknown(role, load.current(portal).roles)
    made = users.create(email, name, password, [portal_named(portal) for portal in portals], role)
    click.echo(f"{made.email} can sign in.")


@user.command("list")
@click.option("--portal", required=True, help="The portal's name.")
def list_members(portal: str) -> None:
    """List the members of a portal: address, name, role, primary and secondary team, seat, when they are away."""
    for each in memberships.of(portal_named(portal)):
        teams = (team.name if team else "" for team in (each.team, each.extra_team))
        away = f"{each.away_from}–{each.away_until}" if each.away_from else ""
        click.echo("\t".join((each.email or "", each.full_name, each.role, *teams, each.seat, away)).rstrip())


@user.command("role")
@click.argument("email")
@click.argument("role")
@click.option("--portal", required=True, help="The portal's name.")
def role(email: str, role: str, portal: str) -> None:
    """Give the member EMAIL the ROLE: one of the portal's, or super_admin, who may all."""
    memberships.give_role(portal_named(portal), email, role, load.current(portal).roles)
    click.echo(f"{email} is {role} in {portal}.")


@user.command("teams")
@click.argument("email")
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--primary", default=None, help="The primary team by name; none, when not given.")
@click.option("--secondary", default=None, help="The secondary team by name; none, when not given.")
def teams(email: str, portal: str, primary: str | None, secondary: str | None) -> None:
    """Put the member EMAIL into at most two teams, made where they aren't there."""
    memberships.give_teams(portal_named(portal), email, primary, secondary)
    click.echo(f"{email} is in {' and '.join(filter(None, (primary, secondary))) or 'no team'}.")


@user.command("seat")
@click.argument("email")
@click.option("--portal", required=True, help="The portal's name.")
@click.option(
    "--seat", "name", default=None, help="The kind of seat to assign by name; frees theirs, when not given."
)
def seat(email: str, portal: str, name: str | None) -> None:
    """Assign the member EMAIL a seat, or free the one they have."""
    if name is None:
        seating.free(portal_named(portal), email)
        click.echo(f"{email} has no seat.")
        return
    kind = seating.kind_named(load.current(portal).seats, name)
    seating.assign(portal_named(portal), email, kind)
    click.echo(f"{email} has a {kind.label} seat.")


@user.command("away")
@click.argument("email")
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The first day away.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The last day away.")
def away(email: str, portal: str, since: datetime | None, until: datetime | None) -> None:
    """Say when the member EMAIL is away, so that rotations pass them over; without days, that they are back."""
    days = (since and since.date(), until and until.date())
    memberships.send_away(portal_named(portal), email, *days)
    click.echo(f"{email} is away from {days[0]} until {days[1]}." if days[0] else f"{email} is back.")


@user.command("password")
@click.argument("email")
@click.password_option(envvar="WONWARD_PASSWORD", help="Asked for when it isn't given.")
def change_password(email: str, password: str) -> None:
    """Give the user EMAIL a new password; whoever is signed in as them is signed out."""
    users.change_password(email, password)
    click.echo(f"{email} has a new password.")


@user.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take the authenticator app, passkeys and recovery codes of the user EMAIL away; they are signed out."""
    users.reset_second_factor(email)
    click.echo(f"{email} signs in with the password alone.")


@user.command("sensitive")
@click.argument("email")
@click.option("--portal", required=True, help="The portal's name.")
@click.option(
    "--allow/--forbid", required=True, default=None, help="Whether they may see and set sensitive properties."
)
def sensitive(email: str, portal: str, allow: bool) -> None:
    """Let the user EMAIL see and set sensitive properties of a portal, or no longer."""
    memberships.let_see_sensitive(portal_named(portal), email, allow)
    click.echo(f"{email} may {'now' if allow else 'no longer'} see sensitive properties.")


@user.command("signature")
@click.argument("email")
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--title", default=None, help="What they are, such as Advisor; empty for nothing.")
@click.option("--phone", default=None, help="Their telephone; empty for none.")
def signature(email: str, portal: str, title: str | None, phone: str | None) -> None:
    """Say what the signature of the member EMAIL tells in the portal's mail."""
    memberships.describe(portal_named(portal), email, title=title, phone=phone)
    click.echo(f"The signature of {email} is up to date.")


@user.command("invite")
@click.argument("email")
@click.option("--portal", required=True, help="The portal's name.")
@click.option(
    "--role", required=True, help="Their role there: one of the portal's, or super_admin, who may all."
)
@click.option("--name", default="", help="First and last name.")
def invite(email: str, portal: str, role: str, name: str) -> None:
    """Invite EMAIL to a portal; the link, which is mailed and printed, works once, for seven days."""
    memberships.refuse_unknown(role, load.current(portal).roles)
    made = invitations.invite(email, name, portal_named(portal), role)
    if made is None:
        click.echo(f"{email} is a user already, and now a member of {portal}.")
        return
    letters.invite(made)
    click.echo(invitations.link(made))


@user.command("sign-ins")
@click.argument("email", required=False)
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
def list_sign_ins(email: str | None, most: int) -> None:
    """List the latest tries to sign in, of all or with EMAIL: when, who, result, how, address, browser."""
    for each in sign_ins.latest(email, most):
        click.echo(
            f"{each.at:%Y-%m-%d %H:%M:%S}\t{each.email or '-'}\t{each.result}\t{each.how}"
            f"\t{each.address}\t{' '.join(each.agent.split())}"
        )
