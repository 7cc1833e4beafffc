"""The command `wonward` and its exit codes: 0 done, 1 refused with reasons, 2 wrong usage."""

import sys
from collections.abc import Sequence

import click
import psycopg
from django.db import Error as DatabaseError
from psycopg.errors import UndefinedColumn, UndefinedTable

from wonward.cli import (
    definitions,
    demo,
    feed,
    files,
    handbook,
    leaving,
    mail,
    merging,
    people,
    privacy,
    records,
    rollups,
    serving,
    webhooks,
    workflows,
)
from wonward.errors import Refusal


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wonward")
def wonward() -> None:
    """Run and administer Wonward, the open customer-lifecycle platform that speaks HubSpot."""


for command in (
    demo.demo,
    serving.serve,
    serving.worker,
    serving.db,
    definitions.portal,
    definitions.plan,
    definitions.apply,
    definitions.export,
    definitions.where_used,
    definitions.untranslated,
    files.import_file,
    files.export_records,
    handbook.handbook,
    mail.mail,
    merging.merge,
    records.records,
    feed.feed,
    privacy.privacy,
    rollups.rollups,
    people.token,
    people.user,
    webhooks.webhook,
    workflows.workflow,
):
    wonward.add_command(command)


for command in (leaving.leave, leaving.back, leaving.changes):
    people.user.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run the command line with `arguments` and return its exit code."""
    try:
        left_with = wonward.main(list(arguments), prog_name="wonward", standalone_mode=False)
    except Refusal as refusal:
        for problem in refusal.problems:
            click.echo(problem.message, err=True)
        if any(problem.code == "DESTRUCTIVE_CHANGE" for problem in refusal.problems):
            click.echo("If that is meant, add --allow-destructive.", err=True)
        if any(problem.code == "SYSTEM_DEFINITION" for problem in refusal.problems):
            click.echo("If that is meant, add --insist.", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except (psycopg.Error, DatabaseError, OSError) as error:
        click.echo(_reason(error), err=True)
        return 1
    return left_with if isinstance(left_with, int) else 0


def _reason(error: Exception) -> str:
    """Say in one line what the database or the operating system refused, and what to do about it."""
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{error.filename}: {reason}" if error.filename else reason
    said = " ".join(str(error).split())
    if isinstance(error.__cause__ or error, UndefinedTable | UndefinedColumn):
        return f"The database isn't of this version ({said}): run wonward db upgrade"
    return f"The database refused: {said}"
