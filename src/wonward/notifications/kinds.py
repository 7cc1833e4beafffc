"""The kinds of notifications and the ways they come by; a member may switch off each way of each kind."""

from collections.abc import Mapping
from typing import Literal

from django.utils.translation import gettext as _

Kind = Literal["approval", "decision", "record", "document", "team"]
Channel = Literal["page", "mail"]


def kinds() -> Mapping[Kind, str]:
    """Return when members are told something, in words."""
    return {
        "approval": _("Somebody asks for my approval"),
        "decision": _("An approval I asked for was decided"),
        "record": _("Something happened to a record of mine"),
        "document": _("Somebody reads a document I shared"),
        "team": _("My team is told something"),
    }


def channels() -> Mapping[Channel, str]:
    """Return how members are told, in words."""
    return {"page": _("In Wonward"), "mail": _("By mail")}
