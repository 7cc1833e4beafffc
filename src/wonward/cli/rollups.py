"""The command that calculates rollups anew."""

import click

from wonward import wiring
from wonward.records import changes
from wonward.records import rollups as derived
from wonward.records.rollups import ROLLUPS


@click.group()
def rollups() -> None:
    """Look after the properties that are calculated from associated records."""


@rollups.command()
@click.argument("name", metavar="[TYPE.PROPERTY]", default="")
@click.option("--portal", required=True, help="The portal's name.")
def rebuild(portal: str, name: str) -> None:
    """Calculate one rollup, or all, for every record, and say how many values were wrong.

    The change feed is followed to its end first, so that none is called wrong that only waited its turn.
    Each batch is a transaction of its own: what was done stays done when it is stopped.
    """
    while changes.consume(portal, ROLLUPS, wiring.GUARDS):
        pass
    for each in derived.named(wiring.reading(portal, actor="cli", source="cli"), name):
        place, wrong, last = ".".join(each.place), 0, 0
        while True:
            with wiring.writing(portal, actor="cli", source="cli") as work:
                found = next(iter(derived.named(work, place)))
                end, more = derived.rebuild(work, found, last)
            wrong += more
            if end is None:
                break
            last = end
        click.echo(f"{place}: {wrong} {'value was' if wrong == 1 else 'values were'} wrong")
