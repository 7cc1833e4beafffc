"""The way in: the portal one was in last, and the switcher between portals."""

from django.test import Client

from wonward import clock
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal


def test_signing_in_leads_to_the_board(pages: Client) -> None:
    assert pages.get("/")["Location"] == "/p/starter"
    assert pages.get("/p/starter")["Location"] == "/p/starter/deals/board"
    assert pages.get("/p/starter/deals/board")["Location"] == "/p/starter/deals/board/default"


def test_the_switcher_lists_the_portals_one_belongs_to(pages: Client, ada: Member) -> None:
    now = clock.now()
    for name, label in (("agency", "Aalborg Agency"), ("secret", "Not Ada's")):
        Portal.objects.create(name=name, label=label, schema=f"portal_{name}", created_at=now)
    agency = Portal.objects.get(name="agency")
    Member.objects.create(
        portal=agency, user_id=ada.user_id, first_name="Ada", role=SUPER_ADMIN, created_at=now, updated_at=now
    )
    page = pages.get("/p/starter/contacts").content.decode()
    assert '<a href="/p/agency">Aalborg Agency</a>' in page
    assert "Not Ada" not in page
    assert pages.get("/")["Location"] == "/p/agency"
    pages.get("/p/starter")
    assert pages.get("/")["Location"] == "/p/starter", "the last one is remembered"


def test_a_portal_without_object_types_says_what_to_do(pages: Client, ada: Member) -> None:
    now = clock.now()
    bare = Portal.objects.create(name="bare", label="Bare", schema="portal_bare", created_at=now)
    Member.objects.create(
        portal=bare, user_id=ada.user_id, first_name="Ada", role=SUPER_ADMIN, created_at=now, updated_at=now
    )
    page = pages.get("/p/bare").content.decode()
    assert "wonward apply FOLDER --portal bare" in page
