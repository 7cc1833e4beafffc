"""Changes of what members may do: each is written down with who made it, and some only a super admin makes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from wonward import clock
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal, RightsChange
from wonward.errors import Forbidden

CLI = "cli"
"""The actor of the command line, where whoever may run it may all."""

_WATCHED = ("role", "team", "extra_team", "seat", "sees_sensitive", "archived")
_BESIDE = ("title", "phone", "away_from", "away_until", "first_name", "last_name")


@contextmanager
def changing(member: Member, actor: str) -> Iterator[None]:
    """Save what the block changes of a member, and write down what of it are rights."""
    before, held = _columns(member), said(member)
    yield
    fields = [name for name, value in _columns(member).items() if before[name] != value]
    if not fields:
        return
    member.updated_at = clock.now()
    with transaction.atomic():
        member.save(update_fields=[*fields, "updated_at"])
        note(member, actor, held)


def note(member: Member, actor: str, held: Mapping[str, str]) -> None:
    """Write down how the rights of a member differ from those they `held`: text by what it is about."""
    now = clock.now()
    RightsChange.objects.bulk_create(
        RightsChange(
            portal_id=member.portal_id,
            member=member,
            actor=actor,
            what=what,
            before=held.get(what, ""),
            after=after,
            at=now,
        )
        for what, after in said(member).items()
        if held.get(what, "") != after
    )


def changes(portal: Portal, member: Member | None = None, most: int = 50) -> Sequence[RightsChange]:
    """Return the latest changes of rights in a portal, or of one member, newest first."""
    found = RightsChange.objects.filter(portal=portal).select_related("member")
    if member:
        found = found.filter(member=member)
    return list(found.order_by("-at", "-id")[:most])


def asker(portal_id: int, actor: str) -> Member | None:
    """Return the member who acts, None where it is the house or the command line."""
    kind, _, number = actor.partition(":")
    if kind != "user" or not number.isdecimal():
        return None
    return Member.objects.filter(portal_id=portal_id, user_id=int(number), archived=False).first()


def require_super_admin(portal_id: int, actor: str, what: str) -> None:
    """Raise Forbidden when whoever acts is a person, and no super admin; `what` follows after "may"."""
    if not actor.startswith("user:"):
        return
    acting = asker(portal_id, actor)
    if acting is None or acting.role != SUPER_ADMIN:
        raise Forbidden(
            f"Only a super admin of the portal may {what}; ask one of them", code="SUPER_ADMIN_NEEDED"
        )


def _columns(member: Member) -> dict[str, Any]:
    """Return what may change of a member, as it is stored."""
    return {
        name: getattr(member, f"{name}_id" if name.endswith("team") else name)
        for name in (*_WATCHED, *_BESIDE)
    }


def said(member: Member) -> dict[str, str]:
    """Return the rights of a member in text; empty for none."""
    return {
        "role": member.role,
        "team": member.team.name if member.team else "",
        "extra_team": member.extra_team.name if member.extra_team else "",
        "seat": member.seat,
        "sees_sensitive": "yes" if member.sees_sensitive else "",
        "member": "" if member.archived else "yes",
    }
