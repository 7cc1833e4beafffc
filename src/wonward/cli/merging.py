"""The command that merges records in bulk, by a file of pairs."""

from pathlib import Path

import click

from wonward import wiring
from wonward.cli.files import FILE
from wonward.errors import Invalid, Refusal
from wonward.records.importing.table import open_table
from wonward.records.merging import merge as merging

KEEP, OTHER = "keep", "merge"


@click.command("merge")
@click.argument("file", type=FILE)
@click.option("--portal", required=True, help="The portal's name.")
@click.option("--object", "object_type", required=True, help="What is merged: contact, company, …")
def merge(file: Path, portal: str, object_type: str) -> None:
    """Merge pairs of records: FILE is a CSV file with the columns keep and merge, record ids.

    Each line is merged by itself, in their order; running the file again does nothing twice. When lines are
    refused, the others are merged and the exit code is 1.
    """
    kind = wiring.reading(portal, actor="cli", source="cli").catalog.object_type(object_type)
    merged = refused = 0
    table = open_table(file)
    if not {KEEP, OTHER} <= set(table.header):
        raise Invalid(f"{file.name} needs the columns {KEEP} and {OTHER}, each with a record's id")
    keep, other = (table.header.index(name) for name in (KEEP, OTHER))
    for row in table.rows():
        try:
            if row.problem:
                raise Invalid(row.problem)
            pair = _number(row.cells[keep]), _number(row.cells[other])
            with wiring.writing(portal, actor="cli", source="cli") as work:
                merging.merge(work, kind, pair[0], [pair[1]])
            merged += 1
        except Refusal as refusal:
            refused += 1
            click.echo(f"  line {row.line}: {refusal}", err=True)
    click.echo(f"{file.name}: {merged} merged" + (f", {refused} refused" if refused else ""))
    raise click.exceptions.Exit(1 if refused else 0)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Invalid(f"'{text}' is no record id; ids are numbers")
    return int(text)
