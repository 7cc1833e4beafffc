"""A portal with something of everything in it, for the examples of routes; as many records as asked for."""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.api.caller import Caller
from tests.attachments.samples import PDF

from wonward import clock, wiring
from wonward.accounts import invitations, tokens, users
from wonward.accounts.models import Invitation, Member, Portal, User
from wonward.activities.enter import enter
from wonward.attachments.models import Attachment
from wonward.automation import run
from wonward.blueprints import apply
from wonward.db.secrets import seal
from wonward.mail.address import Address
from wonward.marketing.submit import Answers, submit
from wonward.meetings import agenda, book, invitation
from wonward.meetings.book import Visitor
from wonward.records import associate, filestore, write
from wonward.records.associate import Link as Association
from wonward.records.duplicates.check import check
from wonward.records.handover import ask
from wonward.records.merging import merge as merging
from wonward.records.models import DuplicatePair, ExportRun, HandOver, ImportRun
from wonward.records.work import Work
from wonward.sharing import library, links, views
from wonward.sharing.models import Link
from wonward.views.models import Choice, SavedView

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FILE = b"Kunde;Domain\nB\xc3\xa6k & S\xc3\xb8n;baek.example\n"


@dataclass(frozen=True)
class World:
    """What there is: ids, in lists of the size that was asked for."""

    api: Caller
    pages: Client
    ada: Member
    companies: list[int]
    contacts: list[int]
    deals: list[int]
    archived: int
    gone: int
    merge: int
    pair: DuplicatePair
    files: list[int]
    imports: list[int]
    export_run: int
    invitation: str
    invited: int
    left: int
    booking: str
    view: int
    form: str
    agenda: str
    dashboard: str
    free: str
    document: int
    link: int
    secret: str
    visit: str


def seed(portal: str, size: int) -> World:
    """Fill the portal: `size` companies, contacts and deals, all of them associated, with activities and files."""
    users.create(
        "ada@example.com", "Ada Holm", "correct horse battery staple", [Portal.objects.get(name=portal)]
    )
    ada = Member.objects.get(email="ada@example.com")
    ada.owns_records = True
    ada.save()
    pages = Client()
    pages.force_login(User.objects.get(id=ada.user_id), backend=BACKEND)
    api = Caller(tokens.create(ada.portal, "a program", ["all"]))
    with wiring.writing(portal, actor=f"user:{ada.user_id}", source="web") as work:
        companies, contacts, deals = _records(work, str(ada.pk), size)
        twins, gone, merge = _twins(work)
        _activities(work, deals[0], companies[0], ada.pk, size)
        [archived] = write.create(work, work.catalog.object_type("company"), [{"name": "Glas A/S"}])
        write.archive(work, work.catalog.object_type("company"), [archived])
    given = {"name": "favourite_paint", "label": "Farve", "type": "string", "fieldType": "text"}
    made = api("POST", "/crm/v3/properties/contacts", {**given, "groupName": "contactinformation"})
    assert made.status_code == 201, made.content
    for name in ("kunder.csv", "andre.csv"):
        file = SimpleUploadedFile(name, name.encode() + FILE)
        pages.post(f"/p/{portal}/companies/import", {"file": file})
    files = _files(pages, f"/p/{portal}/deals/{deals[0]}/files", size)
    shared = _shared(ada, deals[0], contacts[0])
    _by_hand(portal, deals[1])
    return World(
        api=api,
        pages=pages,
        ada=ada,
        companies=companies,
        contacts=contacts,
        deals=deals,
        archived=archived,
        gone=gone,
        merge=merge,
        pair=DuplicatePair.objects.get(low_id=min(twins), high_id=max(twins)),
        files=files,
        imports=list(ImportRun.objects.order_by("id").values_list("id", flat=True)),
        export_run=_export(ada),
        invitation=_sign_in(ada),
        invited=Invitation.objects.get().pk,
        left=_left(ada),
        booking=_booking(ada),
        view=_views(ada, size),
        form=_form(ada, contacts),
        agenda=agenda.make_link(ada),
        document=shared[0].document_id,
        link=shared[0].pk,
        secret=shared[1],
        visit=views.fresh_visit(shared[0]),
        dashboard=_dashboard(pages, portal),
        free=f"{clock.now().date() + timedelta(days=4)}T10:00:00Z",
    )


