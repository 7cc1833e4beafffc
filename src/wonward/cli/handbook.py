"""The handbook of a portal, as a folder of pages."""

from pathlib import Path

import click

from wonward.blueprints.apply import portal_named
from wonward.handbook import site
from wonward.schema import load


@click.command()
@click.option("--portal", required=True, help="The portal's name.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("handbook"),
    show_default=True,
    help="The folder that the pages are written into.",
)
def handbook(portal: str, to: Path) -> None:
    """Write the whole guideline of a portal from its definitions, a page a language."""
    found = portal_named(portal)
    for path in site.write(load.of_portal(found), found.label, to):
        click.echo(path)
