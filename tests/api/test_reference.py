"""The reference page of the API lists every operation, under every address, with its scopes."""

import re
from pathlib import Path

from wonward.api.routes import AREAS, ROUTES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
ROWS = {
    (area, operation): scopes
    for area, operation, scopes in re.findall(
        r"^\| ([\w ]+) \| `(\w+[^`]*)` \| [^|]+ \| (.+) \|$", PAGE, re.MULTILINE
    )
}


def test_every_operation_is_listed_with_its_scopes() -> None:
    operations = {
        (route.area, f"{route.method} {route.path}".strip()): " or ".join(
            f"`{scope.format('*')}`" for scope in route.access.scopes
        )
        for route in ROUTES
    }
    assert operations == ROWS


def test_every_address_is_listed() -> None:
    listed = dict(re.findall(r"^\| ([\w ]+) \| ((?:`/[^`]+` ?)+) \|$", PAGE, re.MULTILINE))
    assert {area: re.findall(r"`/([^`]+)`", text) for area, text in listed.items()} == {
        area: list(prefixes) for area, prefixes in AREAS.items()
    }
