"""Members share documents: what a link is made of, who sees it, and what becomes of it when records go."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.attachments.samples import PDF, PROGRAM
from tests.house.world import BACKEND

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal, User
from wonward.attachments import attach
from wonward.attachments.models import Attachment, LooseFile
from wonward.blueprints import apply
from wonward.errors import Forbidden, Invalid
from wonward.notifications.models import Notification
from wonward.records import associate, write
from wonward.records.associate import Link as Association
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.schema.seen import rights_of
from wonward.sharing import library, links, shown, views
from wonward.sharing.links import Wanted
from wonward.sharing.models import Document, Link, Reader, Version, View

from .conftest import PASSWORD, Office

LIBRARY = "/p/starter/documents"


def look(link: Link, reader: Reader | None = None, *, visit: str = "", saved: bool = False) -> View | None:
    with wiring.writing("starter", actor=f"document:{link.pk}", source="worker") as work:
        given = visit or views.fresh_visit(link)
        return views.count(work, link, given, reader, "80.62.117.34", saved=saved)


@pytest.mark.django_db
def test_what_a_link_is_asked_wrongly_is_told_at_its_field(office: Office, settings: Any) -> None:
    yesterday = office.reading().today - timedelta(days=1)
    for said, wanted in (
        (("emails", "is no email address"), {"emails": ("søren hos måleri",)}),
        (("emails", "make one link for each"), {"emails": ("a@havn.example", "soren@maleri.example")}),
        (("emails", "No contact has the address lone@havn.example"), {"emails": ("lone@havn.example",)}),
        (("emails", "Name at least one"), {"private": True}),
        (("password", "at least 8"), {"password": "kort"}),
        (("until", "a day to come"), {"until": yesterday}),
    ):
        more: dict[str, Any] = {"private": False, **wanted}
        with office.writing() as work, pytest.raises(Invalid) as refused:
            links.make(work, office.document, office.ada, Wanted(**more))
        [problem] = refused.value.problems
        assert (problem.property, said[1] in problem.message) == (said[0], True), problem
    settings.SMTP = None
    with pytest.raises(Invalid, match="WONWARD_SMTP"):
        office.share("soren@maleri.example", private=True)
    assert not Link.objects.exists()


@pytest.mark.django_db
def test_only_a_digest_of_a_links_secret_is_kept(office: Office) -> None:
    link, address = office.share()
    secret = address.rpartition("/")[2]
    assert len(secret) == 43
    assert secret.encode() not in bytes(link.digest)
    assert links.opened(secret) == link


@pytest.mark.django_db
def test_the_first_view_is_told_once_though_two_come_at_the_same_moment(office: Office) -> None:
    link, _ = office.share("soren@maleri.example")
    visit = views.fresh_visit(link)
    assert look(link, visit=visit) == look(link, visit=visit)
    look(link)
    assert (View.objects.count(), Notification.objects.count()) == (2, 1)
    other, _ = office.share("soren@maleri.example")
    assert look(other, visit=visit) is None, "a key is of one link"


@pytest.mark.django_db(transaction=True)
def test_a_view_counts_once_when_its_page_tells_of_it_many_times_at_once(
    office: Office, in_threads: Any
) -> None:
    link, _ = office.share("soren@maleri.example")
    visit = views.fresh_visit(link)
    seen = in_threads(lambda saved: look(link, visit=visit, saved=saved), [False, True, True, False])
    assert len({each.pk for each in seen}) == 1
    assert View.objects.get().downloaded_at
    told = [each.diff.get("saved") for each in office.told("contact", office.soren)]
    assert told.count(True) == 1
    assert len(told) in (2, 3), "read and downloaded, or downloaded at once; and shared"
    assert Notification.objects.count() == 1


@pytest.mark.django_db
def test_nothing_of_a_view_stays_when_counting_it_breaks_off(office: Office) -> None:
    link, _ = office.share("soren@maleri.example")
    visit = views.fresh_visit(link)
    with (
        pytest.raises(RuntimeError),
        wiring.writing("starter", actor="document:1", source="worker") as work,
    ):
        assert views.count(work, link, visit, None, "80.62.117.34")
        raise RuntimeError
    assert (View.objects.count(), Notification.objects.count()) == (0, 0)
    assert [each.kind for each in office.told("contact", office.soren)] == ["shared"]
    look(link, visit=visit)
    assert (View.objects.count(), Notification.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_document_goes_with_its_file_and_a_records_file_stays(office: Office) -> None:
    office.share()
    library.replace(office.writing, office.document, None, "To.pdf", ContentFile(PDF + b"2"))
    about = office.about("deal", office.deal)
    kept = attach.attach(office.writing, office.ada.portal_id, about, "Aftale.pdf", ContentFile(PDF))
    with office.writing() as work:
        made = library.of_file(work, *about, kept.pk)
        assert library.of_file(work, *about, kept.pk) == made, "a file has one document"
        library.remove(work, made)
        library.remove(work, office.document)
    assert (Document.objects.count(), Version.objects.count(), Link.objects.count()) == (0, 0, 0)
    assert [each.name for each in Attachment.objects.all()] == ["Aftale.pdf"]
    assert LooseFile.objects.count() == 2, (
        "the library's files are deleted once the transaction has committed"
    )


@pytest.mark.django_db
def test_a_records_document_is_replaced_on_the_record(office: Office) -> None:
    kind, deal = office.about("deal", office.deal)
    kept = attach.attach(office.writing, office.ada.portal_id, (kind, deal), "Aftale.pdf", ContentFile(PDF))
    with office.writing() as work:
        made = library.of_file(work, kind, deal, kept.pk)
    library.replace(office.writing, made, kind, "Aftale 2.pdf", ContentFile(PDF + b"2"))
    assert [each.file.name for each in library.versions(made)] == ["Aftale 2.pdf", "Aftale.pdf"]
    assert [each.name for each in attach.of_record(office.reading(), deal)] == ["Aftale 2.pdf", "Aftale.pdf"]
    with office.writing() as work:
        attach.remove(work, kind, deal, library.versions(made)[0].file_id)
    assert library.newest([made])[made.pk].file.name == "Aftale.pdf", "a removed file is given out no more"


@pytest.mark.django_db
def test_erasing_somebody_takes_their_links_and_views_along(office: Office) -> None:
    office.share("soren@maleri.example")
    many, _ = office.share("soren@maleri.example", "aase@havn.example", private=True)
    look(many, many.readers.get(email="soren@maleri.example"))
    look(many, many.readers.get(email="aase@havn.example"))
    unknown = Reader.objects.filter(email="soren@maleri.example")
    unknown.update(contact_id=None)  # as before there was such a contact
    with office.writing() as work:
        wiring.erase(work, work.catalog.object_type("contact"), [office.soren])
    assert [each.email for each in Reader.objects.all()] == ["aase@havn.example"]
    assert [each.reader.email for each in View.objects.all() if each.reader] == ["aase@havn.example"]
    assert [each.pk for each in Link.objects.all()] == [many.pk]
    with office.writing() as work:
        wiring.erase(work, work.catalog.object_type("deal"), [office.deal])
    assert Document.objects.count() == 1, "the library is about nobody"


@pytest.mark.django_db
def test_a_merged_contacts_links_are_the_survivors_and_go_back(office: Office) -> None:
    with office.writing() as work:
        kind = work.catalog.object_type("contact")
        [twin] = write.create(work, kind, [{"firstname": "Søren", "email": "s@maleri.example"}])
    link, _ = office.share("s@maleri.example")
    look(link)
    with office.writing() as work:
        [done] = merge(work, kind, office.soren, [twin])
    assert (Link.objects.get().contact_id, View.objects.get().contact_id) == (office.soren, office.soren)
    with office.writing() as work:
        unmerge(work, done.merge_id)
    assert (Link.objects.get().contact_id, View.objects.get().contact_id) == (twin, twin)


# -- Who sees what ---------------------------------------------------------------------------------


OWN = {"view": "own", "edit": "own", "delete": "own", "create": True}


def member(name: str, role: str) -> tuple[Member, Client]:
    email = f"{name.lower()}@nordisk.example"
    users.create(email, name, PASSWORD, [Portal.objects.get(name="starter")], role)
    client = Client()
    client.force_login(User.objects.get(email=email), backend=BACKEND)
    return Member.objects.select_related("portal", "user").get(email=email), client


@pytest.mark.django_db
def test_who_sees_a_record_sees_its_links_and_nobody_else(office: Office) -> None:
    roles = {
        ("role", "seller"): {"label": "Sælger", "default": OWN, "may": ["share"]},
        ("role", "reader"): {"label": "Læser", "default": {"view": "everyone"}},
    }
    apply.define("starter", roles, actor="user:1")
    bo, his = member("Bo", "seller")
    _, hers = member("Carla", "reader")
    general, _ = office.share()
    secret, _ = office.share("soren@maleri.example", about=office.about("deal", office.deal))
    named, _ = office.share("lone@havn.example", private=True)
    look(secret)

    def seen(who: Member) -> set[int]:
        work = wiring.reading("starter", actor=f"user:{who.user_id}", source="web", rights=rights_of(who, []))
        return {each.link.pk for each in shown.of_document(work, office.document)}

    assert seen(bo) == {general.pk}
    page = f"{LIBRARY}/{office.document.pk}"
    his_page = his.get(page).content.decode()
    assert not re.search(r"Ågård|soren@|lone@|Facade", his_page)
    assert his.post(f"{page}/links/{secret.pk}/revoke").status_code == 404
    her_page = hers.get(page).content.decode()
    assert "Søren Ågård" in her_page
    assert "lone@havn.example" not in her_page, "whom a link names is for its maker to know"
    assert "New link" not in her_page
    for address in (f"{page}/links", f"{page}/remove", f"{page}/links/{general.pk}/revoke", LIBRARY):
        assert hers.post(address, {"who": "public"}).status_code == 403, address
    with pytest.raises(Forbidden):
        attach.keep(
            lambda: wiring.writing("starter", actor="user:2", source="web", rights=rights_of(bo, [])),
            office.ada.portal_id,
            "a.pdf",
            ContentFile(PDF),
            lambda work, kept: work.require("merge"),
        )
    assert LooseFile.objects.count() == 0, "what is refused isn't kept"
    kept = attach.attach(
        office.writing,
        office.ada.portal_id,
        office.about("deal", office.deal),
        "Aftale.pdf",
        ContentFile(PDF),
    )
    assert his.post(f"/p/starter/deals/{office.deal}/files/{kept.pk}/share").status_code == 404
    with office.writing() as work:
        made = library.of_file(work, *office.about("deal", office.deal), kept.pk)
    assert his.get(f"{LIBRARY}/{made.pk}").status_code == 404
    assert named.pk in seen(office.ada)


# -- The pages -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_member_adds_shares_sees_and_revokes(office: Office) -> None:
    pages = office.pages()
    refused = pages.post(LIBRARY, {"file": SimpleUploadedFile("spil.exe", PROGRAM)})
    assert (refused.status_code, "can&#39;t be attached" in refused.content.decode()) == (422, True)
    added = pages.post(LIBRARY, {"file": SimpleUploadedFile("Prisliste.pdf", PDF + b"3"), "title": ""})
    page = added["Location"]
    assert "Prisliste" in pages.get(LIBRARY).content.decode()
    told = pages.post(
        f"{page}/links", {"who": "public", "emails": "soren@maleri.example", "about": f"deals/{office.deal}"}
    ).content.decode()
    [address] = re.findall(r'value="http://[^"]*(/d/[^"]+)"', told)
    assert address.rpartition("/")[2] not in pages.get(page).content.decode(), "it is shown once"
    outside = Client()
    visit = re.search(r'name="visit" value="([^"]+)"', outside.get(address).content.decode())
    assert visit
    outside.post(f"{address}/view", {"visit": visit[1]})
    seen = pages.get(page).content.decode()
    assert re.search(r"Søren Ågård</a>", seen)
    assert "1 view," in seen
    for record in (f"/p/starter/deals/{office.deal}", f"/p/starter/contacts/{office.soren}"):
        shown_there = pages.get(record).content.decode()
        assert "Shared documents" in shown_there
        assert "Prisliste" in shown_there
    link = Link.objects.get()
    assert pages.post(f"{page}/links/{link.pk}/revoke").status_code == 302
    assert outside.get(address).status_code == 410
    wrong = pages.post(f"{page}/links", {"who": "private", "emails": "x", "until": "i morgen"})
    assert wrong.status_code == 422
    replaced = pages.post(f"{page}/replace", {"file": SimpleUploadedFile("Prisliste 2.pdf", PDF + b"4")})
    assert replaced.status_code == 302
    file = pages.get(f"{page}/file")
    assert b"".join(file) == PDF + b"4"
    assert b"".join(pages.get(f"{page}/file", {"version": "1"})) == PDF + b"3"
    assert pages.get(f"{page}/file", {"version": "7"}).status_code == 404
    assert pages.post(f"{page}/remove").status_code == 302
    assert pages.get(page).status_code == 404


@pytest.mark.django_db
def test_a_link_from_a_contacts_page_is_for_them(office: Office) -> None:
    pages = office.pages()
    asked = pages.get(f"{LIBRARY}/{office.document.pk}", {"for": f"contacts/{office.soren}"})
    assert "soren@maleri.example</textarea>" in asked.content.decode()
    pages.post(
        f"{LIBRARY}/{office.document.pk}/links",
        {"who": "public", "emails": "soren@maleri.example", "about": f"contacts/{office.soren}"},
    )
    link = Link.objects.get()
    assert (link.contact_id, link.record_id) == (office.soren, None)
    for odd in ("contacts/x", "nothing/1", f"contacts/{'9' * 30}", "/"):
        assert pages.get(f"{LIBRARY}/{office.document.pk}", {"for": odd}).status_code in (200, 404), odd


@pytest.mark.django_db
def test_the_view_of_a_deals_link_is_not_told_on_other_deals(office: Office) -> None:
    with office.writing() as work:
        contact, deal = map(work.catalog.object_type, ("contact", "deal"))
        [other] = write.create(work, deal, [{"dealname": "Tag"}])
        associate.associate(work, deal, contact, [Association(other, office.soren)])
    link, _ = office.share("soren@maleri.example", about=office.about("deal", office.deal))
    look(link)
    assert len(office.told("deal", office.deal)) == 2
    assert office.told("deal", other) == []


@pytest.mark.django_db
def test_odd_forms_of_members_are_answered_without_a_fault(office: Office) -> None:
    pages = office.pages()
    page = f"{LIBRARY}/{office.document.pk}"
    for odd in ("\0", "x" * 30_000, "søren@ågård.example\r\nx", "9" * 40):
        given = {"who": odd, "emails": odd, "about": odd, "until": odd, "password": odd}
        for who in (odd, "private", "public"):
            assert pages.post(f"{page}/links", {**given, "who": who}).status_code == 422, odd[:20]
        assert pages.get(page, {"for": odd}).status_code == 200
        assert pages.get(f"{page}/file", {"version": odd}).status_code == 404
        named = SimpleUploadedFile("a.pdf", PDF + odd.encode())
        assert pages.post(LIBRARY, {"title": odd, "file": named}).status_code == 302
    assert all(0 < len(each.title) <= 200 and "\0" not in each.title for each in Document.objects.all())
    assert pages.post(f"{page}/links/{10**17}/revoke").status_code == 404
    assert pages.post(LIBRARY).status_code == 422


@pytest.mark.django_db
def test_a_record_has_the_links_for_it_and_of_its_files(office: Office) -> None:
    link, _ = office.share("soren@maleri.example", about=office.about("deal", office.deal))
    kept = attach.attach(
        office.writing,
        office.ada.portal_id,
        office.about("deal", office.deal),
        "Aftale.pdf",
        ContentFile(PDF),
    )
    with office.writing() as work:
        document = library.of_file(work, *office.about("deal", office.deal), kept.pk)
        other, _ = links.make(work, document, office.ada, Wanted(private=False))
    work = office.reading()
    assert [each.link.pk for each in shown.of_record(work, office.deal)] == [other.pk, link.pk]
    assert [each.link.pk for each in shown.of_record(work, office.soren)] == [link.pk]
    assert shown.of_record(work, 0) == []
