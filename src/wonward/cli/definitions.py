"""Commands over definitions: make a portal, plan, apply, export."""

from pathlib import Path

import click
import yaml

from wonward.blueprints import apply as blueprints
from wonward.blueprints import export as exporting
from wonward.blueprints import translations
from wonward.schema.plan import Plan

ACTOR = "cli"
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def portal() -> None:
    """Make portals."""


@portal.command("create")
@click.argument("name")
@click.option(
    "--blueprint", required=True, type=FOLDER, help="The folder of YAML that says what the portal is."
)
def create(name: str, blueprint: Path) -> None:
    """Make the portal NAME from a blueprint."""
    made = blueprints.create_portal(name, blueprint, actor=ACTOR)
    click.echo(f"Portal {name} is there, with {len(made.changes)} definitions.")


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--portal", required=True, help="The portal's name.")
def plan(folder: Path, portal: str) -> None:
    """Show what applying the blueprint in FOLDER would change; change nothing."""
    show(blueprints.planned(portal, folder))


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--allow-destructive", is_flag=True, help="Also make the changes that destroy data.")
@click.option(
    "--insist",
    is_flag=True,
    help="Also change system definitions, which are locked. Run without it first: it shows what depends on them.",
)
def apply(folder: Path, portal: str, allow_destructive: bool, insist: bool) -> None:
    """Make the portal what the blueprint in FOLDER says, all of it or nothing."""
    carried_out = blueprints.apply(
        portal, folder, actor=ACTOR, allow_destructive=allow_destructive, insist=insist
    )
    show(carried_out, done=True)


@click.command("where-used")
@click.argument("kind")
@click.argument("name")
@click.option("--portal", required=True, help="The portal's name.")
def where_used(kind: str, name: str, portal: str) -> None:
    """List what uses the definition NAME, such as property deal.amount or stage deal.default.won."""
    found = blueprints.where_used(portal, (kind, name))
    for use in found:
        click.echo(f"{use.kind} {use.name}\t{use.place}")
    click.echo(f"Used in {len(found)} {'place' if len(found) == 1 else 'places'}.", err=True)


@click.command()
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--language", required=True, help="The language, such as en.")
def untranslated(portal: str, language: str) -> None:
    """List the texts of a portal's own definitions that a language has no translation of, to fill in as YAML."""
    missing = translations.untranslated(blueprints.portal_named(portal).pk, language)
    click.echo(yaml.safe_dump(dict.fromkeys(missing, ""), allow_unicode=True, sort_keys=False, width=10_000))
    click.echo(f"{len(missing)} {'text' if len(missing) == 1 else 'texts'} without a translation.", err=True)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--portal", required=True, help="The portal's name.")
def export(folder: Path, portal: str) -> None:
    """Write the portal's definitions into FOLDER as a blueprint."""
    for path in exporting.export(portal, folder):
        click.echo(path)


_SIGNS = {"create": "+", "change": "~", "remove": "-"}


def show(found: Plan, *, done: bool = False) -> None:
    """Print a plan: a line a change, what differs below it, then what stands in the portal alone."""
    for change in found.changes:
        loses = f"   destroys {change.loses}" if change.loses and not done else ""
        click.echo(f"{_SIGNS[change.action]} {change.kind} {change.name}{loses}")
        for difference in change.differences:
            click.echo(f"    {difference.path}: {_text(difference.old)} → {_text(difference.new)}")
        for finding in () if done else change.findings:
            click.echo(f"    {finding}")
    for kind, name in found.drift:
        click.echo(
            f"? {kind} {name}   only in the portal; left as it is (to remove it, put it under 'removed:')"
        )
    count = len(found.changes)
    if count:
        click.echo(f"{count} {'change' if count == 1 else 'changes'} {'made' if done else 'to make'}.")
    else:
        click.echo("No difference.")


def _text(value: object) -> str:
    return "nothing" if value is None else str(value)
