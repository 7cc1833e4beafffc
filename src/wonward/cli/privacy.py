"""Commands for the rights of people: erase them, redact what was written of them, show the proofs."""

import click

from wonward import wiring
from wonward.errors import Missing
from wonward.records import erase as erasing
from wonward.records import redact as redacting

PORTAL = click.option("--portal", required=True, help="The portal's name.")


@click.group()
def privacy() -> None:
    """Erase people, redact histories, show the proofs of it."""


@privacy.command()
@click.argument("object_type", metavar="TYPE")
@click.argument("which")
@PORTAL
@click.option(
    "--by", default="", help="The unique property that WHICH is a value of, such as email; an id otherwise."
)
@click.option("--reason", default="", help="Why, for the proof; write nothing personal.")
@click.confirmation_option(
    "--yes", prompt="This can't be undone. Erase everywhere, the history included?", help="Don't ask."
)
def erase(object_type: str, which: str, portal: str, by: str, reason: str) -> None:
    """Erase the record WHICH of TYPE for good, from the history too; a proof stays."""
    with wiring.writing(portal, actor="cli", source="cli") as work:
        kind = work.catalog.object_type(object_type)
        ids = erasing.named(work, kind, which, by)
        if not ids:
            raise Missing(f"There is no {kind.label.lower()} {which}", code="OBJECT_NOT_FOUND")
        wiring.erase(work, kind, ids, reason)
    click.echo(f"Erased {kind.label.lower()} {', '.join(map(str, ids))}.")


@privacy.command()
@click.argument("object_type", metavar="TYPE")
@click.argument("record_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@click.argument("properties", metavar="PROPERTY", nargs=-1, required=True)
@PORTAL
@click.confirmation_option(
    "--yes", prompt="This can't be undone. Take former values away?", help="Don't ask."
)
def redact(object_type: str, record_id: int, properties: tuple[str, ...], portal: str) -> None:
    """Take all values that each PROPERTY of a record has had out of its history; the present value stays."""
    with wiring.writing(portal, actor="cli", source="cli") as work:
        count = redacting.redact(work, work.catalog.object_type(object_type), [record_id], properties)
    click.echo(f"Took values out of {count} {'entry' if count == 1 else 'entries'} of the history.")


@privacy.command()
@PORTAL
@click.option("--email", default=None, help="Only those of somebody who had this address.")
def proofs(portal: str, email: str | None) -> None:
    """List the proofs of erasures, the newest first."""
    work = wiring.reading(portal, actor="cli", source="cli")
    for each in erasing.proofs(work.catalog.portal_id, email):
        counts = ", ".join(f"{name} {count}" for name, count in sorted(each.counts.items()))
        number = "" if each.record_id is None else str(each.record_id)
        click.echo(
            "\t".join(
                (f"{each.at:%Y-%m-%d %H:%M}", each.object_type, number, each.actor, counts, each.reason)
            )
        )