def _by_hand(portal: str, deal: int) -> None:
    """Define a workflow that is started by hand, and have one deal in it."""
    said = {"label": "Ring op", "trigger": {"by_hand": True}, "steps": [{"wait": "3 days"}]}
    apply.define(portal, {("workflow", "deal.by_hand"): said}, actor="user:1")
    with wiring.writing(portal, actor="user:1", source="web") as work:
        run.enrol_by_hand(work, "deal.by_hand", [deal])


def _records(work: Work, owner: str, size: int) -> tuple[list[int], list[int], list[int]]:
    company, contact, deal = map(work.catalog.object_type, ("company", "contact", "deal"))
    numbers = range(size)
    companies = write.create(
        work,
        company,
        [
            {"name": f"Nordisk Måleri {n}", "domain": f"nordisk{n}.example", "hubspot_owner_id": owner}
            for n in numbers
        ],
    )
    contacts = write.create(
        work,
        contact,
        [
            {"firstname": "Søren", "lastname": f"Ågård {n}", "email": f"soren{n}@nordisk.example"}
            for n in numbers
        ],
    )
    deals = write.create(
        work,
        deal,
        [
            {"dealname": f"Facade {n}", "dealstage": "engaging", "amount": str(n), "hubspot_owner_id": owner}
            for n in numbers
        ],
    )
    associate.associate(work, contact, company, [Association(each, companies[0]) for each in contacts])
    associate.associate(work, deal, company, [Association(each, companies[0]) for each in deals])
    associate.associate(work, deal, contact, [Association(deals[0], each) for each in contacts])
    return companies, contacts, deals


def _twins(work: Work) -> tuple[list[int], int, int]:
    """Make a likely pair, and a contact that went into another; return the pair, that one and the merge's number."""
    contact = work.catalog.object_type("contact")
    one = {"firstname": "Åse", "lastname": "Holm", "phone": "+45 12 34 56 78"}
    *twins, kept, gone = write.create(work, contact, [one, one, {"firstname": "Bo"}, {"firstname": "Boje"}])
    check(work, contact, twins)
    [done] = merging.merge(work, contact, kept, [gone])
    return twins, gone, done.merge_id


def _activities(work: Work, deal: int, company: int, owner: int, size: int) -> None:
    kinds = work.catalog.object_type
    for number in range(size):
        said: dict[str, Any] = {"hs_note_body": f"Søren likes {number} shades of blå"}
        enter(work, kinds("note"), said, (kinds("deal"), deal), owner=owner)
        enter(
            work,
            kinds("task"),
            {"hs_task_subject": f"Ring {number}"},
            (kinds("company"), company),
            owner=owner,
        )


def _files(pages: Client, address: str, size: int) -> list[int]:
    """Attach files, and remove the last of them again."""
    for number in range(size):
        file = SimpleUploadedFile(f"Måleraftale {number}.pdf", PDF + str(number).encode())
        assert pages.post(address, {"file": file}).status_code in (200, 302)
    numbers = list(Attachment.objects.order_by("id").values_list("id", flat=True))
    assert len(numbers) == size
    pages.post(f"{address}/{numbers[-1]}/remove")
    return numbers


def _sign_in(ada: Member) -> str:
    """Give Ada an authenticator app and recovery codes, and invite Søren; return what stands in his link."""
    for kind, data in (
        ("totp", {"secret": seal("A" * 32, "second factor")}),
        ("recovery_codes", {"seed": seal("ab", "second factor"), "used_mask": 0}),
    ):
        Authenticator.objects.create(user_id=ada.user_id, type=kind, data=data)
    made = invitations.invite("soren@nordisk.example", "Søren Ågård", ada.portal, "super_admin")
    assert made
    return invitations.link(made).rpartition("/")[2]


