"""The marketing timeline of a contact and of its deals, and the digital touchpoints on the contact's page."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal, User
from wonward.activities.enter import enter
from wonward.activities.timeline import Place
from wonward.blueprints import apply
from wonward.mail.address import Address
from wonward.mail.models import OutgoingMail
from wonward.mail.timeline import enter as enter_mail
from wonward.marketing import timeline
from wonward.records import associate, lists
from wonward.records.associate import Link

from .conftest import SOREN, START, Office

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


@pytest.fixture
def ada(office: Office) -> Client:
    users.create("ada@example.com", "Ada Holm", "correct horse battery", [Portal.objects.get(name="starter")])
    Member.objects.filter(email="ada@example.com").update(owns_records=True)
    client = Client()
    user = User.objects.get(email="ada@example.com")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def soren(office: Office, ada: Client) -> int:
    """A contact with whom marketing and a seller have had to do; their number."""
    office.define(list__vip={"label": "Særlige", "object": "contact"})
    came = {"utm_source": "linkedin", "utm_medium": "cpc"}
    contact = office.send(texts={**SOREN, "emner": "tag"}, utm=came).contact_id or 0
    office.update(contact, jobtitle="Malermester")
    office.at(START + timedelta(days=1))
    office.update(contact, "worker", lifecyclestage="marketingqualifiedlead")
    with wiring.writing(office.portal, actor="workflow:contact.tak", source="worker") as work:
        lists.add(work, "vip", [contact])
        letter(work, contact, "Tak for din interesse", "workflow:contact.tak", "<1@nordisk.example>")
        letter(work, contact, "Fra en sælger", "user:1", "<2@nordisk.example>")
        said = {"hs_email_message_id": "<3@x>", "hs_email_thread_id": "<1@nordisk.example>"}
        email = work.catalog.object_type("email")
        answer = {**said, "hs_email_subject": "Svar fra Søren", "hs_email_direction": "INCOMING_EMAIL"}
        enter(work, email, answer, (work.catalog.object_type("contact"), contact), owner=owner())
        note = {"hs_note_body": "Ringede forgæves"}
        kinds = work.catalog.object_type
        enter(work, kinds("note"), note, (kinds("contact"), contact), owner=owner())
        enter(
            work, kinds("meeting"), meeting("Aftalt i telefonen"), (kinds("contact"), contact), owner=owner()
        )
    with wiring.writing(office.portal, actor="meet:samtale", source="web") as work:
        kinds = work.catalog.object_type
        enter(
            work, kinds("meeting"), meeting("Samtale på nettet"), (kinds("contact"), contact), owner=owner()
        )
    return contact


def owner() -> int:
    return Member.objects.get(email="ada@example.com").pk


def meeting(title: str) -> dict[str, str]:
    return {"hs_meeting_title": title, "hs_meeting_start_time": "2026-01-08T09:00:00Z"}


def letter(work: Any, contact: int, subject: str, actor: str, message_id: str) -> None:
    now = work.now
    mail = OutgoingMail.objects.create(
        portal_id=work.catalog.portal_id, object_type="contact", record_id=contact, contact_id=contact,
        template="tak", language="da", to_address="soren@nordisk.example", subject=subject, text="Hej", html="",
        message_id=message_id, thread=subject, actor=actor, created_at=now, queued_at=now, due_at=now,
    )  # fmt: skip
    enter_mail(work, mail, Address("Nordisk", "post@nordisk.example"))


MARKETINGS = (
    "Kontakt os was sent",
    "Tak for din interesse",
    "Svar fra Søren",
    "Samtale på nettet",
    "put this on the list Særlige",
    "Marketing qualified lead",
)
OTHERS = ("Fra en sælger", "Ringede forgæves", "Aftalt i telefonen", "Malermester")


def test_the_marketing_timeline_tells_what_is_marketings(office: Office, ada: Client, soren: int) -> None:
    page = f"/p/starter/contacts/{soren}"
    all_of_it = text(ada.get(page))
    assert [each for each in (*MARKETINGS, *OTHERS) if each not in all_of_it] == []
    whole = ada.get(page, {"timeline": "marketing"}).content.decode()
    stretch = ada.get(f"{page}/timeline", {"timeline": "marketing"})
    told = text(stretch)
    assert [each for each in MARKETINGS if each not in told] == []
    assert [each for each in OTHERS if each in told] == []
    assert f'hx-get="{page}/timeline?timeline=marketing"' in whole
    assert re.search(r'timeline=marketing" aria-current="true">Marketing', whole)
    assert "Fornavn" not in told


def test_a_deal_tells_it_of_its_contacts(office: Office, ada: Client, soren: int) -> None:
    deal = office.create("deal", dealname="Facade")
    page = f"/p/starter/deals/{deal}"
    assert "Nothing has happened" in text(ada.get(f"{page}/timeline", {"timeline": "marketing"}))
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        kinds = work.catalog.object_type
        associate.associate(work, kinds("deal"), kinds("contact"), [Link(deal, soren)])
    told = text(ada.get(f"{page}/timeline", {"timeline": "marketing"}))
    assert [each for each in MARKETINGS if each not in told] == []
    assert "· Søren Ågård" in told
    company = office.create("company", name="Nordisk")
    assert "Which timeline" not in ada.get(f"/p/starter/companies/{company}").content.decode()


def test_it_goes_on_page_by_page_without_gap_or_repeat(office: Office, soren: int) -> None:
    work = wiring.reading(office.portal, actor="cli", source="cli")

    def anchors(found: Any) -> list[object]:
        return [each.entry.seq if each.entry else each.activity.record_id for each in found]

    whole, none = timeline.page(work, [soren], Place())
    assert none is None
    seen: list[object] = []
    since: Place | None = Place()
    while since is not None:
        part, since = timeline.page(work, [soren], since, limit=2)
        seen += anchors(part)
    assert seen == anchors(whole)
    assert len(seen) == 7


def test_what_a_role_hides_is_not_told(office: Office, ada: Client, soren: int) -> None:
    pages = (f"/p/starter/contacts/{soren}/timeline?timeline=marketing", "/p/starter/submissions")
    assert ["Emner: Tag" in text(ada.get(page)) for page in pages] == [True, True]
    contact = {"hidden": ["emner"]}
    body = {"label": "Sælger", "default": {"view": "everyone"}, "types": {"contact": contact}}
    apply.define(office.portal, {("role", "seller"): body}, actor="user:1")
    Member.objects.filter(email="ada@example.com").update(role="seller")
    for page in pages:
        assert "Emner" not in text(ada.get(page))
        assert "soren@nordisk.example" in text(ada.get(page))


def test_a_contacts_touchpoints_stand_on_its_page(office: Office, ada: Client, soren: int) -> None:
    page = text(ada.get(f"/p/starter/contacts/{soren}"))
    card = page[page.index("Digital touchpoints") :]
    assert "First touch 5 Jan 2026, 09:00" in card
    assert "Paid social linkedin" in card
    assert "Conversions 1 First form Kontakt os Latest form Kontakt os" in card
    plain = office.create("contact", firstname="Åse")
    assert "Digital touchpoints" not in text(ada.get(f"/p/starter/contacts/{plain}"))
