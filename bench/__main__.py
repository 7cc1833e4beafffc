"""Runs the benches on a database of their own and writes the figures into `bench/README.md`."""

import os
import platform
import sys
import tempfile
from pathlib import Path

import django

from wonward import settings
from wonward.db import server

ROOT = Path(__file__).parents[1]
PORTAL = "bench"


def main() -> int:
    """Measure everything; return 1 when a limit isn't kept."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "wonward.settings"
    with tempfile.TemporaryDirectory() as folder, server.hold(Path(folder) / "postgresql") as held:
        settings.DATABASES["default"] = settings.database(held.url)
        django.setup()
        from bench import board, importing, search
        from bench.portal import prepare

        prepare(PORTAL, Path(folder))
        figures = [board.measure(PORTAL), importing.measure(PORTAL, Path(folder)), *search.measure()]
    rows = [
        "| work | ours | beside it, in the same run | limit | kept |",
        "|---|---|---|---|---|",
        *(
            f"| {f.what} | {f.ours} | {f.yardstick} | {f.limit} | {'yes' if f.kept else '**no**'} |"
            for f in figures
        ),
    ]
    print("\n".join(rows))
    (ROOT / "bench" / "README.md").write_text(_page(rows), encoding="utf-8")
    return 0 if all(figure.kept for figure in figures) else 1


def _page(rows: list[str]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return "\n".join(
        (
            "# What is measured",
            "",
            "Made by `./dev bench`, which starts a PostgreSQL of its own, fills it, measures, and writes this page.",
            "Yardsticks run in the same process and minute, so ratios hold on other machines; times need not.",
            "",
            f"Machine: {machine}, the bundled PostgreSQL as `db/server.py` sets it up.",
            "",
            *rows,
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
