"""The command that shows how far each consumer of the change feed is."""

import click

from wonward import clock, wiring
from wonward.records import changes


@click.command()
@click.option("--portal", required=True, help="The portal's name.")
def feed(portal: str) -> None:
    """Show each consumer of the change feed: changes it is behind, seconds, and why it failed last."""
    work = wiring.reading(portal, actor="cli", source="cli")
    click.echo("consumer\tchanges\tseconds\terror")
    for lag in changes.lags(work, [consumer.name for consumer in wiring.CONSUMERS]):
        seconds = max(0, round((clock.now() - lag.since).total_seconds())) if lag.since else 0
        error = f"{lag.failed_at:%Y-%m-%d %H:%M:%S} {lag.error}" if lag.failed_at else ""
        click.echo(f"{lag.consumer}\t{lag.changes}\t{seconds}\t{error}".rstrip())
