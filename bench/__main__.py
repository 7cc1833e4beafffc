"""Runs the benches on a database of their own and writes the figures into `bench/README.md`."""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django

from wonward import settings
from wonward.db import server

ROOT = Path(__file__).parents[1]
PORTAL = "bench"
SIZES = (20_000, 1_000_000)


def main() -> int:
    """Measure everything; return 1 when a limit isn't kept."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "wonward.settings"
    sizes = SIZES[:1] if "quick" in sys.argv[1:] else SIZES
    with tempfile.TemporaryDirectory() as folder, server.hold(Path(folder) / "postgresql") as held:
        settings.DATABASES["default"] = settings.database(held.url)
        django.setup()
        tables = dict(_measured(held.url, Path(folder), sizes))
    lines = [line for title, rows in tables.items() for line in ("", f"## {title}", "", *rows)]
    print("\n".join(lines))
    if sizes == SIZES and "workflows" not in sys.argv[1:]:
        (ROOT / "bench" / "README.md").write_text(_page(lines), encoding="utf-8")
    return 1 if any("**no**" in line for line in lines) else 0


def _measured(database: str, folder: Path, sizes: tuple[int, ...]) -> Iterator[tuple[str, list[str]]]:
    from bench import board, fill, importing, pages, requests, search, workflows
    from bench.figure import Figure
    from bench.portal import prepare
    from wonward import loaded
    from wonward.cli.serving import upgrade_database

    def table(figures: list[Figure]) -> list[str]:
        return [
            "| work | ours | beside it, in the same run | limit | kept |",
            "|---|---|---|---|---|",
            *(
                f"| {f.what} | {f.ours} | {f.yardstick} | {f.limit} | {'yes' if f.kept else '**no**'} |"
                for f in figures
            ),
        ]

    if "workflows" in sys.argv[1:]:
        upgrade_database()
        yield "Workflows", table(list(workflows.measure(database)))
        return
    prepare(PORTAL, folder)
    loaded.settle()  # as every process of the product does once its code is loaded
    yield "Imports", table([importing.measure(PORTAL, folder)])
    yield "Workflows", table(list(workflows.measure(database)))
    before: dict[str, float] = {}
    for size in sizes:
        fill.deals(PORTAL, size)
        with requests.both(PORTAL, database, folder) as (mine, floor):
            figures = list(requests.measure(PORTAL, mine, floor, before))
            figures += [*pages.measure(PORTAL, mine, before), board.measure(PORTAL, size)]
        yield f"{size:,} deals, one client", table(figures)
        if size == sizes[0]:
            with requests.both(PORTAL, database, folder, processes=2) as (mine, floor):
                yield (
                    "Eight clients, two processes",
                    table(list(requests.measure_together(PORTAL, mine, floor))),
                )
    if "records" in sys.argv[1:]:
        yield (
            "Search over all types",
            ["Left out of this run; `./dev bench` measures it, for some ten minutes more."],
        )
    elif len(sizes) > 1:
        yield "Search over all types", table(search.measure())


_ABOUT = """\
# What is measured

Made by `./dev bench`, which starts a PostgreSQL of its own, fills it, measures, and writes this page;
`./dev bench quick` leaves the million deals out and writes nothing, `./dev bench records` leaves out the search, and
`./dev bench workflows` measures workflows alone.
Yardsticks run in the same minute on the same server, so ratios hold on other machines; times need not.

Machine: {machine}, the bundled PostgreSQL as `db/server.py` sets it up, shared with clients and all else that runs.

*CPU* is what a request costs in all; in brackets the application's share and that of its PostgreSQL backends. Ours
has authentication, validation, associations, history and guards on. *Floor* is `bench/floor.py`, the smallest HTTP
application over the same SQL, in the same gunicorn, with none of that.
"""


def _page(lines: list[str]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return _ABOUT.format(machine=machine) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
