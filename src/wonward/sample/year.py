"""Lives through a portal's past: every few days new deals come in, others go on, workflows do what is due.

The clock is set to each of those days, and everything goes through the ways that people's work takes: gates hold,
the log is written, tasks and reminders fall due. A day depends on its date and on what is there, so that a past
that was interrupted goes on where it stopped.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from wonward import clock, wiring
from wonward.accounts import memberships, users
from wonward.accounts.models import Member, Portal, User
from wonward.errors import Refusal
from wonward.marketing.source import UTM
from wonward.marketing.submit import Answers, submit
from wonward.metrics.period import Span
from wonward.records import associate, query, write
from wonward.records.associate import Link
from wonward.records.query import Query
from wonward.records.work import NOBODYS, Work
from wonward.sample import aims, recipe
from wonward.sample.said import Flow, Sample
from wonward.schema import load, seating
from wonward.schema.catalog import ObjectType
from wonward.schema.form import CONTACT
from wonward.schema.pipelines import Pipeline
from wonward.worker import loop

STEP = timedelta(days=3)
_MOST_ROUNDS = 200


@dataclass
class Told:
    """What came of it."""

    deals: int = 0
    moved: int = 0
    refused: int = 0
    tasks: int = 0
    forms: int = 0


def begin(portal: Portal, sample: Sample) -> None:
    """Enter the people of a sample, and the companies they work for or with; once, however often it is asked."""
    catalog = load.of_portal(portal)
    for each in sample.people:
        user = User.objects.filter(email=each.email).first() or User.objects.create_user(
            each.email, full_name=each.name
        )
        member = users.join(user, portal, each.role)
        Member.objects.filter(pk=member.pk).update(
            owns_records=True, title=each.title, phone=each.phone, updated_at=clock.now()
        )
        memberships.give_teams(portal, each.email, each.team, None)
        if each.seat:
            seating.assign(portal, each.email, catalog.seats[each.seat])


def live(portal: Portal, sample: Sample, until: datetime) -> Iterator[tuple[datetime, Told]]:
    """Live through the time from where the portal's log ends up to a moment; yield each day with what has come so far.

    A portal without records begins the sample's months before that moment.
    """
    told, moment = Told(), _since(portal, sample, until)
    begin(portal, sample)
    aims.enter(_reading(portal), sample, Span(moment.date(), until.date()))
    while (moment := moment + STEP) < until:
        with clock.fixed(moment):
            day = _Day(portal, sample, moment, told)
            day.pass_by()
            _settle()
        yield moment, told


def _since(portal: Portal, sample: Sample, until: datetime) -> datetime:
    work = _reading(portal)
    kind, _ = _through(work, sample)
    latest = query.rows(work, Query(kind, order=(("createdate", True),), limit=1), ["createdate"])
    found = until - timedelta(days=30.4 * sample.months)
    if latest:
        found = datetime.fromisoformat(latest[0][1])
    return found.replace(hour=9, minute=0, second=0, microsecond=0)


def _reading(portal: Portal) -> Work:
    return wiring.reading(portal.name, actor="sample", source="cli")


def _settle() -> None:
    """Let the worker do what the day brought, until there is nothing left."""
    for _ in range(_MOST_ROUNDS):
        if not loop.catch_up() + loop.tend_workflows():
            return


@dataclass
class _Day:
    """One day: what is there in the morning, and the chance that it has."""

    portal: Portal
    sample: Sample
    moment: datetime
    told: Told

    def __post_init__(self) -> None:
        self.chance = Random(f"{self.portal.name} {self.moment.date()}")  # noqa: S311 - made up data, nothing secret
        self.work = _reading(self.portal)
        self.kind, self.pipeline = _through(self.work, self.sample)
        self.where, self.stage = (
            prop.name for prop in (self.kind.pipeline_property, self.kind.stage_property) if prop
        )
        self.sellers = {
            str(member.pk): member
            for member in Member.objects.filter(portal=self.portal, archived=False).order_by("pk")
            if member.email in {each.email for each in self.sample.people if each.sells}
        }

    @property
    def today(self) -> datetime:
        """When the day began where the portal is."""
        there = self.moment.astimezone(ZoneInfo(self.portal.time_zone))
        return there.replace(hour=0, minute=0, second=0, microsecond=0)

    def pass_by(self) -> None:
        """Do all that is done on the day."""
        self._companies()
        self._deals()
        self._forms()
        for stage, flow in self.sample.flow.items():
            self._go_on(stage, flow)
        self._tasks()

    def _writing(self, owner: str | None) -> AbstractContextManager[Work]:
        member = self.sellers.get(owner or "")
        actor = f"user:{member.user_id}" if member else "sample"
        return wiring.writing(self.portal.name, actor=actor, source="cli")

    def _made(self, kind: ObjectType, known: Mapping[str, str | None] | None = None) -> dict[str, str]:
        recipes = self.sample.values.get(kind.name, {})
        return recipe.made(recipes, kind.properties, known or {}, self.sample.names, self.today, self.chance)

    def _companies(self) -> None:
        """Make the companies there are to be, each with a contact, in the first days."""
        company, contact = (self.work.catalog.object_type(name) for name in ("company", "contact"))
        short = self.sample.companies - query.count(self.work, Query(company))
        for _ in range(min(short, 20)):
            owner = self.chance.choice(list(self.sellers))
            with self._writing(owner) as work:
                made = self._made(company)
                (of,) = write.create(work, company, [{**made, "hubspot_owner_id": owner}])
                people = [
                    {**self._made(contact, made), "hubspot_owner_id": owner}
                    for _ in range(self.chance.choice((1, 1, 2)))
                ]
                links = [Link(number, of) for number in write.create(work, contact, people)]
                associate.associate(work, contact, company, links)

    def _deals(self) -> None:
        company, contact = (self.work.catalog.object_type(name) for name in ("company", "contact"))
        of_company = ["company.hs_object_id", "company.name", "company.hubspot_owner_id"]
        customers = query.condition(self.work, contact, "company.hubspot_owner_id is not null")
        people = query.rows(self.work, Query(contact, customers), of_company)
        for _ in range(round(self.chance.gauss(self.sample.deals_a_week * STEP.days / 7, 1))):
            person, of, name, owner = self.chance.choice(people)
            start = self.pipeline.start or (self.pipeline.stages[0].name,)
            values = {
                self.where: self.pipeline.name,
                self.stage: start[0],
                "hubspot_owner_id": owner,
                **self._recipes("create", {"company": name}),
            }
            with self._writing(owner) as work:
                (deal,) = write.create(work, self.kind, [values])
                associate.associate(work, self.kind, company, [Link(deal, int(of))])
                associate.associate(work, self.kind, contact, [Link(deal, person)])
            self.told.deals += 1

    def _forms(self) -> None:
        """Have people outside send the forms, each as somebody new."""
        for name, a_week in self.sample.forms.items():
            recipes = self.sample.values.get(f"form.{name}", {})
            for _ in range(max(0, round(self.chance.gauss(a_week * STEP.days / 7, 0.7)))):
                contact = self.work.catalog.object_type(CONTACT).properties
                said = recipe.made(recipes, contact, {}, self.sample.names, self.today, self.chance)
                utm = {each: said.pop(each) for each in UTM if each in said}
                form = self.work.catalog.forms[name]
                agreed = {each.name for each in form.consents if each.required or self.chance.random() < 0.5}
                answers = Answers(said, agreed, str(self.chance.random()), {}, utm)
                with wiring.writing(
                    self.portal.name, actor=f"form:{name}", source="form", rights=NOBODYS
                ) as work:
                    submit(work, form, answers)
                self.told.forms += 1

    def _recipes(self, stage: str, known: Mapping[str, str | None]) -> dict[str, str]:
        """Return what a deal gets when it is made, or comes into a stage: the recipes under `deal.<stage>`."""
        recipes = self.sample.values.get(f"{self.kind.name}.{stage}", {})
        return recipe.made(recipes, self.kind.properties, known, self.sample.names, self.today, self.chance)

    def _go_on(self, stage: str, flow: Flow) -> None:
        """Take the records of a stage whose time has come on to the next one, with what its gate asks for."""
        names = [name for name, prop in self.kind.properties.items() if not prop.hidden]
        standing = Query(
            self.kind,
            equal=((self.where, self.pipeline.name), (self.stage, stage)),
            order=(("createdate", False),),
        )
        for number, *texts in query.rows(self.work, standing, names):
            there = dict(zip(names, texts, strict=True))
            to = self._to(flow) if self.chance.random() <= STEP.days / flow.days else None
            if to is None:
                self._slip(number, there)
                continue
            recipes = self._recipes(to, there)
            given = {name: text for name, text in recipes.items() if not there.get(name)}
            self._move(number, there, {self.stage: to, **given})

    def _slip(self, number: int, there: Mapping[str, str | None]) -> None:
        """Give a record whose close date has passed what the recipes `deal.slips` say: people put it off."""
        due = there.get(self.kind.close_property)
        if due and due < self.moment.isoformat():
            self._move(number, there, self._recipes("slips", there))

    def _to(self, flow: Flow) -> str | None:
        left = self.chance.random()
        for stage, share in flow.to.items():
            left -= share
            if left <= 0:
                return stage
        return None

    def _move(self, number: int, there: Mapping[str, Any], values: Mapping[str, str]) -> None:
        if not values:
            return
        try:
            with self._writing(there.get("hubspot_owner_id")) as work:
                write.update(work, self.kind, [(number, values)])
            self.told.moved += 1
        except Refusal:
            self.told.refused += 1  # as it happens to people; the record stays where it is

    def _tasks(self) -> None:
        """Finish some of the tasks that are due."""
        task = self.work.catalog.object_type("task")
        open_ones = query.condition(
            self.work, task, "hs_task_status = 'NOT_STARTED' and hs_timestamp < now()"
        )
        due = query.rows(self.work, Query(task, open_ones), [])
        done = [(number, {"hs_task_status": "COMPLETED"}) for (number,) in due if self._finishes()]
        if done:
            with self._writing(None) as work:
                write.update(work, task, done)
            self.told.tasks += len(done)

    def _finishes(self) -> bool:
        return self.chance.random() < self.sample.tasks_done


def _through(work: Work, sample: Sample) -> tuple[ObjectType, Pipeline]:
    """Return the object type and the pipeline that the sample's deals go through."""
    type_name, _, name = sample.pipeline.partition(".")
    kind = work.catalog.object_type(type_name)
    return kind, next(each for each in work.catalog.pipelines_of(kind.name) if each.name == name)
