"""What the definition of a metric or of a dashboard may say, and what is wrong with one taken for itself."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from wonward.schema.metrics import GROUPED, Bucket, Dashboard, Measure, Metric, Size, Tile, TileKind, Unit
from wonward.schema.property_body import Name

Label = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Words = Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*$")]
"""Text that people may type into a form, without the one character that PostgreSQL can't hold."""
Periods = Literal[
    "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year", "last_12_months"
]


class MetricBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A figure: what is measured of which records, and the date by which it falls into a period."""

    label: Label
    object: Name = ""
    measure: Measure = "count"
    value: str = ""
    weighted: bool = False
    filter: str = ""
    date: Name = ""
    over: Annotated[list[Name], Meta(min_length=2, max_length=2)] | None = None
    unit: Unit | None = None
    lower_is_better: bool = False
    description: str = ""
    system: bool = False


class TileBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A tile of a dashboard."""

    kind: TileKind
    metrics: Annotated[list[Name], Meta(min_length=1, max_length=6)]
    label: Words = ""
    by: Name = ""
    bucket: Bucket = "month"
    size: Size = "small"
    goal: Name = ""


class DashboardBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A dashboard: its tiles, and what its filters are to begin with."""

    label: Label
    tiles: Annotated[list[TileBody], Meta(max_length=24)]
    period: Periods = "this_month"
    owner: Literal["", "me"] = ""
    choice: Name = ""
    order: int = 0
    description: Words = ""
    system: bool = False


def metric_of(name: str, stored: Mapping[str, Any]) -> Metric:
    """Return a metric from the body of its document."""
    body = msgspec.convert(stored, MetricBody)
    return Metric(
        name=name,
        label=body.label,
        object_type=body.object,
        measure=body.measure,
        value=body.value,
        weighted=body.weighted,
        filter=body.filter,
        date=body.date,
        unit=body.unit,
        over=(body.over[0], body.over[1]) if body.over else None,
        lower_is_better=body.lower_is_better,
        description=body.description,
    )


def dashboard_of(name: str, stored: Mapping[str, Any]) -> Dashboard:
    """Return a dashboard from a body, whether a document or a person keeps it."""
    body = msgspec.convert(stored, DashboardBody)
    return Dashboard(
        name=name,
        label=body.label,
        tiles=tuple(
            Tile(each.kind, tuple(each.metrics), each.label, each.by, each.bucket, each.size, each.goal)
            for each in body.tiles
        ),
        period=body.period,
        owner=body.owner,
        choice=body.choice,
        order=body.order,
        description=body.description,
    )


def wrong_metric(body: MetricBody) -> str:
    """Return what is wrong with a metric's body taken for itself, or nothing."""
    if body.measure == "ratio":
        return _wrong_ratio(body)
    if body.over is not None:
        return "over is for a ratio; write measure: ratio, or leave it out"
    if not body.object:
        return "write the object type whose records are measured, as in object: deal"
    if body.measure == "count":
        return "a count has no value; leave value and weighted out" if body.value or body.weighted else ""
    return "" if body.value else f"write the number whose {body.measure} it is, as in value: amount"


def _wrong_ratio(body: MetricBody) -> str:
    if body.over is None:
        return "a ratio is of two metrics; write over: [won_deals, closed_deals]"
    if body.object or body.value or body.filter or body.date or body.weighted:
        return "a ratio takes its records, filter and date from its two metrics; leave them out"
    return ""


def wrong_dashboard(body: DashboardBody) -> str:
    """Return what is wrong with a dashboard's body taken for itself, or nothing."""
    for number, tile in enumerate(body.tiles, start=1):
        wrong = wrong_tile(tile)
        if wrong:
            return f"tile {number}: {wrong}"
    return ""


def wrong_tile(tile: TileBody) -> str:
    """Return what is wrong with a tile taken for itself, or nothing."""
    if tile.kind in GROUPED and tile.kind != "funnel" and not tile.by:
        return f"a {tile.kind} groups its figures; write by: owner, team, stage or a property"
    if tile.by and tile.kind not in ("breakdown", "table"):
        return f"a {tile.kind} isn't grouped; leave by out"
    return "only a table has several metrics" if tile.kind != "table" and len(tile.metrics) > 1 else ""
