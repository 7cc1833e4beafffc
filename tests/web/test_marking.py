"""What was found is marked in what is shown, whatever accents either has."""

import pytest
from psycopg import sql

from wonward import wiring
from wonward.web import marking


@pytest.mark.parametrize(
    ("text", "typed", "html"),
    [
        ("Søren Ågård", "aaga", "Søren <mark>Ågå</mark>rd"),
        ("Aagaard & Møller", "ågård moe", "<mark>Aagaard</mark> &amp; <mark>Mø</mark>ller"),
        ("<b>Bo</b>", "b", "&lt;<mark>b</mark>&gt;<mark>B</mark>o&lt;/<mark>b</mark>&gt;"),
        ("Weiß", "weis", "<mark>Weiß</mark>"),
        ("Havn", "avn", "Havn"),
        ("Havn", "", "Havn"),
    ],
)
def test_beginnings_of_words_are_marked(text: str, typed: str, html: str) -> None:
    assert marking.marked(text, marking.words(typed)) == html


@pytest.mark.parametrize(
    "word", ["Ågård", "Aagaard", "ÆRØ", "Müller", "Weiß", "Łódź", "Œuvre", "Þór", "naïve", "Čapek"]
)
def test_pages_fold_as_the_index_does(starter: str, word: str) -> None:
    work = wiring.reading(starter, actor="user:1", source="web")
    statement = sql.SQL("select {}(%(word)s)").format(work.table("_fold"))
    assert work.rows(statement, {"word": word}) == [(marking.folded(word),)]
