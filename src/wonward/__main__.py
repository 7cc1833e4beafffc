"""Starts the command line with a database under it: DATABASE_URL's, else the bundled server.

The bundled server is held while the command runs; the last process that holds it stops it. A process that
this one starts isn't told of it by DATABASE_URL, so that it holds the server itself.
"""

import os
import sys
from contextlib import ExitStack
from datetime import timedelta

from wonward import settings
from wonward.db import server

ASKS_FOR_HELP = {"-h", "--help", "--version"}


def main() -> int:
    """Run the command line and return its exit code: 0 done, 1 refused with reasons, 2 wrong usage."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wonward.settings")
    arguments = sys.argv[1:]
    with ExitStack() as stack:
        if not settings.DATABASE_URL and arguments and not ASKS_FOR_HELP.intersection(arguments):
            try:
                held = stack.enter_context(server.hold(settings.WONWARD_DATA / "postgresql"))
            except server.ServerError as error:
                print(error, file=sys.stderr)
                return 1
            settings.DATABASES["default"] = settings.database(held.url)
        import django

        django.setup()
        from wonward import clock, loaded
        from wonward.cli.commands import run

        clock.move_ahead(timedelta(days=settings.WONWARD_AHEAD))
        loaded.settle()
        return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