def _booking(ada: Member) -> str:
    """Make a scheduling page of Ada's, on which the first contact has booked a meeting; return the token of that."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    body = {
        "label": "Samtale",
        "hosts": [ada.email],
        "lengths": [30],
        "hours": {day: ["00:00-24:00"] for day in days},
    }
    sender = {"label": "Nordisk", "mail_from": "salg@nordisk.example"}
    approval = {"name": "rabat", "by": "super_admin", "message": "Rabatten er godkendt"}
    stage = {"name": "godkendt", "label": "Godkendt", "gate": {"criteria": [{"approval": approval}]}}
    wanted = {
        ("scheduling_page", "samtale"): body,
        ("portal", "portal"): sender,
        ("pipeline", "deal.godkendelser"): {"label": "Godkendelser", "stages": [stage], "order": 9},
    }
    apply.define(ada.portal.name, wanted, actor="user:1")
    start = datetime.combine(clock.now().date() + timedelta(days=3), time(10), UTC)
    visitor = Visitor("Søren Ågård", Address("", "soren0@nordisk.example"), "", "Europe/Copenhagen")
    with wiring.writing(ada.portal.name, actor="meet:samtale", source="web") as work:
        made = book.book(work, work.catalog.scheduling_pages["samtale"], visitor, start, 30)
    return invitation.token(made)


def _shared(ada: Member, deal: int, contact: int) -> tuple[Link, str]:
    """Share a document for the deal with a contact, who has read it; return the link and its secret."""

    def writing() -> AbstractContextManager[Work]:
        return wiring.writing(ada.portal.name, actor=f"user:{ada.user_id}", source="web")

    content = ContentFile(PDF + b"shared")
    document = library.add(writing, ada.portal_id, "Oplæg om facaden", "Oplæg.pdf", content)
    with writing() as work:
        about = (work.catalog.object_type("deal"), deal)
        email = "soren0@nordisk.example"
        made, secret = links.make(
            work, document, ada, links.Wanted(private=False, emails=[email], about=about)
        )
        assert made.contact_id == contact
        views.count(work, made, views.fresh_visit(made), None, "127.0.0.1")
    return made, secret


def _dashboard(pages: Client, portal: str) -> str:
    """Have Ada make a dashboard of her own; return what it goes by."""
    made: str = pages.post(f"/p/{portal}/dashboards/sales/clone")["Location"]
    return made.split("/")[-2]


def _views(ada: Member, size: int) -> int:
    """Save views of deals for Ada, all pinned; return the number of the first."""
    now = clock.now()
    made = SavedView.objects.bulk_create(
        SavedView(
            portal=ada.portal,
            member=ada,
            object_type="deal",
            label=f"hemmelig {number}",
            filter="dealname is not null",
            columns=["amount", "hubspot_owner_id"],
            sort="-amount",
            layout="list",
            sharing=SavedView.Sharing.PRIVATE,
            changed_at=now,
        )
        for number in range(size)
    )
    Choice.objects.create(member=ada, object_type="deal", pinned=[str(each.pk) for each in made])
    return made[0].pk


def _form(ada: Member, contacts: list[int]) -> str:
    """Make a form that all contacts but the last have sent; return the note of a page of it."""
    fields = [{"property": "email"}, {"property": "firstname"}, {"property": "company.name"}]
    portal = ada.portal.name
    apply.define(portal, {("form", "kontakt"): {"label": "Kontakt", "fields": fields}}, actor="user:1")
    with wiring.writing(portal, actor="form:kontakt", source="form") as work:
        for number, _ in enumerate(contacts[:-1]):
            texts = {"email": f"soren{number}@nordisk.example", "firstname": "Søren"}
            submit(work, work.catalog.forms["kontakt"], Answers(texts, (), str(number), {}, {}))
    page = Client().get(f"/f/{portal}/kontakt").content.decode()
    found = re.search(r'name="note" value="([^"]+)"', page)
    assert found
    return found[1]


def _left(ada: Member) -> int:
    """Have Eva leave, whose records are being handed over; return her number."""
    users.create("eva@nordisk.example", "Eva Fog", "correct horse battery staple", [ada.portal])
    eva = Member.objects.get(email="eva@nordisk.example")
    work = wiring.reading(ada.portal.name, actor=f"user:{ada.user_id}", source="cli")
    asked = ask.leave(work, str(eva.pk), "", {})
    HandOver.objects.filter(pk=asked.pk).update(state=HandOver.State.RUNNING, total=7)
    return eva.pk


def _export(ada: Member) -> int:
    stored = filestore.keep([b"Name\n"], ".csv", 100)
    return ExportRun.objects.create(
        portal_id=ada.portal_id,
        object_type="company",
        actor=f"user:{ada.user_id}",
        asked={},
        state=ExportRun.State.DONE,
        stored=stored,
        file_name="kunder.csv",
        started_at=clock.now(),
    ).pk
