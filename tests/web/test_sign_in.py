"""Signing in and out; nobody signs up."""

from django.test import Client

from wonward.accounts.models import Member, User


def test_the_right_password_leads_to_where_one_wanted_to_go(
    client: Client, ada: Member, password: str
) -> None:
    page = client.get("/sign-in?next=/p/starter/companies").content.decode()
    assert 'name="next" value="/p/starter/companies"' in page
    asked = {"login": "ADA@example.com", "password": password, "next": "/p/starter/companies"}
    response = client.post("/sign-in", asked)
    assert response["Location"] == "/p/starter/companies"
    assert client.get("/p/starter/companies").status_code == 200


def test_a_wrong_password_says_so_without_telling_whether_the_person_is_known(
    client: Client, ada: Member
) -> None:
    known = client.post("/sign-in", {"login": "ada@example.com", "password": "wrong"}).content.decode()
    unknown = client.post("/sign-in", {"login": "eve@example.com", "password": "wrong"}).content.decode()
    message = "The email address and/or password you specified are not correct."
    assert message in known
    assert message in unknown


def test_nobody_is_sent_to_another_site(client: Client, ada: Member, password: str) -> None:
    asked = {"login": "ada@example.com", "password": password, "next": "https://elsewhere.example/"}
    assert client.post("/sign-in", asked)["Location"] == "/"


def test_who_is_no_longer_active_stays_out(client: Client, ada: Member, password: str) -> None:
    User.objects.filter(id=ada.user_id).update(is_active=False)
    client.post("/sign-in", {"login": "ada@example.com", "password": password})
    assert client.get("/p/starter/deals").status_code == 302


def test_there_is_no_sign_up(client: Client, starter: str) -> None:
    assert client.get("/sign-up").status_code == 404
    assert "sign up" not in client.get("/sign-in").content.decode().lower()


def test_signing_out_takes_a_click_on_a_button(pages: Client) -> None:
    assert pages.get("/sign-out").status_code == 200
    assert pages.get("/p/starter/deals").status_code == 200
    assert pages.post("/sign-out")["Location"] == "/sign-in"
    assert pages.get("/p/starter/deals").status_code == 302
