"""The command that imports a file, with a progress bar, or shows what importing it would do."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wonward import wiring
from wonward.records.importing import maps, run
from wonward.records.importing.summary import Preview, Result
from wonward.records.work import Work

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
TARGET = click.Path(path_type=Path, dir_okay=False)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--object", "object_type", required=True, help="What the rows are: deal, company, owner, …")
@click.option("--map", "map_file", type=FILE, help="A YAML file that says how to read the columns.")
@click.option(
    "--dry-run", is_flag=True, help="Show what would be created, changed and refused; write nothing."
)
@click.option("--errors", type=TARGET, help="Where rows with problems go; beside FILE, when not given.")
def import_file(
    file: Path, portal: str, object_type: str, map_file: Path | None, dry_run: bool, errors: Path | None
) -> None:
    """Import the rows of FILE, a CSV file. When rows are refused, the others are imported and the exit code is 1."""
    if not dry_run:
        leave_with(bring_in(file, portal, object_type, map_file, errors))
    said = maps.from_file(map_file) if map_file else None
    with _progress() as bar:
        found = run.preview(_opener(portal), file, object_type, said, _teller(bar, f"Reading {file.name}"))
    _show_columns(found)
    _show_counts(file, found, "would be ")
    leave_with(found)


def leave_with(found: Preview | Result) -> NoReturn:
    """End the command with the exit code that says whether rows were refused."""
    raise click.exceptions.Exit(1 if found.counts.refused else 0)


def bring_in(
    file: Path, portal: str, object_type: str, map_file: Path | None = None, errors: Path | None = None
) -> Result:
    """Import a file and print what was done."""
    said = maps.from_file(map_file) if map_file else None
    with _progress() as bar:
        done = run.run(
            _opener(portal), file, object_type, said, _teller(bar, f"Importing {file.name}"), errors
        )
    if done.continued:
        click.echo(f"{file.name}: went on where an interrupted import had stopped")
    _show_counts(file, done, "")
    for column in done.not_imported:
        if column.how == "skipped":
            continue
        click.echo(f"  the column {column.header} was not imported: {column.note}")
    if done.errors_file:
        click.echo(
            f"  the rows with problems are in {done.errors_file}; mend them there and import that file"
        )
    return done


def _opener(portal: str) -> Callable[[], AbstractContextManager[Work]]:
    return lambda: wiring.writing(portal, actor="cli", source="import")


def _progress() -> Progress:
    """Return a bar that is drawn on a terminal only, and there on standard error."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _teller(bar: Progress, what: str) -> Callable[[int, int], None]:
    task = bar.add_task(what, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _show_columns(found: Preview) -> None:
    for column in found.columns:
        target = column.target or f"not imported: {column.note}"
        written = f"   {column.written}" if column.written else ""
        doubt = f"   ({column.note})" if column.target and column.note else ""
        click.echo(f"  {column.header} → {target}{written}{doubt}")


def _show_counts(file: Path, found: Preview | Result, would_be: str) -> None:
    counts = found.counts
    said = f"{counts.created} {would_be}created, {counts.updated} changed, {counts.unchanged} unchanged"
    if counts.refused:
        said += f", {counts.refused} refused"
    if counts.incomplete:
        said += f", {counts.incomplete} without one of their associations"
    click.echo(f"{file.name}: {found.rows} rows: {said}")
    for problem in found.problems:
        place = f" {problem.column}" if problem.column else ""
        click.echo(f"  line {problem.line}{place}: {problem.message}")
