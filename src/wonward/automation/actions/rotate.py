"""Gives records to owners in turn: evenly or by weight, skipping those who left, are away or lack the seat."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from django.db.models import Q
from msgspec import Meta, Struct

from wonward.accounts.memberships import is_away
from wonward.accounts.models import Member
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.automation.models import Turns
from wonward.errors import Invalid
from wonward.records import write
from wonward.records.work import Work
from wonward.schema import seating
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.property_body import Name

Weight = Annotated[int, Meta(ge=1, le=1000)]


class Rotation(Struct, forbid_unknown_fields=True):
    """Owners by email address, or all of a team, with a weight for each who gets more than one share."""

    among: Annotated[list[str], Meta(min_length=1)] | str
    weights: dict[str, Weight] = {}
    property: Name = "hubspot_owner_id"


class RotateStep(Struct, forbid_unknown_fields=True):
    """Whose turn it is to own the record."""

    rotate: Rotation


def _parts(_catalog: Catalog, kind: ObjectType, said: RotateStep) -> Iterator[Part]:
    prop = kind.property_named(said.rotate.property)
    if prop.type != "owner":
        raise Invalid(f"{prop.label} holds no owner; name a property that does")
    among = said.rotate.among
    strangers = [] if isinstance(among, str) else sorted(said.rotate.weights.keys() - set(among))
    if strangers:
        raise Invalid(f"{', '.join(strangers)} has a weight but no turn; add the address to among")
    yield Part("property", kind, sets=prop.name)


def _do(batch: Batch) -> list[Done]:
    said: Rotation = batch.step.said.rotate
    members = _present(batch.work, said)
    if not members:
        raise Invalid(
            f"Nobody is there to take {batch.kind.plural_label.lower()}; add owners to the rotation who aren't away, "
            "and give them a seat where the rotation of leads needs one"
        )
    weights = {each.pk: said.weights.get(each.email or "", 1) for each in members}
    where = {
        "portal_id": batch.work.catalog.portal_id,
        "workflow": batch.workflow.name,
        "place": batch.step.place,
    }
    Turns.objects.bulk_create([Turns(**where)], ignore_conflicts=True)
    turns = Turns.objects.select_for_update().get(**where)
    chosen, turns.taken = share_out(turns.taken, weights, len(batch.enrolments))
    turns.save(update_fields=["taken"])
    write.update(
        batch.work,
        batch.kind,
        [
            (record_id, {said.property: str(number)})
            for record_id, number in zip(batch.ids, chosen, strict=True)
        ],
    )
    names = {each.pk: each.full_name for each in members}
    return [Done(f"gave it to {names[number]}") for number in chosen]


def _present(work: Work, said: Rotation) -> Sequence[Member]:
    """Return the members who take turns, in a lasting order: those who are there and have the seat it needs."""
    there = Member.objects.filter(portal_id=work.catalog.portal_id, archived=False, owns_records=True)
    of = (
        there.filter(Q(team__name=said.among) | Q(extra_team__name=said.among))
        if isinstance(said.among, str)
        else there.filter(email__in=said.among)
    )
    present = [each for each in of.order_by("id") if not is_away(each, work.today)]
    return seating.with_unlocked(present, work.catalog.seats, "lead_rotation")


def share_out(
    taken: Mapping[str, int], weights: Mapping[int, int], count: int
) -> tuple[list[int], dict[str, int]]:
    """Return who gets each of `count` records, and how many turns each has had then.

    The next turn is theirs who have had the fewest for their weight. Who comes anew begins where the others
    are, and doesn't catch up on what was before.
    """
    known = [taken[str(member)] / weight for member, weight in weights.items() if str(member) in taken]
    start = min(known, default=0.0)
    had = Counter(
        {member: taken.get(str(member), round(start * weight)) for member, weight in weights.items()}
    )
    chosen = []
    for _ in range(count):
        member = min(weights, key=lambda each: ((had[each] + 1) / weights[each], each))
        had[member] += 1
        chosen.append(member)
    return chosen, {**taken, **{str(member): number for member, number in had.items()}}


ROTATE = Action("rotate", RotateStep, _parts, _do)
