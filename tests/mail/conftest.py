"""A portal with a sender, a signature and templates, a deal with its company and contact, and a mail server."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.mail import deliver as delivering
from wonward.mail import send
from wonward.records import associate, query, write
from wonward.records.associate import Link
from wonward.records.query import Query
from wonward.records.work import Work

from .postbox import Postbox, Server

Writing = Callable[[], AbstractContextManager[Work]]

PORTAL = {
    "label": "Nordisk Rådgivning",
    "currency": "DKK",
    "time_zone": "Europe/Copenhagen",
    "language": "da",
    "mail_from": "Nordisk Rådgivning <salg@nordisk.example>",
    "mail_signature": {
        "da": "Med venlig hilsen\n**{{sender.name}}**\n{{sender.title}}\nTlf. {{sender.phone}}\n{{sender.email}}",
        "en": "Kind regards\n{{sender.name}}",
    },
}
INVOICE = {
    "label": "Til fakturering",
    "object": "deal",
    "languages": {
        "da": {
            "subject": "Faktura: {{deal.dealname}}",
            "body": (
                "Kære {{owner.first_name}}\n\n**{{dealname}}** hos {{company.name}} er vundet:\n\n"
                "- Beløb: {{amount}}\n- Dato: {{closedate}}\n- Fase: {{dealstage}}\n"
                "- Kontakter: {{count(contacts)}}\n\n"
                "[Se aftalen](https://crm.nordisk.example/deals/{{hs_object_id}}?q={{dealname}})"
            ),
        },
        "en": {"subject": "Invoice: {{dealname}}", "body": "{{amount}} on {{closedate}}"},
    },
}


@dataclass
class Office:
    """The portal and who is in it."""

    portal: str
    deal: int
    company: int
    contact: int
    soren: Member

    def enqueue(self, to: str = "{{contact.email}}", **more: Any) -> int:
        with wiring.writing(self.portal, actor="user:1", source="web") as work:
            kind = work.catalog.object_type("deal")
            return send.enqueue(work, "invoice", kind, [self.deal], to=to, **more)[0]

    def deliver(self) -> int:
        return delivering.deliver(
            self.portal, lambda actor: wiring.writing(self.portal, actor=actor, source="worker")
        )

    def writing(self) -> AbstractContextManager[Work]:
        return wiring.writing(self.portal, actor="user:1", source="web")

    @contextmanager
    def reading_all(self, name: str, *columns: str) -> Iterator[list[tuple[Any, ...]]]:
        work = self.reading()
        yield query.rows(work, Query(work.catalog.object_type(name)), columns)

    def reading(self) -> Work:
        return wiring.reading(self.portal, actor="user:1", source="web")


@pytest.fixture
def office(starter: str) -> Office:
    """Nordisk Rådgivning, with a deal of Havn & Co that Søren Ågård owns."""
    apply.define(
        starter, {("portal", "portal"): PORTAL, ("mail_template", "invoice"): INVOICE}, actor="user:1"
    )
    portal = Portal.objects.get(name=starter)
    now = clock.now()
    soren = Member.objects.create(
        portal=portal,
        first_name="Søren",
        last_name="Ågård",
        email="soren@nordisk.example",
        title="Rådgiver",
        created_at=now,
        updated_at=now,
    )
    with wiring.writing(starter, actor="user:1", source="web") as work:
        kinds = {name: work.catalog.object_type(name) for name in ("deal", "company", "contact")}
        [company] = write.create(work, kinds["company"], [{"name": "Havn & Co <A/S>"}])
        person = {"firstname": "Åse", "lastname": "Bøgh", "email": "aase@havn.example"}
        [contact] = write.create(work, kinds["contact"], [person])
        values = {
            "dealname": "Nyt tag & skorsten",
            "amount": "125000.50",
            "closedate": "2026-11-30T11:30:00Z",
            "dealstage": "closedwon",
            "pipeline": "default",
            "hubspot_owner_id": str(soren.pk),
        }
        [deal] = write.create(work, kinds["deal"], [values])
        associate.associate(work, kinds["deal"], kinds["company"], [Link(deal, company)])
        associate.associate(work, kinds["deal"], kinds["contact"], [Link(deal, contact)])
    return Office(starter, deal, company, contact, soren)


@pytest.fixture
def server(settings: Any, tmp_path: Path) -> Iterator[Server]:
    """A mail server, set as the one that mail goes out by."""
    running = Server(tmp_path)
    running.start()
    settings.SMTP = running.smtp
    yield running
    running.stop()


@pytest.fixture
def box(server: Server) -> Postbox:
    """What the mail server got."""
    return server.box
