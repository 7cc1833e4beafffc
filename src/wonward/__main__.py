"""Starts the command line with a database under it: DATABASE_URL's, else the bundled server, held while it runs."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from wonward.db import server


def main() -> int:
    """Run the command line and return its exit code: 0 done, 1 refused with reasons, 2 wrong usage."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wonward.settings")
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_URL") and needs_database(sys.argv[1:]):
            try:
                held = stack.enter_context(server.hold(server.default_folder()))
            except server.ServerError as error:
                print(error, file=sys.stderr)
                return 1
            os.environ["DATABASE_URL"] = held.url
        import django

        django.setup()
        from wonward.cli.commands import run

        return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
