"""Tells people about each enrolled record: its owner, a member, those with a role, or a team."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Q
from msgspec import Struct

from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member
from wonward.automation import values
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.errors import Invalid
from wonward.notifications import tell
from wonward.notifications.tell import News
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.property_body import Name

OWNER, OWNED_BY = "owner", "hubspot_owner_id"


class Group(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Those with a role, or the members of a team."""

    role: Name = ""
    team: str = ""


class Message(Struct, forbid_unknown_fields=True):
    """Whom it is told, and a text with variables."""

    to: str | Group
    text: str


class NotifyStep(Struct, forbid_unknown_fields=True):
    """What to tell whom."""

    notify: Message


def _parts(catalog: Catalog, kind: ObjectType, said: NotifyStep) -> Iterator[Part]:
    to = said.notify.to
    if isinstance(to, Group):
        if bool(to.role) == bool(to.team):
            raise Invalid("to: give either a role or a team")
        if to.role and to.role != SUPER_ADMIN:
            if to.role not in catalog.roles:
                raise Invalid(f"there is no role '{to.role}'; choose from {', '.join(sorted(catalog.roles))}")
            yield Part("to", kind, uses=("role", to.role))
    elif to == OWNER:
        if OWNED_BY not in kind.properties:
            raise Invalid(f"a {kind.label.lower()} has no owner; say whom to tell")
    elif "@" not in to:
        raise Invalid(f"'{to}' is nobody to tell; give owner, an address, a role or a team")
    for hole in values.pieces(kind, said.notify.text):
        if isinstance(hole, values.Hole):
            yield Part("text", kind, expression=hole.expression)


def _do(batch: Batch) -> list[Done]:
    said: Message = batch.step.said.notify
    texts = [row["text"] or "" for row in values.worked_out(batch, {"text": said.text})]
    receivers = _receivers(batch, said.to)
    news = [
        News(member, text, (batch.kind, number))
        for number, text in zip(batch.ids, texts, strict=True)
        for member in receivers[number]
    ]
    of_team = isinstance(said.to, Group) and bool(said.to.team)
    told = tell.each(batch.work, "team" if of_team else "record", news)
    heard = {member.pk for member in told.members}
    return [_done(receivers[number], heard) for number in batch.ids]


def _done(members: Sequence[Member], heard: set[int]) -> Done:
    told = [each.full_name for each in members if each.pk in heard]
    silent = [each.full_name for each in members if each.pk not in heard]
    said = f"told {', '.join(told)}" if told else "there was nobody to tell"
    if silent:
        said += f"; {', '.join(silent)} without a seat that unlocks notifications of teams"
    return Done(said)


def _receivers(batch: Batch, to: str | Group) -> Mapping[int, Sequence[Member]]:
    """Return the members to tell of each record, in one or two statements."""
    there = Member.objects.filter(portal_id=batch.work.catalog.portal_id, archived=False).order_by("pk")
    if to == OWNER:
        owners = values.answers(batch, [OWNED_BY])
        known = {
            str(each.pk): each for each in there.filter(pk__in={own for (own,) in owners.values() if own})
        }
        return {number: [known[own]] if own in known else [] for number, (own,) in owners.items()}
    if isinstance(to, Group):
        in_team = Q(team__name__iexact=to.team) | Q(extra_team__name__iexact=to.team)
        found = list(there.filter(in_team) if to.team else there.filter(role=to.role))
    else:
        found = list(there.filter(email__iexact=to))
    return dict.fromkeys(batch.ids, found)


NOTIFY = Action("notify", NotifyStep, _parts, _do)
