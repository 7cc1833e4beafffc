"""Values made up by recipe: as the recipe says, and the same ones for the same chance."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from wonward.sample import recipe
from wonward.schema.catalog import Option, Property, Rule

TODAY = datetime(2026, 11, 22, tzinfo=UTC)
NAMES = {"sted": ["Ærø", "Møn"]}
KIND = Property(
    "art", "Art", "enumeration", "art", options=(Option("ny", "Ny"), Option("gl", "Gl", hidden=True))
)
CVR = Property("cvr", "CVR", "text", "cvr", validation=(Rule(weights=(2, 7, 6, 5, 4, 3, 2, 1)),))


def _made(recipes: dict[str, Any], **known: str) -> dict[str, str]:
    return recipe.made(recipes, {"art": KIND, "cvr": CVR}, known, NAMES, TODAY, Random(1))


@pytest.mark.parametrize(
    ("said", "among"),
    [
        ("Århus", ["Århus"]),
        ("{sted} A/S", ["Ærø A/S", "Møn A/S"]),
        ("Til {firma}", ["Til Nordisk"]),
        ("=firma", ["Nordisk"]),
        ({"one": ["a", "b"]}, ["a", "b"]),
        ({"from": 10, "to": 20, "step": 5}, ["10", "15", "20"]),
        ({"days": [1, 2]}, ["2026-11-23", "2026-11-24"]),
    ],
)
def test_a_recipe_gives_what_it_says(said: object, among: list[str]) -> None:
    assert _made({"x": said}, firma="Nordisk")["x"] in among


def test_any_takes_options_that_people_may_choose_and_numbers_with_right_digits() -> None:
    made = _made({"art": "any", "cvr": "any"})
    assert made["art"] == "ny"
    assert (
        sum(int(digit) * weight for digit, weight in zip(made["cvr"], (2, 7, 6, 5, 4, 3, 2, 1), strict=True))
        % 11
        == 0
    )


def test_empty_ones_are_left_out_and_later_ones_take_earlier_ones_up() -> None:
    assert _made({"x": "", "firstname": "Søren", "email": "{firstname}@nordisk.example"}) == {
        "firstname": "Søren",
        "email": "Søren@nordisk.example",
    }
    recipes = {"x": {"from": 1, "to": 10**9}}
    assert _made(recipes) == _made(recipes)
