"""Every text of the shipped definitions is there in every language but their own, and no translation is left over."""

from collections import Counter
from collections.abc import Iterable

import pytest
from django.conf import settings

from wonward.blueprints.load import standard_documents, standard_types
from wonward.blueprints.translations import texts_of
from wonward.schema.translate import shipped

OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
SAME = {
    "da": {
        *(
            "Animation",
            "Bcc",
            "Cc",
            "Chat",
            "Deal",
            "Deals",
            "Design",
            "Euro",
            "Fundraising",
            "HTML",
            "Internet",
        ),
        *("Lead", "LinkedIn", "Note", "Partner", "Pipeline", "Ticket", "Tickets", "Type"),
    },
}
"""Words that a language has taken over as they are."""


def _wanted() -> set[str]:
    bodies = standard_documents(standard_types()).values()
    return {text for body in bodies for text in texts_of(body)}


@pytest.mark.parametrize("language", OTHERS)
def test_every_shipped_text_is_translated(language: str) -> None:
    told = shipped(language)
    assert _wanted() - told.keys() == set(), f"say these in standard/translations/{language}.yaml"
    assert told.keys() - _wanted() == set(), "no shipped definition says these any more"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_says_something_else(language: str) -> None:
    told = shipped(language)
    assert {text for text, said in told.items() if text == said} == SAME[language]
    assert [text for text, said in told.items() if text.endswith(".") != said.endswith(".")] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_had_different_labels_still_has(language: str) -> None:
    told = shipped(language)
    documents = standard_documents(standard_types())
    for (kind, name), body in documents.items():
        assert _doubled(told[each["label"]] for each in body.get("options", ())) == [], name
        if kind == "object_type":
            of = [
                own
                for (what, key), own in documents.items()
                if what == "property" and key.startswith(f"{name}.")
            ]
            assert _doubled(told[label] for label in {each["label"] for each in of}) == [], name


def _doubled(labels: Iterable[str]) -> list[str]:
    return [label for label, count in Counter(labels).items() if count > 1]


def test_only_languages_that_people_can_read_are_shipped() -> None:
    assert shipped("../../../etc/passwd") == shipped("xx") == shipped(settings.LANGUAGE_CODE) == {}
