"""Makes values up by recipe, the same ones for the same chance. Pure.

A recipe is `any`, for an option or a number with right check digits; `{one: […]}`, one of some; `{from:, to:, step:}`,
a number; `{days: [least, most]}`, a day so far ahead; `=name`, what another property of the record has; or a text,
in which `{name}` is a word out of the sample's names or another property, and `{number}` nine digits.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from wonward.schema.catalog import Property, Rule

_WORD = re.compile(r"\{(\w+)\}")


def made(
    recipes: Mapping[str, Any],
    properties: Mapping[str, Property],
    known: Mapping[str, str | None],
    names: Mapping[str, Sequence[str]],
    today: datetime,
    chance: Random,
) -> dict[str, str]:
    """Return a value for each recipe, in their order, so that later ones may take earlier ones up.

    `today` is when the day began where the portal is.
    """
    values: dict[str, str] = {}
    for name, recipe in recipes.items():
        told = {each: value for each, value in {**known, **values}.items() if value is not None}
        value = _value(recipe, properties.get(name), told, names, today, chance)
        if value:
            values[name] = value
    return values


def _value(
    recipe: Any,
    prop: Property | None,
    told: Mapping[str, str],
    names: Mapping[str, Sequence[str]],
    today: datetime,
    chance: Random,
) -> str:
    match recipe:
        case "any":
            found = _any(prop, chance)
        case {"one": [*choices]}:
            found = _value(chance.choice(choices), prop, told, names, today, chance)
        case {"from": int() as least, "to": int() as most, **rest}:
            found = str(chance.randrange(least, most + 1, int(str(rest.get("step", 1)))))
        case {"days": [int() as least, int() as most]}:
            day = today + timedelta(days=chance.randint(least, most))
            found = (day if prop and prop.type == "datetime" else day.date()).isoformat()
        case str() if recipe.startswith("="):
            found = told.get(recipe[1:], "")
        case _:
            found = _WORD.sub(lambda word: _word(word[1], told, names, chance), str(recipe))
    return found


def _word(name: str, told: Mapping[str, str], names: Mapping[str, Sequence[str]], chance: Random) -> str:
    if name == "number":
        return str(chance.randrange(10**8, 10**9))
    return chance.choice(names[name]) if name in names else told.get(name, "")


def _any(prop: Property | None, chance: Random) -> str:
    """Return one of a property's options, or a number whose check digits are right."""
    options = [option.value for option in prop.options if not option.hidden] if prop else []
    if options:
        return chance.choice(options)
    checked = next((rule for rule in prop.validation if rule.weights), None) if prop else None
    return _number(checked, chance) if checked else ""


def _number(rule: Rule, chance: Random) -> str:
    """Return digits whose sum by the rule's weights is a multiple of its modulus."""
    while True:
        digits = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in rule.weights[1:])]
        if (
            sum(digit * weight for digit, weight in zip(digits, rule.weights, strict=True)) % rule.modulus
            == 0
        ):
            return "".join(map(str, digits))
