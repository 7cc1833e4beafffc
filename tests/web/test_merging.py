"""Merging on the pages: choosing, comparing, whose values stand, the old address, undoing."""

from django.test import Client
from tests.web.conftest import Cast

from wonward import wiring
from wonward.records import associate, write
from wonward.records.associate import Link

ROOT = "/p/starter/contacts"


def twin(portal: str, cast: Cast) -> int:
    with wiring.writing(portal, actor="user:1", source="web") as work:
        contact, deal = work.catalog.object_type("contact"), work.catalog.object_type("deal")
        [other] = write.create(
            work, contact, [{"firstname": "Sören", "lastname": "Ågård", "phone": "+45 12345678"}]
        )
        associate.associate(work, contact, deal, [Link(other, cast.facade)])
    return other


def test_the_other_is_found_by_name(pages: Client, starter: str, cast: Cast, htmx: dict[str, str]) -> None:
    other = twin(starter, cast)
    assert "Which contact is the same one?" in pages.get(f"{ROOT}/{cast.soren}/merge").content.decode()
    found = pages.get(f"{ROOT}/{cast.soren}/merge/candidates?q=ågård", headers=htmx).content.decode()
    assert f"?with={other}" in found
    assert f"?with={cast.soren}" not in found


def test_both_stand_side_by_side(pages: Client, starter: str, cast: Cast) -> None:
    other = twin(starter, cast)
    page = pages.get(f"{ROOT}/{cast.soren}/merge?with={other}").content.decode()
    assert f'name="value.firstname" value="{cast.soren}" checked' in page
    assert f'name="value.firstname" value="{other}">' in page
    assert 'name="value.phone"' not in page, "an empty value is filled without asking"
    assert "Comes along: 1 deal." in page
    assert f"{ROOT}/{other}/merge?with={cast.soren}" in page


def test_merging_as_chosen_and_undoing_it(pages: Client, starter: str, cast: Cast) -> None:
    other = twin(starter, cast)
    form = {"with": other, "value.firstname": other}
    page = pages.post(f"{ROOT}/{cast.soren}/merge", form, follow=True)
    assert page.redirect_chain == [(f"{ROOT}/{cast.soren}", 302)]
    text = page.content.decode()
    assert "Merged Sören Ågård into Søren Ågård." in text
    assert "merged into this" in text
    assert "before it was merged" in text
    assert text.count('action="/p/starter/merges/') == 2, "in the notice and on the timeline"
    assert pages.get(f"{ROOT}/{other}").headers["Location"] == f"{ROOT}/{cast.soren}"
    undo = text.partition('action="/p/starter/merges/')[2].partition('"')[0]
    after = pages.post(f"/p/starter/merges/{undo}", follow=True).content.decode()
    assert "Sören Ågård is a contact of its own again." in after
    assert "undid the merge with" in after
    assert "Undo the merge" not in after
    assert "Sören Ågård" in pages.get(f"{ROOT}/{other}").content.decode()


def test_what_stands_in_the_way_is_said_on_the_page(pages: Client, starter: str, cast: Cast) -> None:
    other = twin(starter, cast)
    assert pages.get(f"{ROOT}/{cast.soren}/merge?with=x").status_code == 400
    assert pages.get(f"{ROOT}/{cast.soren}/merge?with=999").status_code == 404
    assert pages.post("/p/starter/merges/999/undo").status_code == 404
    pages.post(f"{ROOT}/{cast.soren}/merge", {"with": other})
    assert pages.get(f"{ROOT}/{other}/merge").status_code == 404
    assert pages.post(f"{ROOT}/{cast.soren}/merge", {"with": other}).status_code == 404
