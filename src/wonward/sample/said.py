"""What a blueprint's `sample.yaml` says of the business that is made up: who works there, how much, how deals go."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import yaml
from msgspec import Meta, Struct

from wonward.blueprints.load import SAMPLE
from wonward.errors import Invalid, Missing

Chance = Annotated[float, Meta(ge=0, le=1)]


class Person(Struct, forbid_unknown_fields=True):
    """Someone who works in the portal and owns records."""

    name: str
    email: str
    role: str
    title: str = ""
    phone: str = ""
    team: str | None = None
    seat: str | None = None
    sells: bool = True


class Flow(Struct, forbid_unknown_fields=True):
    """How records go on from a stage: after so many days in the mean, to which stage with which chance."""

    days: Annotated[float, Meta(gt=0)]
    to: dict[str, Chance]


class Aim(Struct, forbid_unknown_fields=True):
    """What each of those who can have goals is to reach of a metric in a month: one of some amounts, by turns."""

    metric: str
    month: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(min_length=1)]


class Sample(Struct, forbid_unknown_fields=True):
    """All of it. `values` are recipes of properties by object type; `year.py` says what a recipe may be.

    `forms` are sent so often a week, with the recipes of `form.<name>`, by its fields and the campaign's parameters.
    """

    people: list[Person]
    pipeline: str
    deals_a_week: Annotated[int, Meta(ge=1, le=200)]
    companies: Annotated[int, Meta(ge=1, le=5000)]
    flow: dict[str, Flow]
    values: dict[str, dict[str, Any]]
    names: dict[str, list[str]]
    months: Annotated[int, Meta(ge=1, le=36)] = 12
    tasks_done: Chance = 0.8
    goals: list[Aim] = []
    forms: dict[str, Annotated[float, Meta(gt=0, le=200)]] = {}


def read(folder: Path) -> Sample:
    """Return what a blueprint's folder says; raise Missing when it says nothing, Invalid with the place in it."""
    file = folder / SAMPLE
    if not file.is_file():
        raise Missing(f"{folder} has no {SAMPLE}, which says what to make up", code="FILE_NOT_FOUND")
    try:
        return msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8"))["sample"], Sample)
    except (msgspec.ValidationError, yaml.YAMLError, KeyError, TypeError) as error:
        raise Invalid(f"{file.name}: {error}") from error
