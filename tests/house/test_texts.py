"""Every text that a page shows through gettext is there in every language but the one it is written in."""

import tomllib
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from django.conf import settings

SOURCE = Path(__file__).parents[2] / "src" / "wonward"
OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def _gathered() -> set[object]:
    project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    mappings = project["tool"]["babel"]["mappings"]
    methods = [(each["pattern"], each["method"]) for each in mappings]
    options = {
        each["pattern"]: {name: value for name, value in each.items() if name not in ("pattern", "method")}
        for each in mappings
    }
    return {found[2] for found in extract_from_dir(str(SOURCE), methods, options)}


def test_the_pages_have_texts_to_translate() -> None:
    assert "What runs by itself" in _gathered()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    with (SOURCE / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    told = {
        message.id for message in catalog if message.id and not message.fuzzy and all(_texts(message.string))
    }
    wanted = {tuple(each) if isinstance(each, list) else each for each in _gathered()}
    assert wanted - told == set(), "run ./dev texts and translate them"
    assert told - wanted == set(), "no page says these any more; ./dev texts takes them out"


def _texts(string: object) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (str(string),)
