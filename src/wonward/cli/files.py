"""The commands that import a file and export records, with a progress bar, or have an import done by the worker."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wonward import wiring
from wonward.cli.records import separated
from wonward.records.exporting import write
from wonward.records.exporting.asked import Asked, Heads
from wonward.records.importing import background, maps, run
from wonward.records.importing.mapping import ImportMap
from wonward.records.importing.summary import Preview, Result
from wonward.records.work import Work
from wonward.schema.seen import Rights

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
@click.option(
    "--background", "later", is_flag=True, help="Have the worker do it; it stands on the page of imports."
)
def import_file(
    file: Path,
    portal: str,
    object_type: str,
    map_file: Path | None,
    dry_run: bool,
    errors: Path | None,
    later: bool,
) -> None:
    """Import the rows of FILE, CSV or Excel. When some are refused, the others are imported and the exit code is 1."""
    if later:
        if dry_run or errors:
            raise click.UsageError("--background goes with neither --dry-run nor --errors")
        _leave_to_worker(file, portal, object_type, maps.from_file(map_file) if map_file else None)
        return
    if not dry_run:
        leave_with(bring_in(file, portal, object_type, map_file, errors))
    said = maps.from_file(map_file) if map_file else None
    with _progress() as bar:
        found = run.preview(_opener(portal), file, object_type, said, _teller(bar, f"Reading {file.name}"))
    _show_columns(found)
    _show_counts(file, found, "would be ")
    leave_with(found)


@click.command("export-records")
@click.argument("object_type", metavar="TYPE")
@click.argument("file", type=TARGET)
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--where", default="", help="Which ones, as in `wonward records`.")
@click.option("--columns", default="", help="Properties, between commas; those of the list, when not given.")
@click.option("--sort", default="", help="A property; with a minus before it, descending.")
@click.option(
    "--associated", default="", help="Object types whose associated records are told, between commas."
)
@click.option(
    "--heads",
    type=click.Choice(["labels", "names"]),
    default="labels",
    help="How columns and options are called.",
)
def export_records(
    object_type: str,
    file: Path,
    portal: str,
    where: str,
    columns: str,
    sort: str,
    associated: str,
    heads: Heads,
) -> None:
    """Write the records of TYPE to FILE, a .csv or .xlsx file that can be imported again."""
    form = file.suffix.lower().lstrip(".")
    if form not in ("csv", "xlsx"):
        raise click.UsageError("FILE ends in .csv or .xlsx")
    work = wiring.reading(portal, actor="cli", source="cli")
    kind = work.catalog.object_type(object_type)
    asked = Asked(
        kind.name,
        tuple(separated(columns)) or (*kind.display, *kind.columns),
        where,
        (sort,) if sort else (),
        "xlsx" if form == "xlsx" else "csv",
        heads,
        tuple(separated(associated)),
    )
    total = write.count(work, asked)
    with _progress() as bar:
        tell = _teller(bar, f"Writing {file.name}")
        written = write.write(work, asked, file, lambda done: tell(done, total))
    click.echo(
        f"{file.name}: {written.rows} {kind.label.lower() if written.rows == 1 else kind.plural_label.lower()}"
    )
    if written.cut:
        click.echo(f"  {written.cut} texts were cut to the length of a sheet's cell; CSV has all of them")


def _leave_to_worker(file: Path, portal: str, object_type: str, said: ImportMap | None) -> None:
    """Hand a file over to be imported at once by the worker."""
    with file.open("rb") as opened:
        blocks = iter(lambda: opened.read(1 << 20), b"")
        given = background.receive(
            wiring.reading(portal, actor="cli", source="import", rights=Rights(lambda _: True)),
            object_type,
            file.name,
            blocks,
        )
    background.go_at_once(given, said)
    click.echo(f"{file.name}: import {given.pk} was given to the worker")


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
    return lambda: wiring.writing(portal, actor="cli", source="import", rights=Rights(lambda _: True))


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
