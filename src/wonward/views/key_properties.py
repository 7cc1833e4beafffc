"""The properties that stand first on a record's page: a person's choice, else the default of their role or type."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from wonward.accounts.models import Member
from wonward.errors import Invalid
from wonward.schema.catalog import ObjectType
from wonward.views.models import Choice

MOST = 60
"""Properties that may stand first; what doesn't is one click further down."""


def chosen(member: Member, kind: ObjectType) -> list[str] | None:
    """Return the names of the properties that a member has chosen for a type, None when they take the default.

    What is gone meanwhile, or kept from them, is left out.
    """
    found = Choice.objects.filter(member=member, object_type=kind.name)
    names = found.values_list("properties", flat=True).first()
    return None if names is None else [name for name in names if name in kind.properties]


def default(kind: ObjectType) -> list[str]:
    """Return the names of the properties that stand first for who has chosen none."""
    if kind.key_properties:
        return known(kind, kind.key_properties)
    there = known(kind, (*kind.display, *kind.columns, *kind.card))
    return [name for name in there if not kind.properties[name].column.startswith("_")]


def choose(member: Member, kind: ObjectType, names: Sequence[str] | None) -> None:
    """Have properties stand first for a member, or the default again; raise Invalid for too many."""
    wanted = None if names is None else known(kind, names)
    Choice.objects.update_or_create(member=member, object_type=kind.name, defaults={"properties": wanted})


def known(kind: ObjectType, names: Sequence[str]) -> list[str]:
    """Return the names that a type has, each once; raise Invalid for too many."""
    found = [name for name in dict.fromkeys(names) if name in kind.properties]
    if len(found) > MOST:
        message = _("At most %(most)s properties can stand first; take %(many)s away")
        raise Invalid(message % {"most": MOST, "many": len(found) - MOST}, code="INVALID_VIEW")
    return found
