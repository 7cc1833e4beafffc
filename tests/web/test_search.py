"""One box finds records of every type by what people type."""

from django.test import Client

from .conftest import Cast


def test_what_one_types_is_answered_by_type(pages: Client, cast: Cast) -> None:
    part = pages.get("/p/starter/search/suggestions?q=nordisk").content.decode()
    assert "<html" not in part
    assert part.index("Contacts") < part.index("Søren Ågård</span>") < part.index("Companies")
    assert f'href="/p/starter/companies/{cast.nordisk}"' in part
    assert 'href="/p/starter/search?q=nordisk"' in part


def test_the_page_keeps_what_was_typed(pages: Client, cast: Cast) -> None:
    html = pages.get("/p/starter/search", {"q": "fac"}).content.decode()
    assert 'name="q" id="search" value="fac"' in html
    assert f'<a href="/p/starter/deals/{cast.facade}"><mark>Fac</mark>ade</a>' in html


def test_nothing_found_and_nothing_typed(pages: Client, cast: Cast) -> None:
    assert "Nothing found for “zzz”" in pages.get("/p/starter/search?q=zzz").content.decode()
    assert "Find anyone and anything" in pages.get("/p/starter/search").content.decode()
    assert pages.get("/p/starter/search/suggestions?q=").content.decode().strip() == ""
    assert "Nothing found" in pages.get("/p/starter/search/suggestions?q=zzz").content.decode()


def test_what_was_found_is_marked_and_escaped(pages: Client, cast: Cast) -> None:
    part = pages.get("/p/starter/search/suggestions?q=soren aag").content.decode()
    assert "<mark>Søren</mark> <mark>Åg</mark>ård" in part
    hostile = pages.get("/p/starter/search", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in hostile


def test_a_list_is_narrowed_by_words(pages: Client, cast: Cast) -> None:
    html = pages.get("/p/starter/companies", {"q": "maaleri nord"}).content.decode()
    assert "Nordisk Måleri A/S" in html
    assert "Havn &amp; Co" not in html
    assert 'name="q" value="maaleri nord"' in html
    assert "Nothing has every word" in pages.get("/p/starter/companies?q=zzz").content.decode()
    both = pages.get("/p/starter/companies", {"q": "nordisk", "where": "domain = 'havn.example'"})
    assert "No companies match" in both.content.decode()
