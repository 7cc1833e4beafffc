"""Owners: the members of a portal that records can belong to."""

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse

from wonward.accounts.models import Member
from wonward.api import answers
from wonward.api.calls import Call, number
from wonward.errors import Missing
from wonward.schema.field_types.time import iso

PAGE = 500


def list_page(call: Call) -> HttpResponse:
    """Answer with a page of owners, or with the one who has an email address."""
    limit = call.limit(100, PAGE)
    wanted = _owners(call).filter(id__gt=call.after())
    if email := call.text("email"):
        wanted = wanted.filter(email__iexact=email)
    found = list(wanted.order_by("id")[: limit + 1])
    paging = answers.paging(call.request, str(found[limit - 1].id)) if len(found) > limit else None
    return answers.listed([msgspec.json.encode(_shape(each)).decode() for each in found[:limit]], paging)


def read(call: Call) -> HttpResponse:
    """Answer with one owner, by id or with `idProperty=userId` by the user's."""
    column = "user_id" if call.text("idProperty") == "userId" else "id"
    wanted = number(call.names["id"])
    found = _owners(call).filter(**{column: wanted}).first() if wanted is not None else None
    if found is None:
        raise Missing(
            f"There is no owner {call.names['id']}", code="OBJECT_NOT_FOUND", context={"id": call.names["id"]}
        )
    return answers.built(_shape(found))


def _owners(call: Call) -> QuerySet[Member]:
    return Member.objects.filter(
        portal_id=call.work.catalog.portal_id, owns_records=True, archived=call.flag("archived")
    ).select_related("team", "extra_team")


def _shape(member: Member) -> dict[str, object]:
    shape: dict[str, object] = {
        "id": str(member.id),
        "email": member.email or "",
        "type": "PERSON",
        "firstName": member.first_name,
        "lastName": member.last_name,
        "createdAt": iso(member.created_at),
        "updatedAt": iso(member.updated_at),
        "archived": member.archived,
    }
    if member.user_id is not None:
        shape["userIdIncludingInactive" if member.archived else "userId"] = member.user_id
        shape["userIdIncludingInactive"] = member.user_id
    teams = [
        {"id": str(team.id), "name": team.name, "primary": team is member.team}
        for team in (member.team, member.extra_team)
        if team is not None
    ]
    if teams:
        shape["teams"] = teams
    return shape
