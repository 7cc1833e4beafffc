"""The consultancy's automation over months: every mail and task that falls due is counted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from wonward import clock, wiring
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.mail.models import OutgoingMail
from wonward.marketing.submit import Answers, submit
from wonward.notifications.models import Notification
from wonward.records.work import NOBODYS
from wonward.schema import load, seating

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = Path(__file__).parents[2] / "blueprints" / "consultancy"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
INVOICE = {
    "stillingsbetegnelse": "Økonomichef",
    "fakturamail": "faktura@nordisk.dk",
    "fakturasplit": "false",
    "faktura_1_beloeb": "90000",
    "faktura_1_dato": "2026-02-01",
    "betalingsbetingelser": "netto_14",
    "att_email": "soren@nordisk.dk",
    "att_fornavn": "Søren",
    "att_efternavn": "Ågård",
    "cvr_nummer": "24256790",
    "firmanavn": "Nordisk Måleri A/S",
    "vej": "Ågade 1",
    "postnummer": "8000",
    "by": "Århus",
}


@pytest.fixture
def office(transactional_db: None) -> Iterator[House]:
    """The consultancy on a Monday morning, with Åse who sells and Bo who helps."""
    made = House("consultancy")
    made.at(START)
    apply.create_portal("consultancy", FOLDER, actor="system")
    portal = Portal.objects.get(name="consultancy")
    for first, last in (("Åse", "Holm"), ("Bo", "Dam")):
        Member.objects.create(
            portal=portal,
            first_name=first,
            last_name=last,
            email=f"{first.lower().replace('å', 'aa')}@konsulenthuset.example",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
    yield made
    made.stack.close()
    with connection.cursor() as cursor:
        cursor.execute("drop schema portal_consultancy cascade")


def owner(first: str) -> str:
    return str(Member.objects.get(portal__name="consultancy", first_name=first).pk)


def deal(office: House, **values: Any) -> int:
    given = {"dealname": "Økonomichef", "amount": "90000", "hubspot_owner_id": owner("Åse"), **values}
    return office.create("deal", **given)


def mails() -> list[tuple[str, str]]:
    return [(each.to_address, each.subject) for each in OutgoingMail.objects.order_by("id")]


def tasks(office: House) -> list[tuple[Any, ...]]:
    return office.values("task", "hs_task_subject", "hs_timestamp", "hubspot_owner_id")


def test_con_9_an_interest_is_told_to_who_answers_for_it_at_once_and_once(office: House) -> None:
    number = deal(office)
    company = office.create("company", name="Nordisk Måleri A/S")
    office.associate(("deal", number), ("company", company))
    office.update("deal", number, oevrige_interesser="test;lederudvikling")
    office.work()
    assert sorted(mails()) == [
        ("lederudvikling@konsulenthuset.example", "Interesse noteret: Nordisk Måleri A/S"),
        ("test@konsulenthuset.example", "Interesse noteret: Nordisk Måleri A/S"),
    ]
    office.update("deal", number, oevrige_interesser="test")
    office.update("deal", number, oevrige_interesser="test;lederudvikling")
    office.work()
    assert len(mails()) == 2


def test_con_11_the_administration_gets_the_whole_deal_with_the_split(office: House) -> None:
    number = deal(office, saelger_assist=owner("Bo"), produkttype="lederudvikling")
    office.update("deal", number, dealstage="til_fakturering", **INVOICE)
    office.work()
    [mail] = OutgoingMail.objects.all()
    assert (mail.to_address, mail.subject) == (
        "administration@konsulenthuset.example",
        "Til fakturering: Økonomichef, Nordisk Måleri A/S",
    )
    for line in ("Sælger: Åse Holm, 70 %", "Sælger Assist: Bo Dam, 30 %", "Beløb: 90.000", "CVR 24256790"):
        assert line in mail.text


def test_con_13_the_company_follows_its_framework_agreement(office: House) -> None:
    company = office.create("company", name="Nordisk Måleri A/S")
    number = deal(office, produkttype="rammeaftale")
    office.associate(("deal", number), ("company", company))
    office.work()
    assert office.values("company", "rammeaftale", "rammeaftale_udloeb") == [("false", None)]
    office.update("deal", number, rammeaftale_udloeb="2027-06-30")
    office.work()
    assert office.values("company", "rammeaftale", "rammeaftale_udloeb") == [("true", "2027-06-30")]


def test_con_13_at_most_two_reminders_while_the_expiry_is_missing(office: House) -> None:
    forgotten = deal(office, dealname="Glemt", produkttype="rammeaftale")
    entered = deal(office, dealname="Skrevet", produkttype="rammeaftale")
    office.work()
    assert mails() == []
    office.later(days=7, minutes=1)
    assert len(mails()) == 2
    office.update("deal", entered, rammeaftale_udloeb="2027-06-30")
    for _ in range(12):
        office.later(days=14)
    told = [subject for to, subject in mails() if to == "aase@konsulenthuset.example"]
    assert told.count("Hvornår udløber rammeaftalen Glemt?") == 2
    assert told.count("Hvornår udløber rammeaftalen Skrevet?") == 1
    assert forgotten != entered


@pytest.mark.parametrize(
    ("product", "stage"), [("rekruttering", "til_fakturering"), ("rammeaftale", "vundet")]
)
def test_con_14_three_follow_ups_at_3_6_and_9_months(office: House, product: str, stage: str) -> None:
    number = deal(office, produkttype=product, rammeaftale_udloeb="2027-06-30")
    office.update("deal", number, dealstage=stage, **INVOICE)
    office.work()
    what = product.capitalize()
    assert tasks(office) == [
        (
            f"Auto | {months} mdr. opfølgning | {what} Økonomichef",
            f"2026-{month:02}-04T22:00:00.000Z",  # where the portal is, the fifth begins
            owner("Åse"),
        )
        for months, month in ((3, 4), (6, 7), (9, 10))
    ]
    office.update("deal", number, description="Ændret")
    office.later(days=400)
    assert len(tasks(office)) == 3


def send(office: House, name: str, nonce: str = "1", **texts: str) -> int:
    """Send a form as a stranger does; return the contact."""
    given = {"email": "lone@havn.example", "firstname": "Lone", "lastname": "Bøgh", **texts}
    answers = Answers(given, {"vilkaar"}, nonce, {}, {})
    with wiring.writing(office.portal, actor=f"form:{name}", source="form", rights=NOBODYS) as work:
        return submit(work, work.catalog.forms[name], answers).contact_id or 0


def lives(office: House) -> tuple[Any, ...]:
    [found] = office.values("contact", "lifecyclestage", "leadscore", "hs_lead_status", "hubspot_owner_id")
    return found


def test_con_15_marketing_qualifies_and_a_seller_accepts(office: House) -> None:
    seating.assign(Portal.objects.get(name="consultancy"), "aase@konsulenthuset.example", seat(office))
    Member.objects.update(owns_records=True)
    lone = send(office, "hent_guide")
    office.work()
    assert lives(office) == ("lead", "20", None, None)
    assert mails() == [("lone@havn.example", "Din guide til den gode afsked")]
    send(office, "kontakt_os", besked="Vi skal sige farvel til ti", **{"company.name": "Havn & Co"})
    office.work()
    assert lives(office) == ("marketingqualifiedlead", "50", "NEW", owner("Åse"))
    assert [row[0] for row in tasks(office)] == ["Auto | Ring til MQL | Lone Bøgh"]
    assert [each.text for each in Notification.objects.all()] == ["MQL: Lone Bøgh, Havn & Co"]
    office.later(days=1)
    office.update("contact", lone, hs_lead_status="IN_PROGRESS")
    office.work()
    assert lives(office)[0] == "salesqualifiedlead"
    send(office, "kontakt_os", "2", besked="Og to til")
    office.work()
    assert lives(office)[0] == "salesqualifiedlead", "no form takes anyone back"
    days = office.values(
        "contact",
        *(
            f"hs_lifecyclestage_{each}_date"
            for each in ("lead", "marketingqualifiedlead", "salesqualifiedlead")
        ),
    )
    assert [[day[:10] for day in row] for row in days] == [["2026-01-05", "2026-01-05", "2026-01-06"]]


def seat(office: House) -> Any:
    return load.current(office.portal).seats["sales"]
