"""Every route costs a known number of statements, whether there are a few records or many.

The numbers stand in queries.toml: `WRITE_COUNTS=1 ./dev test tests/house/test_queries.py` writes them anew.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import get_resolver, reverse
from tests.attachments.conftest import use
from tests.statements import counted

from wonward.api.routes import AREAS, ROUTES
from wonward.schema import load

from . import examples
from .test_routes import PAGES
from .world import World, seed

FILE = Path(__file__).with_name("queries.toml")
FEW, MANY = 3, 60
LOWER = "write the numbers down: WRITE_COUNTS=1 ./dev test tests/house/test_queries.py"
Asking = Callable[[World], Any]


def operations() -> Iterator[tuple[str, Asking]]:
    """Yield an example of every operation of the API."""
    for route in ROUTES:
        name = f"{route.method} {route.area} {route.path}"
        yield name, partial(operate, name, route.method, f"/{AREAS[route.area][0]}/{route.path}".rstrip("/"))


def operate(name: str, method: str, path: str, world: World) -> Any:
    area = name.split(" ", 1)[1]
    parts = {key: part(world) for key, part in examples.PARTS.items()}
    if area.startswith("pipelines"):
        parts["type"] = "deals"
    elif area.startswith("owners"):
        parts["id"] = world.ada.pk
    elif path.endswith("/unmerge"):
        parts["id"] = world.gone
    body = examples.BODIES[name](world) if name in examples.BODIES else None
    return world.api(method, path.format(**parts) + examples.QUERIES.get(name, ""), body)


def visits() -> Iterator[tuple[str, Asking]]:
    """Yield an example of every page by each of its methods, and the further ones that are described."""
    names = {
        f"{method} {each.name}" for each in PAGES for method in vars(each.callback).get("methods", ("GET",))
    }
    for name in sorted(names | examples.PAGES.keys()):
        yield name, partial(visit, name)


def visit(name: str, world: World) -> Any:
    method, _, page = name.partition(":")[0].partition(" ")
    parts, form = examples.PAGES.get(name, examples.page())
    found = {key: part(world) for key, part in {**examples.PARTS, **parts}.items()}
    [(_, wanted), *_] = get_resolver().reverse_dict.getlist(page)[0][0]
    address = reverse(page, kwargs={key: found[key] for key in wanted})
    return getattr(world.pages, method.lower())(address, form(world))


EXAMPLES = dict([*operations(), *visits()])


@pytest.fixture
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.WONWARD_DATA = tmp_path
    use(settings, "", tmp_path / "files")


def costs(name: str, world: World, ask: Asking, statements: list[str]) -> list[str]:
    """Return the statements of a request, which is undone; the first time only fills what a process keeps."""
    before = load.current("starter")
    for _ in range(2):
        with transaction.atomic():
            statements.clear()
            answer: HttpResponse = ask(world)
            found = counted(statements)
            assert answer.status_code < 400, (name, answer.content[-2000:])
            b"".join(answer)
            transaction.set_rollback(True)
        load._held[before.portal_id] = before  # what the request made of it was undone
    return found


@pytest.mark.usefixtures("own_files")
@pytest.mark.parametrize("size", [FEW, MANY])
def test_every_route_costs_what_is_written_down(starter: str, statements: list[str], size: int) -> None:
    world = seed(starter, size)
    found = {name: costs(name, world, ask, statements) for name, ask in EXAMPLES.items()}
    if os.environ.get("WRITE_COUNTS") == "1" and size == FEW:
        FILE.write_text(
            "".join(f'"{name}" = {len(each)}\n' for name, each in found.items()), encoding="utf-8"
        )
    written = tomllib.loads(FILE.read_text(encoding="utf-8"))
    assert written.keys() == found.keys(), f"routes came or went; {LOWER}"
    more = {name: each for name, each in found.items() if len(each) > written[name]}
    fewer = [
        f"{name}: {len(each)} of {written[name]}" for name, each in found.items() if len(each) < written[name]
    ]
    assert not more, "\n\n".join(told(name, each, written[name], size) for name, each in more.items())
    # Among many, words are found at once, and nobody looks for misspellings.
    assert size == MANY or not fewer, f"{LOWER}\n" + "\n".join(fewer)


def told(name: str, found: list[str], written: int, size: int) -> str:
    short = (re.sub(r"\s+", " ", each)[:300] for each in found)
    lines = (f"  {place}. {each}" for place, each in enumerate(short, 1))
    return "\n".join((f"{name}: {len(found)} statements of {written}, with {size} records of a type", *lines))


def test_an_example_belongs_to_a_route() -> None:
    assert {*examples.BODIES, *examples.QUERIES, *examples.PAGES} <= EXAMPLES.keys()
    pages = {each.name for each in PAGES}
    assert {name.partition(":")[0].split(" ")[1] for name in examples.PAGES} <= pages
