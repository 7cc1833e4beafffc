"""Commands over workflows: list them, enrol records, rehearse, look at failures and replay them."""

from collections.abc import Sequence

import click

from wonward import wiring
from wonward.accounts.memberships import member_of
from wonward.automation import run
from wonward.automation.run import Told
from wonward.blueprints.apply import portal_named

ACTOR = "cli"
PORTAL = click.option("--portal", required=True, help="The portal's name.")


@click.group()
def workflow() -> None:
    """Look after workflows and the records in them."""


@workflow.command("list")
@PORTAL
def list_all(portal: str) -> None:
    """List the workflows: name, label, and how many enrolments each has of every sort."""
    work = wiring.reading(portal, actor=ACTOR, source="cli")
    counts = run.counts(work.catalog.portal_id)
    for each in work.catalog.workflows.values():
        said = ", ".join(f"{number} {status}" for status, number in counts.get(each.name, {}).items())
        click.echo(f"{each.name}\t{each.label}\t{said or 'nobody enrolled'}")


@workflow.command("enrol")
@click.argument("name")
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(min=1))
@PORTAL
@click.option("--as", "email", default="", help="The member who enrols; a sequence's mails are from them.")
def enrol(name: str, ids: Sequence[int], portal: str, email: str) -> None:
    """Enrol the records IDS in the workflow NAME, all or none; a sequence's name is sequence.NAME."""
    actor = f"user:{member_of(portal_named(portal), email).user_id}" if email else ACTOR
    with wiring.writing(portal, actor=actor, source="cli") as work:
        made = run.enrol_by_hand(work, name, ids)
    click.echo(f"{len(made)} enrolled in {name}.")


@workflow.command("dry-run")
@click.argument("name")
@click.argument("record_id", metavar="ID", type=click.IntRange(min=1))
@PORTAL
def dry_run(name: str, record_id: int, portal: str) -> None:
    """Say what the workflow NAME would do with the record ID, waits passed over; nothing of it is kept."""
    with wiring.writing(portal, actor=ACTOR, source="cli") as work:
        found = run.rehearse(work, name, record_id)
    if found.meets is not None:
        click.echo(f"The record {'meets' if found.meets else 'does not meet'} the condition of the trigger.")
    _show(found.steps)
    click.echo(found.ends)


@workflow.command("failures")
@click.option("--workflow", "name", default=None, help="Only those of one workflow.")
@PORTAL
def failures(name: str | None, portal: str) -> None:
    """List the enrolments that failed, the newest first: number, workflow, record, step, and why."""
    work = wiring.reading(portal, actor=ACTOR, source="cli")
    for each in run.failures(work.catalog.portal_id, name):
        click.echo(
            f"{each.pk}\t{each.workflow}\t{each.object_type} {each.record_id}\t{each.place}\t{each.said}"
        )


@workflow.command("history")
@click.argument("record_id", metavar="ID", type=click.IntRange(min=1))
@PORTAL
def history(record_id: int, portal: str) -> None:
    """Show the enrolments of the record ID, each with the steps it has taken."""
    work = wiring.reading(portal, actor=ACTOR, source="cli")
    for each in run.of_record(work.catalog.portal_id, record_id):
        click.echo(f"{each.pk}\t{each.workflow}\t{each.status}\t{each.enrolled_by}\t{each.said}".rstrip())
        _show(run.history(each))


@workflow.command("replay")
@click.argument("numbers", nargs=-1, required=True, type=click.IntRange(min=1))
@PORTAL
def replay(numbers: Sequence[int], portal: str) -> None:
    """Let failed enrolments go on from the step that failed; NUMBERS as failures lists them."""
    with wiring.writing(portal, actor=ACTOR, source="cli") as work:
        found = run.replay(work, numbers)
    click.echo(f"{len(found)} replayed.")


def _show(steps: Sequence[Told]) -> None:
    for step in steps:
        click.echo(f"  {step.place}\t{step.action}\t{step.said}")
