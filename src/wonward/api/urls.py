"""The paths of the API, made from the table of its operations; a trailing slash makes no difference."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, include, path, re_path

from wonward.api.door import Route, door, nowhere
from wonward.api.routes import AREAS, FOLDERS, ROUTES


def _patterns() -> Iterator[URLPattern | URLResolver]:
    for prefix in dict.fromkeys(prefix for prefixes in AREAS.values() for prefix in prefixes):
        areas = {area for area, prefixes in AREAS.items() if prefix in prefixes}
        yield path(prefix, include(list(_under([route for route in ROUTES if route.area in areas]))))


def _under(routes: list[Route]) -> Iterator[URLPattern]:
    for each in dict.fromkeys(route.path for route in routes):
        methods = {route.method: route for route in routes if route.path == each}
        yield re_path(_expression(each), door(methods))


def _expression(written: str) -> str:
    """Return a path of the table as a regular expression: `{name}` is one part, whatever it holds."""
    parts = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", written)
    return rf"^/{parts}/?$" if written else r"^/?$"


urlpatterns = [*_patterns(), *(re_path(rf"^{folder}/", nowhere) for folder in FOLDERS)]
