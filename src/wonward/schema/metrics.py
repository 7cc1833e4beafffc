"""Metrics and dashboards as the catalog holds them: what is measured, and the tiles that show it. Pure."""

from dataclasses import dataclass
from typing import Literal

Measure = Literal["count", "sum", "average", "min", "max", "ratio"]
Unit = Literal["number", "money", "percent", "days"]
TileKind = Literal["number", "bars", "line", "breakdown", "table", "funnel", "forecast"]
Bucket = Literal["day", "week", "month", "quarter", "year"]
Size = Literal["small", "medium", "wide"]

OVER_TIME: tuple[TileKind, ...] = ("bars", "line", "forecast")
"""The kinds of tile that cut time into buckets, so that their metrics need a date."""
GROUPED: tuple[TileKind, ...] = ("breakdown", "table", "funnel")
"""The kinds of tile that group by a property."""
TEAM = "team"
OWNER = "owner"
STAGE = "stage"
"""What a tile can group by on any type that has such: its main owner property, the owner's team, its stage."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure over records of one type, or the ratio of two others.

    `value` is an expression that gives a number; `weighted` multiplies it by the probability of the record's stage.
    Without `date` the metric is of no period: it tells how things stand.
    """

    name: str
    label: str
    object_type: str
    measure: Measure = "count"
    value: str = ""
    weighted: bool = False
    filter: str = ""
    date: str = ""
    unit: Unit | None = None
    over: tuple[str, str] | None = None
    lower_is_better: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of a dashboard: metrics by name, and how they are shown.

    `goal` names the metric whose goals are drawn in, the tile's own when empty.
    """

    kind: TileKind
    metrics: tuple[str, ...]
    label: str = ""
    by: str = ""
    bucket: Bucket = "month"
    size: Size = "small"
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Tiles under filters for all of them: a period, whose records, and the values of one enumeration.

    `period` and `owner` are what the filters are when nobody has chosen; `choice` names the enumeration.
    """

    name: str
    label: str
    tiles: tuple[Tile, ...]
    period: str = "this_month"
    owner: str = ""
    choice: str = ""
    order: int = 0
    description: str = ""
