"""Nothing in the repository speaks of a registry's address or of one machine's folders."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOSTS = "|".join(("files.python" + "hosted", "registry.npm" + "js", "py" + r"pi\.org", "deb.deb" + "ian"))
FORBIDDEN = re.compile(rf"{HOSTS}|/home/[a-z]+/|/Users/[a-z]+/")


def test_no_addresses_of_registries_or_machines() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".woff2"}:
            found += [name for _ in FORBIDDEN.finditer(path.read_text(encoding="utf-8"))]
    assert found == []
