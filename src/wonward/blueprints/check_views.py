"""Checks views against the catalog: what they name is there, and no role has two views to open a list with."""

from collections.abc import Iterator

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.errors import Invalid, Problem
from wonward.expressions.compile import condition
from wonward.schema.catalog import Catalog
from wonward.schema.view import View


def problems(catalog: Catalog) -> list[Problem]:
    """Return what is wrong with the views of a catalog."""
    found = [
        Problem(f"view {view.name}: {said}", "INVALID_DEFINITION")
        for view in catalog.views.values()
        for said in _wrong(catalog, view)
    ]
    return found + list(_two_defaults(catalog))


def _wrong(catalog: Catalog, view: View) -> Iterator[str]:
    kind = catalog.object_types[view.object_type]
    if view.filter.strip():
        try:
            condition(catalog, kind, view.filter)
        except Invalid as error:
            yield from (problem.message for problem in error.problems)
    for each in (*view.columns, view.sort.removeprefix("-")):
        if each and each not in kind.properties:
            yield f"there is no property '{each}' on {kind.label}"
    if view.pipeline and view.pipeline not in {each.name for each in catalog.pipelines_of(kind.name)}:
        yield f"{kind.plural_label} have no pipeline '{view.pipeline}' whose board it could be"
    for each in sorted({*view.roles, *view.default_for} - catalog.roles.keys() - {SUPER_ADMIN}):
        yield f"there is no role '{each}'"


def _two_defaults(catalog: Catalog) -> Iterator[Problem]:
    taken: dict[tuple[str, str], str] = {}
    for view in catalog.views.values():
        for role in view.default_for:
            first = taken.setdefault((view.object_type, role), view.name)
            if first != view.name:
                yield Problem(
                    f"view {view.name}: {first} is the default of {view.object_type} for {role} already; keep one",
                    "INVALID_DEFINITION",
                )
