"""The queue of likely duplicates: found from the list, worked one after the other."""

from django.test import Client
from tests.web.conftest import Cast

from wonward import wiring
from wonward.records import write
from wonward.records.duplicates.check import check
from wonward.records.models import DuplicatePair

QUEUE = "/p/starter/duplicates/contacts"


def twins(portal: str, cast: Cast) -> list[int]:
    """Make two that are likely Søren: by email, and by phone."""
    with wiring.writing(portal, actor="user:1", source="web") as work:
        contact = work.catalog.object_type("contact")
        write.update(work, contact, [(cast.soren, {"phone": "12345678"})])
        made = write.create(
            work,
            contact,
            [
                {"firstname": "S.", "lastname": "Ågård", "email": "soren+x@nordisk.example"},
                {"firstname": "Åse", "lastname": "Holm", "phone": "+45 12 34 56 78"},
            ],
        )
        check(work, contact, [cast.soren, *made])
    return made


def test_nobody_is_bothered_where_there_are_none(pages: Client, cast: Cast) -> None:
    assert "No likely duplicates" in pages.get("/p/starter/duplicates").content.decode()
    assert "likely duplicate" not in pages.get("/p/starter/contacts").content.decode()


def test_the_most_likely_pair_comes_first(pages: Client, starter: str, cast: Cast) -> None:
    first, _ = twins(starter, cast)
    assert "2<span" in pages.get("/p/starter/contacts").content.decode()
    assert pages.get("/p/starter/duplicates").headers["Location"] == QUEUE
    page = pages.get(QUEUE).content.decode()
    assert "100 %" in page
    assert '<span class="label">Email</span>' in page
    assert f'name="with" value="{first}"' in page
    swapped = pages.get(f"{QUEUE}?keep={first}").content.decode()
    assert f'name="with" value="{cast.soren}"' in swapped


def test_merging_goes_on_to_the_next(pages: Client, starter: str, cast: Cast) -> None:
    first, second = twins(starter, cast)
    pair = DuplicatePair.objects.get(low_id=cast.soren, high_id=first)
    form = {"pair": pair.pk, "do": "merge", "keep": cast.soren, "with": first}
    page = pages.post(QUEUE, form, follow=True).content.decode()
    assert "Merged S. Ågård into Søren Ågård." in page
    assert f'name="with" value="{second}"' in page
    assert pages.get(f"/p/starter/contacts/{first}").status_code == 302


def test_a_pair_is_told_apart_or_passed_over(pages: Client, starter: str, cast: Cast) -> None:
    first, second = twins(starter, cast)
    pair = DuplicatePair.objects.get(high_id=first)
    page = pages.get(f"{QUEUE}?after={pair.pk}").content.decode()
    assert f'name="with" value="{second}"' in page
    page = pages.post(QUEUE, {"pair": pair.pk, "do": "dismiss"}, follow=True).content.decode()
    assert "Told apart" in page
    assert f'name="with" value="{second}"' in page
    last = DuplicatePair.objects.get(high_id=second)
    assert "That was the last one" in pages.get(f"{QUEUE}?after={last.pk}").content.decode()


def test_a_pair_of_which_one_is_gone_is_passed_over(pages: Client, starter: str, cast: Cast) -> None:
    first, second = twins(starter, cast)
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.archive(work, work.catalog.object_type("contact"), [first])
    page = pages.get(QUEUE, follow=True).content.decode()
    assert f'name="with" value="{second}"' in page
    assert pages.post(QUEUE, {"pair": "999"}).status_code == 404
    assert pages.get(f"{QUEUE}?after=x").status_code in (200, 302)
