"""Another field type: what converts, what doesn't and is listed first, and the log that loses nothing."""

from typing import Any

import pytest

from wonward import wiring
from wonward.blueprints import apply
from wonward.blueprints.export import export
from wonward.errors import Invalid
from wonward.records import history, query, write
from wonward.records.query import Query

COLOURS = [
    {"value": "r", "label": "Rød"},
    {"value": "b", "label": "Blå"},
    {"value": "ø", "label": "Ærø-grøn"},
]


def define(type_name: str, *, allowed: bool = False, **more: Any) -> Any:
    wanted = {("property", "company.paint"): {"label": "Maling", "type": type_name, **more}}
    return apply.define("starter", wanted, actor="user:1", allow_destructive=allowed)


def fill(*values: str) -> list[int]:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        return write.create(work, work.catalog.object_type("company"), [{"paint": value} for value in values])


def stored(ids: list[int]) -> list[str | None]:
    work = wiring.reading("starter", actor="user:1", source="cli")
    found = query.rows(work, Query(work.catalog.object_type("company"), ids=ids), ["paint"])
    return [value for _, value in found]


CASES = [
    ("text", {}, "number", {}, {"12.50": "12.5", " 7 ": "7", "-3": "-3", "1.200,50": None, "tolv": None}),
    ("number", {}, "text", {}, {"12.50": "12.5"}),
    (
        "text",
        {},
        "date",
        {},
        {
            "2024-02-29": "2024-02-29",
            "2023-02-29": None,
            "31-12-2024": None,
            "2024-12-31T23:30:00-02:00": "2025-01-01",
        },
    ),
    (
        "text",
        {},
        "datetime",
        {},
        {
            "2024-12-31": "2024-12-31T00:00:00.000Z",
            "2024-12-31T10:00": "2024-12-31T10:00:00.000Z",
            "2024-12-31 10:00:00.5+02:00": "2024-12-31T08:00:00.500Z",
            "2024-12-31T25:00": None,
            "snart": None,
        },
    ),
    ("date", {}, "datetime", {}, {"2024-12-31": "2024-12-31T00:00:00.000Z"}),
    ("datetime", {}, "date", {}, {"2024-12-31T23:00:00Z": "2024-12-31"}),
    ("enumeration", {"options": COLOURS}, "text", {}, {"r": "Rød", "ø": "Ærø-grøn"}),
    ("text", {}, "enumeration", {"options": COLOURS}, {"r": "r", "rød": "r", "ÆRØ-GRØN": "ø", "gul": None}),
    ("enumeration", {"options": COLOURS}, "multi_enumeration", {"options": COLOURS}, {"b": "b"}),
    (
        "multi_enumeration",
        {"options": COLOURS},
        "enumeration",
        {"options": COLOURS},
        {"b": "b", "r;b": None},
    ),
    ("multi_enumeration", {"options": COLOURS}, "text", {}, {"r;b": "Rød; Blå"}),
    (
        "text",
        {},
        "multi_enumeration",
        {"options": COLOURS},
        {"Blå; r;blå": "r;b", "Blå;gul": None},
    ),
    ("text", {}, "boolean", {}, {"Yes": "true", "0": "false", "måske": None}),
    ("boolean", {}, "text", {}, {"true": "true"}),
    ("text", {}, "email", {}, {"Soren@Nordisk.example": "soren@nordisk.example", "søren": None}),
    ("text", {}, "owner", {}, {"12": None}),
    ("number", {}, "currency", {}, {"12.5": "12.5"}),
]


@pytest.mark.parametrize(
    ("old", "had", "new", "has", "values"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_values_become_values_of_the_new_type(
    starter: str, old: str, had: dict[str, Any], new: str, has: dict[str, Any], values: dict[str, str | None]
) -> None:
    define(old, **had)
    ids = fill(*values)
    before = stored(ids)
    lost = [number for number, becomes in zip(ids, values.values(), strict=True) if becomes is None]
    if lost:
        with pytest.raises(
            Invalid, match=f"{len(lost)} of {len(ids)} values of company.paint that are no {new}"
        ) as refused:
            define(new, **has)
        assert f"{lost[0]}: '{before[ids.index(lost[0])]}' doesn't convert" in str(refused.value)
        assert stored(ids) == before
    define(new, allowed=bool(lost), **has)
    assert stored(ids) == list(values.values())
    work = wiring.reading(starter, actor="user:1", source="cli")
    for number, was, becomes in zip(ids, before, values.values(), strict=True):
        newest = history.of_record(work, number)[0]
        if was != becomes:
            assert (newest.source, newest.actor, newest.diff) == (
                "definitions",
                "user:1",
                {"paint": [was, becomes]},
            )
        else:
            assert newest.kind == "created"


def test_a_unique_property_stays_unique_under_its_new_type(starter: str) -> None:
    define("text", unique=True)
    fill("1", "1.0")
    with pytest.raises(Invalid, match="doesn't fit"):
        define("number", unique=True)
    assert define("text", unique=True).changes == ()


def test_a_plan_says_what_converts_and_changes_nothing(starter: str, tmp_path: Any) -> None:
    define("text")
    ids = fill("1", "to")
    export(starter, tmp_path / "out")
    file = tmp_path / "out" / "object_types" / "company.yaml"
    file.write_text(
        file.read_text().replace("label: Maling\n    type: text", "label: Maling\n    type: number")
    )
    [change] = apply.planned(starter, tmp_path / "out").changes
    assert change.findings == ("1 of 2 values convert to number", f"{ids[1]}: 'to' doesn't convert")
    assert stored(ids) == ["1", "to"]
