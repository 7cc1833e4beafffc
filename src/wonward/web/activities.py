"""Entering a note, call, email, meeting or task about a record, on the record's own page."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from wonward.activities import timeline
from wonward.activities.enter import OWNER, enter
from wonward.errors import Missing, Problem, Refusal
from wonward.schema.catalog import ObjectType, Property
from wonward.schema.field_types.time import iso
from wonward.web import fields
from wonward.web.access import Link, Visit, member
from wonward.web.loading import Record, load
from wonward.web.properties import CHANGED


@member("GET", "POST")
def enter_activity(visit: Visit, plural: str, record_id: int, activity: str) -> HttpResponse:
    """Show the form of one type of activity, or enter what was typed there."""
    about = load(visit, plural, record_id, [], live=True)
    kind = visit.kind(activity)
    if kind not in timeline.activity_types(visit.catalog, about.kind):
        raise Missing(f"{about.kind.plural_label} have no {kind.plural_label}")
    problems: tuple[Problem, ...] = ()
    if visit.request.method == "POST":
        given = fields.given(kind, _asked(kind), visit.request.POST)
        try:
            with visit.writing() as work:
                enter(work, kind, given, (about.kind, record_id), owner=visit.member_id)
        except Refusal as refusal:
            problems = refusal.problems
        if not problems and not visit.partial:
            return redirect("record", visit.portal, plural, record_id)
    composer = compose(visit, about, kind, problems)
    template = "record/composer.html" if visit.partial else "record/composer_page.html"
    context = {"record": about, "kind": about.kind, "composer": composer}
    response = visit.page(template, context, 422 if problems else 200)
    if visit.request.method == "POST" and not problems:
        response["HX-Trigger"] = CHANGED
    return response


@dataclass(frozen=True, slots=True)
class Composer:
    """The form of one type of activity: what is told in words, then the facts beside it."""

    kind: ObjectType
    address: str
    words: list[fields.Field]
    facts: list[fields.Field]
    elsewhere: list[Problem]


def composers(visit: Visit, about: Record) -> list[Link]:
    """Return the ways to the forms of every type of activity a record can have."""
    return [Link(kind.label, _address(visit, about, kind), kind.icon) for kind in _kinds(visit, about)]


def first_composer(visit: Visit, about: Record) -> Composer | None:
    """Return the form that stands open at first: that of the type entered in the fewest words."""
    kinds = _kinds(visit, about)
    return compose(visit, about, kinds[0]) if kinds else None


def compose(visit: Visit, about: Record, kind: ObjectType, problems: tuple[Problem, ...] = ()) -> Composer:
    """Return the form of an activity, filled in with its defaults or with what was refused."""
    values: dict[str, str | None] = {prop.name: prop.default for prop in _asked(kind) if prop.default}
    values |= {timeline.MOMENT: iso(visit.work.now), OWNER: str(visit.member_id)}
    typed = visit.request.POST if problems else None
    built = fields.build(visit.catalog, kind, _asked(kind), values, typed=typed, problems=problems)
    words = [field for field in built if field.prop.name in kind.display or field.prop.type == "long_text"]
    facts = [field for field in built if field not in words]
    return Composer(kind, _address(visit, about, kind), words, facts, fields.elsewhere(built, problems))


def _kinds(visit: Visit, about: Record) -> list[ObjectType]:
    """Return the types of activity a record can have, those entered in the fewest words first."""
    kinds = filter(visit.may_create, timeline.activity_types(visit.catalog, about.kind))
    return sorted(kinds, key=lambda kind: len(_asked(kind)))


def _asked(kind: ObjectType) -> list[Property]:
    """Return the properties asked for: those a timeline tells."""
    settable = {prop.name: prop for prop in fields.editable(kind)}
    return [settable[name] for name in timeline.shown(kind) if name in settable]


def _address(visit: Visit, about: Record, kind: ObjectType) -> str:
    return reverse("enter", args=[visit.portal, about.kind.plural, about.record_id, kind.plural])
