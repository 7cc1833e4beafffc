"""What every template of the pages may rely on, and that none calls for what isn't there."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import engines, get_template
from django.urls import get_resolver
from django.utils.html import format_html
from jinja2 import Environment, UndefinedError, meta, nodes

ERRORS = ("400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html")


@pytest.fixture(scope="module")
def ours() -> Environment:
    found: Environment = next(iter(engines.all())).env
    return found


def parsed(ours: Environment) -> Iterator[tuple[str, nodes.Template]]:
    """Yield every template with what was read from it; a mistake in its spelling raises."""
    assert ours.loader
    names = ours.list_templates()
    assert "frame.html" in names
    for name in names:
        ours.get_template(name)
        yield name, ours.parse(ours.loader.get_source(ours, name)[0])


def test_text_is_escaped_and_html_is_left(ours: Environment) -> None:
    page = ours.from_string("{{ text }}{{ html }}{{ icon('plus') }}")
    shown = page.render(text="<b>Måleri & Søn</b>", html=format_html("<i>{}</i>", "<Ågård>"))
    assert shown.startswith("&lt;b&gt;Måleri &amp; Søn&lt;/b&gt;<i>&lt;Ågård&gt;</i><svg")


def test_a_name_that_a_template_was_not_given_is_an_error(ours: Environment) -> None:
    with pytest.raises(UndefinedError, match="'recrod' is undefined"):
        ours.from_string("{% if recrod %}Facade{% endif %}").render(record="Facade")


def test_texts_for_translation_are_djangos(ours: Environment, settings: Any) -> None:
    page = ours.from_string(
        "{% trans count=count %}{{ count }} deal{% pluralize %}{{ count }} deals{% endtrans %}"
    )
    assert [page.render(count=count) for count in (1, 2)] == ["1 deal", "2 deals"]
    assert ours.from_string("{{ _('%(name)s’s', name='<Åse>') }}").render() == "&lt;Åse&gt;’s"


def test_runs_part_where_the_value_changes_and_keep_the_order(ours: Environment) -> None:
    page = ours.from_string("{% for end, run in words|runs('last') %}{{ end }}:{{ run|length }} {% endfor %}")
    words = [type("Word", (), {"last": letter}) for letter in "bbab"]
    assert page.render(words=words) == "b:2 a:1 b:1 "


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_needs_nothing(name: str) -> None:
    assert "<h1>" in get_template(name).render()


def test_what_allauth_brings_is_still_found_and_what_is_ours_comes_first() -> None:
    assert get_template("account/email.html").backend.name == "django"
    assert get_template("account/login.html").backend.name == "jinja2"


def test_what_a_template_extends_or_includes_is_there(ours: Environment) -> None:
    there = set(ours.list_templates())
    wanted = {(name, other) for name, tree in parsed(ours) for other in meta.find_referenced_templates(tree)}
    assert {(name, other) for name, other in wanted if other not in there} == set()


def test_a_block_that_a_template_fills_is_one_of_those_it_extends(ours: Environment) -> None:
    blocks: dict[str, set[str]] = {}
    extended: dict[str, str | None] = {}
    for name, tree in parsed(ours):
        blocks[name] = {block.name for block in tree.find_all(nodes.Block)}
        extended[name] = next((each.template.value for each in tree.find_all(nodes.Extends)), None)

    def offered(name: str | None) -> set[str]:
        return blocks[name] | offered(extended[name]) if name else set()

    astray = {
        (name, block)
        for name, found in blocks.items()
        if extended[name] and name not in extended.values()
        for block in found - offered(extended[name])
    }
    assert astray == set()


def named(ours: Environment, function: str) -> set[tuple[str, str]]:
    """Return the templates and what they call a function of every template with."""
    return {
        (name, call.args[0].value)
        for name, tree in parsed(ours)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == function
        if isinstance(call.args[0], nodes.Const)
    }


def drawn() -> set[str]:
    path = finders.find("icons.svg")
    with open(path, encoding="utf-8") as file:
        return set(re.findall(r'<symbol id="(\w+)"', file.read()))


@pytest.mark.parametrize(
    ("function", "there"),
    [
        ("url", lambda: set(filter(None, get_resolver().reverse_dict))),
        ("icon", drawn),
        ("asset", lambda: None),
    ],
)
def test_addresses_icons_and_files_that_templates_name_are_there(
    ours: Environment, function: str, there: Callable[[], set[str] | None]
) -> None:
    found, known = named(ours, function), there()
    assert found
    missing = {
        (name, asked)
        for name, asked in found
        if (asked not in known if known is not None else not finders.find(asked))
    }
    assert missing == set()
