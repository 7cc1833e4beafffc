"""Every consumer of the feed copes with every kind of change: it makes of it what building all anew would."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from django.core.files.base import ContentFile
from psycopg import sql
from tests.attachments.conftest import use

from wonward import wiring
from wonward.accounts.models import Member
from wonward.attachments import attach
from wonward.attachments.models import Attachment
from wonward.automation.models import Enrolment
from wonward.blueprints import apply
from wonward.marketing.submit import Answers, submit
from wonward.pipelines import decisions
from wonward.pipelines.models import StageVisit
from wonward.records import derivation, lists, redact, rollups, write
from wonward.records.associate import Link, associate, dissociate
from wonward.records.changes import Change, Consumer
from wonward.records.duplicates.check import check
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.models import DuplicatePair
from wonward.records.work import ChangeKind, Work
from wonward.schema import search_index
from wonward.schema.pipelines import Asking, Gate
from wonward.sharing import library, links, views

Writing = Callable[[], AbstractContextManager[Work]]


class World:
    """Søren and his double, Nordisk Måleri, a deal with its double; one thing to do for each kind of change."""

    def __init__(self, work: Work, writing: Writing) -> None:
        self.work, self.writing, self.last = work, writing, 0
        self.contact, self.company, self.deal = map(work.catalog.object_type, ("contact", "company", "deal"))
        name = {"firstname": "Søren", "lastname": "Ågård"}
        self.soren, self.double, self.bo = write.create(
            work,
            self.contact,
            [
                {**name, "phone": "12345678"},
                {**name, "phone": "+45 12345678"},
                {"firstname": "Bo", "phone": "12345678"},
            ],
        )
        [self.nordisk] = write.create(work, self.company, [{"name": "Nordisk Måleri A/S"}])
        self.facade, self.twin = write.create(
            work, self.deal, [{"dealname": "Facade", "amount": "100"}, {"dealname": "Façade", "amount": "50"}]
        )
        for number in (self.soren, self.double):
            associate(work, self.contact, self.company, [Link(number, self.nordisk)])
        for number in (self.facade, self.twin):
            associate(work, self.deal, self.company, [Link(number, self.nordisk)])

    def created(self) -> None:
        write.create(self.work, self.contact, [{"firstname": "Åse", "phone": "12345678"}])
        write.create(self.work, self.deal, [{"dealname": "Roof"}])

    def updated(self) -> None:
        write.update(self.work, self.contact, [(self.soren, {"firstname": "Sørine", "phone": "87654321"})])
        stages = self.deal.properties["dealstage"].option_values
        [now] = self.work.rows(
            sql.SQL("select {} from {} where _id = {}").format(
                sql.Identifier(self.deal.properties["dealstage"].column),
                self.work.table("deal"),
                sql.Literal(self.facade),
            )
        )
        other = next(each for each in stages if each != now[0])
        write.update(self.work, self.deal, [(self.facade, {"amount": "300", "dealstage": other})])

    def archived(self) -> None:
        write.archive(self.work, self.contact, [self.double])
        write.archive(self.work, self.deal, [self.twin])

    def restored(self) -> None:
        write.restore(self.work, self.contact, [self.double])
        write.restore(self.work, self.deal, [self.twin])

    def associated(self) -> None:
        associate(self.work, self.contact, self.company, [Link(self.bo, self.nordisk)])

    def dissociated(self) -> None:
        dissociate(self.work, self.deal, self.company, [Link(self.twin, self.nordisk)])

    def merged(self) -> None:
        self.merges = merge(self.work, self.contact, self.soren, [self.double])
        self.merges += merge(self.work, self.deal, self.facade, [self.twin])

    def unmerged(self) -> None:
        for each in self.merges:
            unmerge(self.work, each.merge_id)

    def listed(self) -> None:
        lists.add(self.work, "vip", [self.nordisk])

    def unlisted(self) -> None:
        lists.remove(self.work, "vip", [self.nordisk])

    def attached(self) -> None:
        for kind, number in ((self.company, self.nordisk), (self.deal, self.facade)):
            content = ContentFile("Malerarbejde på Ærø".encode())
            attach.attach(self.writing, self.work.catalog.portal_id, (kind, number), "plan.txt", content)

    def detached(self) -> None:
        for each in Attachment.objects.order_by("id"):
            kind = self.work.catalog.object_types[each.object_type]
            attach.remove(self.work, kind, each.record_id, each.pk)

    def decided(self) -> None:
        pipeline, stages = self.work.catalog.pipelines_of("deal")[0], self.deal.stage_property
        assert stages
        gated = replace(pipeline.stages[-1], gate=Gate(asks=(Asking("rabat", "super_admin", "Rabatten"),)))
        pipelines = (replace(pipeline, stages=(*pipeline.stages[:-1], gated)),)
        work = replace(self.work, catalog=replace(self.work.catalog, pipelines=pipelines))
        decisions.ask(work, self.deal, self.facade, gated.name, "rabat")

    def shared(self) -> None:
        maker = Member.objects.create(
            portal_id=self.work.catalog.portal_id,
            first_name="Åse",
            created_at=self.work.now,
            updated_at=self.work.now,
        )
        content = ContentFile("Malerarbejde på Ærø".encode())
        document = library.add(self.writing, maker.portal_id, "Oplæg", "plan.txt", content)
        wanted = links.Wanted(private=False, emails=[], about=(self.deal, self.facade))
        self.link, _ = links.make(self.work, document, maker, wanted)

    def viewed(self) -> None:
        self.shared()
        views.count(self.work, self.link, views.fresh_visit(self.link), None, "127.0.0.1")

    def submitted(self) -> None:
        answers = Answers({"email": "lone@havn.example", "phone": "12345678"}, (), "1", {}, {})
        submit(self.work, self.work.catalog.forms["kontakt"], answers)

    def overridden(self) -> None:
        pipeline, stages = self.work.catalog.pipelines_of("deal")[0], self.deal.stage_property
        assert stages
        gated = replace(pipeline.stages[-1], gate=Gate(requires=("closedate",)))
        pipelines = (replace(pipeline, stages=(*pipeline.stages[:-1], gated)),)
        work = replace(self.work, catalog=replace(self.work.catalog, pipelines=pipelines), override="Haster")
        write.update(work, self.deal, [(self.facade, {stages.name: gated.name})])

    def redacted(self) -> None:
        redact.redact(self.work, self.contact, [self.soren], ["firstname", "phone"])
        redact.redact(self.work, self.deal, [self.facade], ["dealstage", "amount"])

    def erased(self) -> None:
        wiring.erase(self.work, self.contact, [self.soren])
        wiring.erase(self.work, self.deal, [self.facade])

    def news(self) -> list[Change]:
        """Return what was logged since it was asked for last."""
        found = self.log(self.last)
        self.last = found[-1].seq if found else self.last
        return found

    def log(self, after: int = 0) -> list[Change]:
        found = self.work.rows(
            sql.SQL("""
                select seq, at, kind, object_type, record_id, actor, source, diff::text from {}
                where seq > %(after)s order by seq""").format(self.work.table("_change")),
            {"after": after},
        )
        return [Change(*row[:-1], json.loads(row[-1])) for row in found]


BEFORE: dict[str, Sequence[str]] = {
    "restored": ["archived"],
    "unmerged": ["merged"],
    "unlisted": ["listed"],
    "detached": ["attached"],
    "redacted": ["updated"],
    "erased": ["updated", "attached"],
}


@pytest.fixture
def world(starter: str, writing: Writing, settings: Any, tmp_path: Path) -> Any:
    settings.WONWARD_DATA = tmp_path
    use(settings, "", tmp_path / "files")
    followed = {
        "label": "Auto | Ny",
        "trigger": {"when": "dealname is not null"},
        "steps": [{"wait": "1 day"}],
    }
    defined = {
        ("list", "vip"): {"label": "Særlige", "object": "company"},
        ("form", "kontakt"): {"label": "Kontakt", "fields": [{"property": "email"}, {"property": "phone"}]},
        ("workflow", "deal.ny"): {**followed, "again": "always"},
    }
    apply.define(starter, defined, actor="user:1")
    with writing() as work:
        yield World(work, writing)


def kept(consumer: Consumer, work: Work) -> Any:
    """Return what a consumer has made of the feed."""
    match consumer.name:
        case "stage_history":
            return sorted(
                StageVisit.objects.values_list("record_id", "stage", "entered_at", "left_at"), key=str
            )
        case "spelling":
            return work.rows(sql.SQL("select word from {} order by 1").format(work.table("_word")))
        case "duplicates":
            keys = sql.SQL("select key, record_id from {} order by 1, 2").format(work.table("_duplicate_key"))
            pairs = DuplicatePair.objects.filter(state="open").values_list("low_id", "high_id", "score")
            return work.rows(keys), sorted(pairs)
        case "rollups":
            return [
                work.rows(
                    sql.SQL("select _id, {} from {} where _archived_at is null order by 1").format(
                        sql.Identifier(each.kind.properties[each.place[1]].column),
                        work.table(each.kind.table),
                    )
                )
                for each in derivation.of(work.catalog)
                if each.rollup
            ]
        case "workflows":
            return sorted(Enrolment.objects.values_list("record_id", "status"))
    raise AssertionError(f"how {consumer.name} is built anew isn't known here")


def rebuild(consumer: Consumer, world: World) -> None:
    """Build what a consumer keeps anew; who was enrolled stays, which is no picture of the records."""
    work = world.work
    match consumer.name:
        case "stage_history":
            StageVisit.objects.all().delete()
            consumer.handle(work, world.log())
        case "spelling":
            work.run(sql.SQL("delete from {}").format(work.table("_word")))
            for kind in work.catalog.object_types.values():
                for statement in search_index.learn_all(work.catalog, kind):
                    work.run(statement)
            consumer.handle(work, world.log())
        case "duplicates":
            work.run(sql.SQL("delete from {}").format(work.table("_duplicate_key")))
            DuplicatePair.objects.all().delete()
            for kind in (world.contact, world.company, world.deal):
                ids = work.rows(sql.SQL("select _id from {} order by 1").format(work.table(kind.table)))
                check(work, kind, [number for (number,) in ids])
        case "rollups":
            for each in derivation.of(work.catalog):
                if each.rollup:
                    rollups.rebuild(work, each, 0)


@pytest.mark.parametrize("kind", get_args(ChangeKind))
@pytest.mark.parametrize("consumer", wiring.CONSUMERS, ids=lambda each: each.name)
def test_a_batch_of_each_kind_does_what_building_anew_does(
    world: World, consumer: Consumer, kind: ChangeKind
) -> None:
    for before in BEFORE.get(kind, ()):
        getattr(world, before)()
    consumer.handle(world.work, world.news())
    assert kept(consumer, world.work), "there is something to get wrong"
    getattr(world, kind)()
    news = world.news()
    assert kind in {change.kind for change in news}
    consumer.handle(world.work, news)
    found = kept(consumer, world.work)
    rebuild(consumer, world)
    assert found == kept(consumer, world.work)
    consumer.handle(world.work, news)
    assert found == kept(consumer, world.work), "twice is as good as once"
