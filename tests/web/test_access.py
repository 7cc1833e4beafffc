"""Who may see a portal's pages: its members, and nobody learns that it exists otherwise."""

import pytest
from django.test import Client

from wonward.accounts import users
from wonward.accounts.models import Member, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def stranger(starter: str) -> Client:
    """Someone who can sign in but belongs to no portal."""
    client = Client()
    client.force_login(
        users.create("bo@example.com", "Bo Dahl", "correct horse battery", []), backend=BACKEND
    )
    return client


def test_who_has_not_signed_in_is_sent_to_sign_in_and_back(client: Client, starter: str) -> None:
    response = client.get("/p/starter/deals?where=amount > 5")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in?next=/p/starter/deals%3Fwhere%3Damount%2520%253E%25205"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client, starter: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://wonward.example/p/starter/deals/5"}
    response = client.get("/p/starter/deals/5/timeline", headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/sign-in?next=/p/starter/deals/5"


def test_a_portal_one_is_no_member_of_does_not_exist(stranger: Client) -> None:
    assert stranger.get("/p/starter/deals").status_code == 404
    assert stranger.get("/p/nowhere/deals").status_code == 404
    assert stranger.post("/p/starter/deals/1001/archive").status_code == 404
    assert "You belong to no portal yet" in stranger.get("/").content.decode()


def test_a_member_who_was_archived_is_one_no_more(pages: Client, ada: Member) -> None:
    assert pages.get("/p/starter/contacts").status_code == 200
    Member.objects.filter(pk=ada.pk).update(archived=True)
    assert pages.get("/p/starter/contacts").status_code == 404


def test_only_declared_methods_are_answered(pages: Client) -> None:
    assert pages.post("/p/starter/deals").status_code == 405
    assert pages.get("/p/starter/deals/1/archive").status_code == 405
    assert pages.head("/p/starter/deals").status_code == 200


def test_writing_needs_the_token_of_the_page(ada: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(id=ada.user_id), backend=BACKEND)
    response = strict.post("/p/starter/deals/1001/archive")
    assert response.status_code == 403
    assert "The page was too old" in response.content.decode()


def test_pages_are_not_kept_by_caches_and_carry_the_policy(pages: Client) -> None:
    response = pages.get("/p/starter/deals")
    assert response["Cache-Control"] == "private, no-cache"
    assert "HX-Request" in response["Vary"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    html = response.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "onclick" not in html
    assert "<script>" not in html
