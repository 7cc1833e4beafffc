"""The command that lists records."""

import csv
import json
import re
import sys

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from wonward import wiring
from wonward.records import query
from wonward.records.query import Query

Row = tuple[str | None, ...]
WIDE = 400
"""Characters of a table's line where no terminal says how many there are."""


@click.command()
@click.argument("object_type", metavar="TYPE")
@click.option("--portal", required=True, help="The portal's name.")
@click.option(
    "--where", default="", help="Which ones, such as: \"amount > 500 and company.sector = 'retail'\""
)
@click.option("--columns", default="", help="Properties or expressions, between commas.")
@click.option("--sort", default="", help="A property; with a minus before it, descending.")
@click.option("--limit", type=click.IntRange(min=0), default=None)
@click.option("--count", is_flag=True, help="Print only how many there are.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
def records(
    object_type: str,
    portal: str,
    where: str,
    columns: str,
    sort: str,
    limit: int | None,
    count: bool,
    form: str,
) -> None:
    """List the records of TYPE."""
    work = wiring.reading(portal, actor="cli", source="cli")
    kind = work.catalog.object_type(object_type)
    shown = separated(columns) or list(kind.columns)
    order = ((sort.lstrip("-"), sort.startswith("-")),) if sort else ()
    asked = Query(kind, query.condition(work, kind, where), order=order, limit=limit)
    if count:
        click.echo(query.count(work, asked))
        return
    found = query.rows(work, asked, shown)
    heads = ["id", *shown]
    lines: list[Row] = [(str(row[0]), *row[1:]) for row in found]
    if form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(heads)
        writer.writerows(lines)
    elif form == "json":
        click.echo(
            json.dumps([dict(zip(heads, line, strict=True)) for line in lines], ensure_ascii=False, indent=1)
        )
    else:
        _table(heads, lines)


def separated(columns: str) -> list[str]:
    """Return the parts between commas, without cutting inside parentheses or quotes."""
    parts = re.findall(r"(?:'(?:[^']|'')*'|\((?:[^()']|'(?:[^']|'')*'|\([^()]*\))*\)|[^,])+", columns)
    return [part.strip() for part in parts if part.strip()]


def _table(heads: list[str], lines: list[Row]) -> None:
    table = Table(*(Column(Text(head)) for head in heads))  # texts, since brackets in a string mean colours
    for line in lines:
        table.add_row(*(Text(value or "") for value in line))
    console = Console()
    console.print(table, width=None if console.is_terminal else WIDE, crop=False)
    click.echo(f"{len(lines)} {'record' if len(lines) == 1 else 'records'}")
