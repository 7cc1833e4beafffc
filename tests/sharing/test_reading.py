"""Somebody outside reads a document: who has the link, or only who proves who they are; each view counts once."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from tests.attachments.samples import PDF, PNG

from wonward import clock
from wonward.notifications.models import Notification
from wonward.sharing import library, links, views
from wonward.sharing.models import Link, Reader, View

from .conftest import Office

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def visit_of(response: Any) -> str:
    found = re.search(r'name="visit" value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


def test_a_view_counts_once_and_stands_on_both_timelines(office: Office, client: Client) -> None:
    link, address = office.share("soren@maleri.example", about=office.about("deal", office.deal))
    page = client.get(address)
    assert (page.status_code, "Oplæg til facaden" in text(page)) == (200, True)
    assert "Oplæg.pdf" in text(page)
    assert not View.objects.exists(), "what only fetches the page counts for nothing"
    begun = clock.now()
    for after in (0, 15, 30, 700):
        with clock.fixed(begun + timedelta(seconds=after)):
            assert client.post(f"{address}/view", {"visit": visit_of(page)}).status_code == 204
    view = View.objects.get()
    assert (view.link, view.contact_id, view.version, view.network) == (link, office.soren, 1, "")
    assert view.seconds == 15 + 15 + 30, "a page that was left open isn't read"
    for name, number in (("contact", office.soren), ("deal", office.deal)):
        assert [each.kind for each in office.told(name, number)] == ["viewed", "shared"]
    assert "Søren Ågård" in text(office.pages().get(f"/p/starter/deals/{office.deal}"))
    [told] = Notification.objects.all()
    assert (told.member, told.kind, told.text) == (
        office.ada,
        "document",
        "Søren Ågård reads “Oplæg til facaden”",
    )
    again = visit_of(client.get(address))
    client.post(f"{address}/view", {"visit": again})
    assert (View.objects.count(), Notification.objects.count()) == (2, 1), "the first view alone is told"


def test_a_download_counts_without_scripts(office: Office, client: Client) -> None:
    _, address = office.share("soren@maleri.example")
    saved = client.post(f"{address}/file", {"visit": visit_of(client.get(address))})
    assert saved["Content-Disposition"].startswith("attachment")
    assert b"".join(saved) == PDF + b"1"
    view = View.objects.get()
    assert view.downloaded_at
    assert b"".join(client.post(f"{address}/file", {"visit": "of long ago"}))
    assert [each.diff["saved"] for each in office.told("contact", office.soren)[:-1]] == [True]
    assert View.objects.count() == 1, "a key that isn't good counts nothing"
    assert client.post(f"{address}/view", {"visit": "1"}).status_code == 410


def test_a_pdf_is_shown_in_the_page_and_what_could_run_is_not(office: Office, client: Client) -> None:
    _, address = office.share()
    page = client.get(address)
    assert f'src="{address}/file"' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert page["X-Robots-Tag"].startswith("noindex")
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("same-origin", True)
    shown = client.get(f"{address}/file")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert shown["Content-Disposition"].startswith("inline")
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert b"".join(shown) == PDF + b"1"
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert not View.objects.exists()
    for name, content, inline in (
        ("a.png", PNG, True),
        ("a.xml", b"<a/>", False),
        ("a.eml", b"<html>", False),
    ):
        library.replace(office.writing, office.document, None, name, ContentFile(content))
        answer = client.get(f"{address}/file")
        assert answer.status_code == (200 if inline else 302), name
        assert inline == ("sandbox" in answer.get("Content-Security-Policy", "") and bool(b"".join(answer)))
    saved = client.post(f"{address}/file")
    assert b"".join(saved) == b"<html>"
    assert saved["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved["Content-Security-Policy"]


def test_a_replaced_file_keeps_its_links(office: Office, client: Client) -> None:
    _, address = office.share()
    library.replace(office.writing, office.document, None, "Oplæg 2.pdf", ContentFile(PDF + b"2"))
    page = client.get(address)
    assert "Oplæg 2.pdf" in text(page)
    assert "version 2" in text(page)
    client.post(f"{address}/view", {"visit": visit_of(page)})
    assert View.objects.get().version == 2


def test_who_is_named_reads_after_a_mailed_code_and_nobody_else_does(office: Office, client: Client) -> None:
    link, address = office.share("Soren@maleri.example", "aase@havn.example", private=True)
    asked = client.get(address)
    assert "Who are you?" in text(asked)
    assert "Oplæg" not in asked.content.decode(), "not even its title is told"
    stranger = text(client.post(address, {"do": "email", "email": "fremmed@havn.example"}))
    assert office.codes() == {}
    known = text(client.post(address, {"do": "email", "email": "soren@maleri.example"}))
    assert stranger.replace("fremmed@havn.example", "x") == known.replace("soren@maleri.example", "x")
    code = re.findall(r"\b\d{8}\b", office.codes()["soren@maleri.example"])[0]
    assert Reader.objects.filter(code=code).count() == 0, "it isn't kept as it is"
    assert client.get(f"{address}/file").status_code == 302
    wrong = client.post(address, {"do": "code", "email": "aase@havn.example", "code": code})
    assert (wrong.status_code, "isn't the code" in text(wrong)) == (422, True)
    right = client.post(
        address, {"do": "code", "email": "soren@maleri.example", "code": f"{code[:4]} {code[4:]}"}
    )
    assert right.status_code == 302
    cookie = right.cookies[f"document-{link.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", address)
    page = client.get(address)
    assert "Oplæg til facaden" in text(page)
    client.post(f"{address}/view", {"visit": visit_of(page)})
    view = View.objects.get()
    assert view.reader
    assert (view.reader.email, view.contact_id, view.network) == ("soren@maleri.example", office.soren, "")
    again = Client().post(address, {"do": "code", "email": "soren@maleri.example", "code": code})
    assert again.status_code == 422, "a code works once"
    other, elsewhere = office.share("aase@havn.example", private=True)
    client.cookies[f"document-{other.pk}"] = cookie.value
    assert "Who are you?" in text(client.get(elsewhere)), "what was proven is of one link"


def test_a_code_is_good_for_a_few_tries_and_a_while(office: Office, client: Client) -> None:
    _, address = office.share("soren@maleri.example", private=True)

    def given(code: str) -> int:
        form = {"do": "code", "email": "soren@maleri.example", "code": code}
        return client.post(address, form).status_code

    def fresh() -> str:
        client.post(address, {"do": "email", "email": "soren@maleri.example"})
        return re.findall(r"\b\d{8}\b", office.codes()["soren@maleri.example"])[0]

    code = fresh()
    assert [given("00000000") for _ in range(5)] == [422] * 5
    assert given(code) == 422, "five tries were enough"
    code = fresh()
    with clock.fixed(clock.now() + timedelta(minutes=16)):
        assert given(code) == 422
    assert given(code) == 302
    for _ in range(3):
        client.post(address, {"do": "email", "email": "soren@maleri.example"})
    assert client.post(address, {"do": "email", "email": "soren@maleri.example"}).status_code == 429


def test_a_password_opens_a_link_that_has_one(office: Office, client: Client) -> None:
    link, address = office.share(password="blå maling")
    assert "blå" not in Link.objects.get(pk=link.pk).password
    assert "opened by a password" in text(client.get(address))
    assert client.get(f"{address}/file").status_code == 302
    assert client.post(f"{address}/view", {"visit": views.fresh_visit(link)}).status_code == 410
    assert client.post(address, {"do": "password", "password": "grøn maling"}).status_code == 422
    assert client.post(address, {"do": "password", "password": "blå maling"}).status_code == 302
    assert "Oplæg til facaden" in text(client.get(address))


def test_a_link_ends_at_once_when_it_is_revoked_and_when_its_day_is_over(
    office: Office, client: Client
) -> None:
    today = office.reading().today
    link, address = office.share(until=today)
    page = client.get(address)
    assert page.status_code == 200
    with clock.fixed(clock.now() + timedelta(days=1)):
        assert client.get(address).status_code == 410
    with office.writing() as work:
        links.revoke(work, office.document, link.pk)
    gone = client.get(address)
    assert (gone.status_code, "Ask Ada Holm for a new one" in text(gone)) == (410, True)
    assert client.get(f"{address}/file").status_code == 302
    assert client.post(f"{address}/file", {"visit": visit_of(page)}).status_code == 302
    assert client.post(f"{address}/view", {"visit": visit_of(page)}).status_code == 410
    assert not View.objects.exists()
    assert client.get("/d/unknown").status_code == 404
    assert client.get(f"/d/{address[3:-1]}/view").status_code == 405


def test_of_strangers_only_the_beginning_of_their_address_is_kept_for_a_while(
    office: Office, client: Client
) -> None:
    _, address = office.share()
    visit = visit_of(client.get(address))
    client.post(f"{address}/view", {"visit": visit}, REMOTE_ADDR="80.62.117.34")
    assert View.objects.get().network == "80.62.117.0"
    assert views.network("2a00:7660:12:34::1") == "2a00:7660:12::"
    assert Notification.objects.get().text == "Somebody reads “Oplæg til facaden”"
    assert views.forget_networks(clock.now() + timedelta(days=89)) == 0
    assert views.forget_networks(clock.now() + timedelta(days=91)) == 1
    assert View.objects.get().network == ""


def test_the_members_own_looks_do_not_count(office: Office) -> None:
    _, address = office.share()
    pages = office.pages()
    page = pages.get(address)
    assert "isn't counted" in text(page)
    assert "data-visit" not in page.content.decode()
    assert b"".join(pages.post(f"{address}/file"))
    assert not View.objects.exists()


def test_who_asks_without_end_is_stopped_and_forms_without_their_token_are_refused(
    office: Office, settings: Any
) -> None:
    _, address = office.share()
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(address)
    assert strict.post(f"{address}/view", {"visit": visit_of(page)}).status_code == 403
    assert not View.objects.exists()
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "document_look": "3/m/ip"}
    assert [strict.get(address).status_code for _ in range(4)][-1] == 429


def test_odd_input_is_answered_without_a_fault(office: Office, client: Client) -> None:
    nul, long = "\0", "x" * 70_000
    _, general = office.share()
    _, named = office.share("soren@maleri.example", private=True)
    _, locked = office.share(password="blå maling")
    for odd in (nul, long, "😀", "søren@ågård.example\r\nBcc: x@y.example"):
        cache.clear()  # it isn't about who asks without end
        for form in (
            {"do": odd},
            {"do": "email", "email": odd},
            {"do": "code", "email": odd, "code": odd},
            {"do": "password", "password": odd},
        ):
            for address in (general, named, locked):
                answer = client.post(address, form)
                assert answer.status_code in (200, 302, 422, 429), (address, form)
        assert client.post(f"{general}/view", {"visit": odd}).status_code == 410
        saved = client.post(f"{general}/file", {"visit": odd})
        assert (saved.status_code, b"".join(saved)) == (200, PDF + b"1")
        client.cookies[f"document-{Link.objects.order_by('pk')[1].pk}"] = "odd"
        assert client.get(named).status_code == 200
    assert office.codes() == {}
    for token in ("%00", "%F0%9F%98%80", "x" * 3000):
        assert client.get(f"/d/{token}").status_code == 404
    assert not View.objects.exists()
