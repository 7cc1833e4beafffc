"""Ada, who shares; Søren, a contact with a deal; and a proposal in the library."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.attachments.conftest import use
from tests.attachments.samples import PDF
from tests.house.world import BACKEND

from wonward import settings as own
from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal
from wonward.activities import timeline
from wonward.records import write
from wonward.records.history import Entry
from wonward.sharing import library, links, proof
from wonward.sharing.links import About, Wanted
from wonward.sharing.models import Document, Link

PASSWORD = "correct horse battery staple"


@dataclass
class Office:
    """The portal, who is in it, and what may be shared."""

    ada: Member
    soren: int
    deal: int
    document: Document

    def writing(self) -> Any:
        return wiring.writing("starter", actor=f"user:{self.ada.user_id}", source="web")

    def reading(self) -> Any:
        return wiring.reading("starter", actor=f"user:{self.ada.user_id}", source="web")

    def about(self, name: str, number: int) -> About:
        return self.reading().catalog.object_types[name], number

    def share(
        self,
        *emails: str,
        private: bool = False,
        about: About | None = None,
        password: str = "",
        until: date | None = None,
    ) -> tuple[Link, str]:
        """Return a link to the proposal, and its address."""
        with self.writing() as work:
            wanted = Wanted(private, emails, about, password, until)
            made, secret = links.make(work, self.document, self.ada, wanted)
        return made, f"/d/{secret}"

    def told(self, name: str, number: int) -> list[Entry]:
        """Return what the timeline of a record tells of documents, the newest first."""
        work = self.reading()
        found, _ = timeline.page(work, work.catalog.object_types[name], number, timeline.Place())
        return [each.entry for each in found if each.entry and each.entry.kind in ("shared", "viewed")]

    def pages(self) -> Client:
        client = Client()
        assert self.ada.user
        client.force_login(self.ada.user, backend=BACKEND)
        return client

    def codes(self) -> dict[str, str]:
        """Do the jobs that mail codes; return the text that each address got."""
        letters: dict[str, str] = {}
        for job in ProcrastinateJob.objects.filter(task_name=proof.JOB).order_by("id"):
            proof.send_code(job.args["number"], lambda name, to, subject, text: letters.update({to: text}))
        ProcrastinateJob.objects.filter(task_name=proof.JOB).delete()
        return letters


@pytest.fixture
def office(starter: str, settings: Any, tmp_path: Path) -> Iterator[Office]:
    settings.WONWARD_MAIL_FROM = "post@nordisk.example"
    settings.SMTP = own.smtp("smtp://localhost:2525?starttls=no")
    use(settings, "", tmp_path / "files")
    cache.clear()
    users.create("ada@nordisk.example", "Ada Holm", PASSWORD, [Portal.objects.get(name="starter")])
    ada = Member.objects.select_related("user").get(email="ada@nordisk.example")
    with wiring.writing("starter", actor=f"user:{ada.user_id}", source="web") as work:
        person = {"firstname": "Søren", "lastname": "Ågård", "email": "soren@maleri.example"}
        [soren] = write.create(work, work.catalog.object_type("contact"), [person])
        [deal] = write.create(work, work.catalog.object_type("deal"), [{"dealname": "Facade"}])
    made = library.add(
        lambda: wiring.writing("starter", actor=f"user:{ada.user_id}", source="web"),
        ada.portal_id,
        "Oplæg til facaden",
        "Oplæg.pdf",
        ContentFile(PDF + b"1"),
    )
    yield Office(ada, soren, deal, made)
    cache.clear()
