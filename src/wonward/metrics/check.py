"""Checks metrics and dashboards against a whole catalog: what they name is there, and can be measured as they say."""

from collections.abc import Iterator

from wonward.errors import Invalid, Problem, Refusal
from wonward.expressions import compile as expressions
from wonward.metrics import compile as compiling
from wonward.metrics.filters import choosable, grouping
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.metrics import OVER_TIME, STAGE, Dashboard, Metric, Tile


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield what is wrong with each metric and each dashboard."""
    wrong = {metric.name: _wrong_metric(catalog, metric) for metric in catalog.metrics.values()}
    for name, reason in wrong.items():
        if reason:
            yield Problem(f"metric {name}: {reason}", "INVALID_DEFINITION")
    sound = {name for name, reason in wrong.items() if not reason}
    for shown in catalog.dashboards.values():
        for reason in _wrong_dashboard(catalog, shown, sound):
            yield Problem(f"dashboard {shown.name}: {reason}", "INVALID_DEFINITION")


def _wrong_metric(catalog: Catalog, metric: Metric) -> str:
    if metric.over:
        return _wrong_ratio(catalog, metric.over)
    kind = catalog.object_types.get(metric.object_type)
    if kind is None:
        return f"there is no object type '{metric.object_type}'"
    try:
        expressions.condition(catalog, kind, metric.filter or "true")
        compiling.value(catalog, kind, metric)
        if metric.date:
            compiling.dated(kind, metric)
    except Refusal as refusal:
        return refusal.problems[0].message
    return ""


def _wrong_ratio(catalog: Catalog, over: tuple[str, str]) -> str:
    parts = [catalog.metrics.get(name) for name in over]
    for name, part in zip(over, parts, strict=True):
        if part is None or part.over:
            return f"over '{name}', which is no metric that counts records; name one"
    money = [
        compiling.is_money(catalog.object_types[part.object_type], part)
        for part in parts
        if part and part.object_type in catalog.object_types
    ]
    return (
        "of its two metrics one is money; for money a record use measure: average"
        if len(set(money)) > 1
        else ""
    )


def _wrong_dashboard(catalog: Catalog, shown: Dashboard, sound: set[str]) -> Iterator[str]:
    for number, tile in enumerate(shown.tiles, start=1):
        reason = wrong_tile(catalog, tile)
        if reason and sound.issuperset(tile.metrics):  # what is wrong with a metric is told once
            yield f"tile {number}: {reason}"
    if shown.choice and choosable(catalog, shown) is None:
        yield f"none of its metrics is over records with an enumeration '{shown.choice}' to choose by"


def wrong_tile(catalog: Catalog, tile: Tile) -> str:
    """Return why a tile can't show its metrics, or nothing."""
    for name in (*tile.metrics, *([tile.goal] if tile.goal else [])):
        if name not in catalog.metrics:
            return f"there is no metric '{name}'; there are {', '.join(catalog.metrics) or 'none'}"
    try:
        for name in tile.metrics:
            for part in catalog.metrics[name].over or (name,):
                _measurable(catalog, tile, catalog.metrics[part])
    except Refusal as refusal:
        return refusal.problems[0].message
    if tile.kind == "forecast" and not catalog.metrics[tile.metrics[0]].weighted:
        return f"a forecast is of a metric that is weighted, which {tile.metrics[0]} isn't"
    return ""


def _measurable(catalog: Catalog, tile: Tile, metric: Metric) -> None:
    """Raise Invalid when a metric can't be shown over time, by stage or by group as the tile says."""
    kind: ObjectType = catalog.object_types[metric.object_type]
    if tile.kind in OVER_TIME:
        compiling.dated(kind, metric)
    by = STAGE if tile.kind in ("funnel", "forecast") else tile.by
    if by and grouping(kind, by) is None:
        raise Invalid(
            f"{kind.plural_label} can't be grouped by '{by}'; take owner, team, stage or a property with options"
        )
