"""The small cast of the pages' tests: Ada, who has signed in, and the records she works on."""

from dataclasses import dataclass

import pytest
from django.test import Client

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal, User
from wonward.records import associate, write
from wonward.records.associate import Link

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """The ids of the records there are at the start."""

    nordisk: int
    havn: int
    soren: int
    facade: int
    roof: int


@pytest.fixture
def ada(starter: str) -> Member:
    """Ada Holm, a member of the portal who can sign in and owns records."""
    users.create("ada@example.com", "Ada Holm", PASSWORD, [Portal.objects.get(name=starter)])
    member = Member.objects.get(email="ada@example.com")
    member.owns_records = True
    member.save()
    return member


@pytest.fixture
def pages(ada: Member) -> Client:
    """A browser in which Ada has signed in."""
    client = Client()
    client.force_login(User.objects.get(id=ada.user_id), backend=BACKEND)
    return client


@pytest.fixture
def cast(starter: str, ada: Member) -> Cast:
    """Two companies, a contact, and two deals of the first company."""
    with wiring.writing(starter, actor=f"user:{ada.user_id}", source="web") as work:
        company, contact, deal = map(work.catalog.object_type, ("company", "contact", "deal"))
        nordisk, havn = write.create(
            work,
            company,
            [
                {"name": "Nordisk Måleri A/S", "domain": "nordisk.example", "hubspot_owner_id": str(ada.pk)},
                {"name": "Havn & Co", "domain": "havn.example"},
            ],
        )
        [soren] = write.create(
            work, contact, [{"firstname": "Søren", "lastname": "Ågård", "email": "soren@nordisk.example"}]
        )
        facade, roof = write.create(
            work,
            deal,
            [
                {
                    "dealname": "Facade",
                    "dealstage": "engaging",
                    "amount": "1200.50",
                    "closedate": "2026-12-31",
                    "hubspot_owner_id": str(ada.pk),
                },
                {"dealname": "Roof", "dealstage": "prospecting", "amount": 800},
            ],
        )
        associate.associate(work, deal, company, [Link(facade, nordisk), Link(roof, nordisk)])
        associate.associate(work, contact, company, [Link(soren, nordisk)])
    return Cast(nordisk, havn, soren, facade, roof)


@pytest.fixture
def htmx() -> dict[str, str]:
    """What a page sends along when it asks for a part of itself."""
    return {"HX-Request": "true"}


@pytest.fixture
def password() -> str:
    """Ada's password."""
    return PASSWORD
