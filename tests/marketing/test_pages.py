"""What people outside see of a form, and what they can't do with it; what the portal's people see of what was sent."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from wonward.accounts import users
from wonward.accounts.models import Portal, User
from wonward.marketing.models import Submission

from .conftest import FORM, START, Office

PAGE = "/f/starter/kontakt"
SOREN = {
    "f-email": "soren@nordisk.example",
    "f-firstname": "Søren",
    "f-lastname": "Ågård",
    "c-vilkaar": "1",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def note(client: Client, query: str = "", **headers: str) -> str:
    page = client.get(PAGE + query, headers=headers).content.decode()
    found = re.search(r'name="note" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: Client, **more: Any) -> Any:
    given = {**SOREN, **more}
    given.setdefault("note", note(client))
    return client.post(PAGE, {name: value for name, value in given.items() if value is not None})


def test_a_form_is_asked_answered_and_thanked_for(office: Office, client: Client) -> None:
    page = client.get(f"{PAGE}?utm_campaign=for%C3%A5r&utm_source=brev", headers={"Accept-Language": "da"})
    shown = text(page)
    assert [word in shown for word in ("Kontakt os", "Skriv til os", "E-mail", "Så vi kan ringe")] == [
        True
    ] * 4
    assert "Livscyklus" not in shown
    assert "lead" not in page.content.decode(), "what is hidden is not even in the page"
    assert '<html lang="da">' in page.content.decode()
    assert page["Content-Language"] == "da"
    assert not client.cookies, "nothing is left with a visitor"
    found = re.search(r'name="note" value="([^"]+)"', page.content.decode())
    assert found
    sent = client.post(PAGE, {**SOREN, "f-emner": ["tag", "facade"], "c-nyhedsbrev": "1", "note": found[1]})
    assert (sent.status_code, sent["Location"]) == (302, f"{PAGE}/thanks?language=da")
    assert "Tak, vi ringer snart." in text(client.get(sent["Location"]))
    made = Submission.objects.get()
    assert made.utm == {"utm_source": "brev", "utm_campaign": "forår"}
    assert made.page.endswith("/f/starter/kontakt?utm_campaign=for%C3%A5r&utm_source=brev")
    assert office.values("contact", "email", "emner", "kampagne", "nyhedsbrev", "lifecyclestage") == [
        ("soren@nordisk.example", "tag;facade", "forår", "true", "lead")
    ]


def test_wrong_answers_are_told_at_their_field_and_the_rest_stays(office: Office, client: Client) -> None:
    refused = send(client, **{"f-email": "soren at", "f-phone": "ring", "c-vilkaar": None, "f-emner": "tag"})
    page = refused.content.decode()
    assert refused.status_code == 422
    for name, said in (
        ("email", "Please give an email address"),
        ("phone", "Please give a telephone number"),
        ("vilkaar", "We need your consent"),
    ):
        assert re.search(rf'id="wrong-{name}">{said}', page), name
    assert 'value="Ågård"' in page
    assert re.search(r'value="tag" checked', page)
    assert not re.search(r'value="facade" checked', page)
    assert refused.content.decode().count('aria-invalid="true"') == 3
    assert not Submission.objects.exists()
    danish = client.post(PAGE, {"note": note(client, "?language=da"), "f-email": ""})
    assert "Svar venligst på dette" in text(danish)


def test_a_stranger_learns_nothing_of_who_is_known(office: Office, client: Client) -> None:
    office.create("contact", email="kendt@nordisk.example", firstname="Kendt", phone="+45 11 11 11 11")
    answers = []
    for email in ("kendt@nordisk.example", "ukendt@nordisk.example"):
        sent = send(client, **{"f-email": email})
        after = client.get(sent["Location"])
        answers.append((sent.status_code, sent["Location"], after.content, sorted(sent.headers)))
    assert answers[0] == answers[1]
    assert "11 11 11 11" not in client.get(f"{PAGE}?email=kendt@nordisk.example").content.decode()


def test_a_page_sent_twice_counts_once(office: Office, client: Client) -> None:
    same = note(client)
    assert [send(client, note=same).status_code for _ in range(2)] == [302, 302]
    assert Submission.objects.count() == 1


def test_only_what_the_form_asks_is_taken(office: Office, client: Client) -> None:
    more = {
        "f-lifecyclestage": "customer",
        "f-kampagne": "x",
        "f-jobtitle": "Chef",
        "lifecyclestage": "other",
    }
    send(client, **more)
    assert office.values("contact", "lifecyclestage", "kampagne", "jobtitle") == [("lead", None, None)]


def test_nothing_is_taken_without_the_page(office: Office, client: Client) -> None:
    office.form("anden")
    other = re.search(r'name="note" value="([^"]+)"', client.get("/f/starter/anden").content.decode())
    assert other
    for wrong in ("", "x", note(client)[:-3] + "abc", other[1]):
        refused = send(client, note=wrong)
        assert refused.status_code == 422
        assert "had been open for long" in text(refused)
        assert 'value="Ågård"' in refused.content.decode()
    old = note(client)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wonward.web.form_page.OPEN_FOR", -1)
        assert send(client, note=old).status_code == 422
    assert not Submission.objects.exists()


def test_other_sites_can_send_nothing_in_ones_name(office: Office) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert send(strict, note="").status_code == 422
    assert send(strict).status_code == 302, "no cookie is needed"
    assert not strict.cookies


def test_programs_are_caught_and_not_told(office: Office, client: Client) -> None:
    caught = send(client, **{"t-homepage": "https://spam.example"})
    assert (caught.status_code, caught["Location"]) == (302, f"{PAGE}/thanks?language=en")
    assert not Submission.objects.exists()


def test_hostile_answers_stay_text(office: Office, client: Client) -> None:
    hostile = "<script>alert(1)</script>\r\n\x00'; drop table contact; --"
    refused = send(client, **{"f-lastname": hostile, "f-email": "nej"})
    assert "<script>alert" not in refused.content.decode()
    assert send(client, **{"f-lastname": hostile}).status_code == 302
    [(stored,)] = office.values("contact", "lastname")
    assert stored.startswith("<script>alert(1)</script>")
    for odd in (
        {"f-emner": ["tag"] * 50},
        {"f-email": ["a@b.example", "c@d.example"]},
        {"f-phone": "9" * 5000},
    ):
        assert send(client, **odd).status_code in (302, 422)


def test_too_much_is_refused_and_too_often_stopped(office: Office, client: Client) -> None:
    big = send(client, **{"f-lastname": "Å" * 150_000})
    assert (big.status_code, "shorten your answers" in text(big)) == (413, True)
    answers = [send(client, note="x").status_code for _ in range(30)]
    assert answers[-1] == 429
    assert answers[0] == 422


@pytest.mark.parametrize("path", ["/f/starter/nej", "/f/nej/kontakt", "/f/starter/nej/thanks", f"{PAGE}/x"])
def test_what_isnt_there_is_404(office: Office, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_odd_questions_are_answered_without_a_fault(office: Office, client: Client) -> None:
    for query in ("?language=xx", "?utm_source=%00", "?language=da&language=en", "?" + "utm_term=å" * 90):
        assert client.get(PAGE + query).status_code == 200
    assert client.delete(PAGE).status_code == 405
    assert client.post(f"{PAGE}/thanks").status_code == 405


def test_odd_parameters_are_kept_as_text(office: Office, client: Client) -> None:
    odd = note(client, "?utm_source=%00%27%3Cb%3E&utm_campaign=%00x", Referer="javascript:alert(1)//\x7f")
    assert send(client, note=odd).status_code == 302
    made = Submission.objects.get()
    assert made.utm == {"utm_source": "'<b>", "utm_campaign": "x"}
    assert office.values("contact", "kampagne", "hs_latest_source_data_1") == [("x", "'<b>")]


def test_an_address_is_the_same_in_capitals(office: Office, client: Client) -> None:
    for email in ("Soren@Nordisk.Example", "soren@nordisk.example", " SOREN@NORDISK.EXAMPLE "):
        assert send(client, **{"f-email": email}).status_code == 302
    assert office.values("contact", "email", "num_conversion_events") == [("soren@nordisk.example", "3")]


def test_thanks_may_lead_on(office: Office, client: Client) -> None:
    office.form(go_to="https://os.example/guide.pdf?a=1&b=2")
    page = client.get(f"{PAGE}/thanks").content.decode()
    assert 'http-equiv="refresh" content="0; url=https://os.example/guide.pdf?a=1&amp;b=2"' in page


@pytest.fixture
def soren(office: Office) -> Client:
    """A browser in which somebody of the portal has signed in."""
    users.create("ada@example.com", "Ada Holm", "correct horse battery", [Portal.objects.get(name="starter")])
    client = Client()
    user = User.objects.get(email="ada@example.com")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_portals_people_read_what_was_sent(office: Office, soren: Client, client: Client) -> None:
    office.form("guide", **{**FORM, "label": "Hent guide"})
    send(client, **{"f-emner": ["tag"]})
    office.at(START + timedelta(days=1))
    office.send("guide", texts={"email": "aase@nordisk.example", "firstname": "Åse"})
    page = text(soren.get("/p/starter/submissions"))
    for said in (
        "Kontakt os",
        "Hent guide",
        "Søren Ågård",
        "Emner: Tag",
        "Yes: I må gemme",
        "Direct traffic",
    ):
        assert said in page
    only = text(soren.get("/p/starter/submissions", {"form": "guide"}))
    assert "Åse" in only
    assert "Søren Ågård" not in only
    assert soren.get("/p/starter/submissions", {"before": "x", "form": "nej"}).status_code == 200
