"""The timeline tells every kind of change in plain words, and open pages hear of each."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from tests.attachments.conftest import use

from wonward import wiring
from wonward.attachments import attach
from wonward.attachments.models import Attachment
from wonward.blueprints import apply
from wonward.records import lists, redact, write
from wonward.records.associate import Link, associate, dissociate
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.work import Work

from .conftest import Cast
from .test_live import ask, watched

pytestmark = pytest.mark.django_db(transaction=True)


class Havn:
    """What is done to Havn & Co, a company, one kind of change after the other."""

    def __init__(self, portal: str, cast: Cast) -> None:
        self.portal, self.cast, self.number = portal, cast, cast.havn
        with wiring.writing(portal, actor="cli", source="cli") as work:
            self.kind, self.contact = map(work.catalog.object_type, ("company", "contact"))
            self.portal_id = work.catalog.portal_id
            [self.double] = write.create(work, self.kind, [{"name": "Havnen ApS"}])

    def writing(self) -> Any:
        return wiring.writing(self.portal, actor="cli", source="cli")

    def updated(self, work: Work) -> None:
        write.update(work, self.kind, [(self.number, {"city": "Ærøskøbing"})])

    def archived(self, work: Work) -> None:
        write.archive(work, self.kind, [self.number])
        write.restore(work, self.kind, [self.number])

    def associated(self, work: Work) -> None:
        associate(work, self.kind, self.contact, [Link(self.number, self.cast.soren)])

    def dissociated(self, work: Work) -> None:
        dissociate(work, self.kind, self.contact, [Link(self.number, self.cast.soren)])

    def listed(self, work: Work) -> None:
        lists.add(work, "vip", [self.number])

    def unlisted(self, work: Work) -> None:
        lists.remove(work, "vip", [self.number])

    def attached(self, work: Work) -> None:
        content = ContentFile(b"Malerarbejde")
        attach.attach(self.writing, self.portal_id, (self.kind, self.number), "plan.txt", content)

    def detached(self, work: Work) -> None:
        attach.remove(work, self.kind, self.number, Attachment.objects.get().pk)

    def redacted(self, work: Work) -> None:
        redact.redact(work, self.kind, [self.number], ["city"])

    def merged(self, work: Work) -> None:
        [self.done] = merge(work, self.kind, self.number, [self.double])

    def unmerged(self, work: Work) -> None:
        unmerge(work, self.done.merge_id)

    def erased(self, work: Work) -> None:
        associate(work, self.kind, self.contact, [Link(self.number, self.cast.soren)])
        wiring.erase(work, self.contact, [self.cast.soren])


TOLD = {
    "updated": ["changed City", "Ærøskøbing"],
    "archived": ["archived this company", "restored this company"],
    "associated": ["associated this with Søren Ågård"],
    "dissociated": ["took away the association with Søren Ågård"],
    "listed": ["put this on the list Særlige kunder"],
    "unlisted": ["took this off the list Særlige kunder"],
    "attached": ["attached plan.txt (12 bytes)"],
    "detached": ["removed plan.txt (12 bytes)"],
    "redacted": ["took former values of this company out of its history"],
    "merged": ["merged into this Havnen ApS"],
    "unmerged": ["undid the merge with Havnen ApS"],
    "erased": ["took away the association with"],
}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").replace("&nbsp;", " ").split())


def test_each_kind_is_told_in_words_and_heard_by_open_pages(
    pages: Client, starter: str, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    use(settings, "", tmp_path)
    definitions = {("list", "vip"): {"label": "Særlige kunder", "object": "company"}}
    apply.define(starter, definitions, actor="user:1")
    havn = Havn(starter, cast)
    page = f"/p/starter/companies/{havn.number}"
    assert "created this company" in words(pages.get(f"{page}/timeline").content.decode())
    for kind, told in TOLD.items():
        watch = watched(pages, page)
        do: Callable[[Work], None] = getattr(havn, kind)
        with havn.writing() as work:
            do(work)
        heard = ask(pages, watch)
        assert heard.status_code == 200, kind
        assert json.loads(heard.content)["records"] == [havn.number], kind
        timeline = words(pages.get(f"{page}/timeline").content.decode())
        for text in told:
            assert text in timeline, kind
    assert "Søren" not in timeline, "nobody who was erased is named"
