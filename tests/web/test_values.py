"""Values as people read them."""

import pytest
from django.utils import translation

from wonward import wiring
from wonward.web.values import Values, dot, without_html


@pytest.fixture
def values(starter: str) -> Values:
    return Values(wiring.reading(starter, actor="system", source="web").catalog, {"7": "Søren Ågård"})


@pytest.mark.parametrize(
    ("kind", "name", "value", "text"),
    [
        ("deal", "dealstage", "closedwon", "Won"),
        ("deal", "pipeline", "default", "Sales"),
        ("deal", "hubspot_owner_id", "7", "Søren Ågård"),
        ("deal", "hubspot_owner_id", "8", "Owner 8"),
        ("company", "is_public", "true", "Yes"),
        ("company", "numberofemployees", "17479", "17,479"),
        ("company", "sector", "gone", "gone"),
        ("company", "hs_object_id", "1001", "1001"),
        ("deal", "engage_date", "2016-10-20", "20 Oct 2016"),
        ("deal", "amount", None, ""),
    ],
)
def test_labels_names_numbers_dates(
    values: Values, starter: str, kind: str, name: str, value: str | None, text: str
) -> None:
    catalog = wiring.reading(starter, actor="system", source="web").catalog
    with translation.override("en"):
        assert values.text(catalog.object_types[kind].properties[name], value) == text


@pytest.mark.parametrize(
    ("name", "value", "html"),
    [
        (
            "website",
            "nordisk.example/å",
            'href="https://nordisk.example/å" target="_blank" rel="noopener noreferrer"',
        ),
        ("website", "//nordisk.example", 'href="https://nordisk.example"'),
        ("phone", "+45 12 34 56 78", '<a href="tel:+4512345678">+45 12 34 56 78</a>'),
        ("name", '"><img src=x>', "&quot;&gt;&lt;img src=x&gt;"),
    ],
)
def test_links_and_escaping(values: Values, starter: str, name: str, value: str, html: str) -> None:
    catalog = wiring.reading(starter, actor="system", source="web").catalog
    assert html in values.html(catalog.object_types["company"].properties[name], value)


def test_a_colour_that_is_none_cannot_get_into_the_page() -> None:
    assert 'fill="#7fa58a"' in dot("#7fa58a")
    assert 'fill="currentColor"' in dot('red" onload="x')


def test_text_that_looks_like_html_is_shown_as_the_text_it_shows() -> None:
    assert without_html("3 < 5 and 7 > 2") == "3 < 5 and 7 > 2"
    assert without_html("<p>Hej &amp; hop</p><p>Åse</p>") == "Hej & hop\nÅse"
    assert without_html('<P class="x">Hej<br class=y>Åse</P><a href="/a>b">her</a>') == "Hej\nÅse\nher"


def test_angle_brackets_of_plain_text_are_kept() -> None:
    mail = "Mail from Søren <soren@nordisk.dk> says a<b and c>d"
    assert without_html(mail) == mail
    assert without_html(f"<p>{mail}</p>") == mail
    assert without_html("<p>x</p>" + "<a" * 600) == "x\n" + "<a" * 600
