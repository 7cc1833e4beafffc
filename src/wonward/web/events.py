"""Tells single events of a timeline in words: what was decided, passed, filed, listed and sent by a form."""

from collections.abc import Mapping

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from wonward.marketing.models import Submission
from wonward.records.correspondents import CONTACT
from wonward.records.history import Entry
from wonward.schema.catalog import Catalog, ObjectType
from wonward.web import submissions
from wonward.web.access import Link, Visit
from wonward.web.story import Story, anchor, door


def of_decision(entry: Entry, heading: str, who: str, via: str) -> Story:
    """Tell an approval or a tick, and its reason."""
    diff = entry.diff
    if diff.get("tick"):
        what = _("ticked") if diff.get("state") == "approved" else _("took the tick back:")
    else:
        what = {
            "asked": _("asked for approval:"),
            "approved": _("approved:"),
            "declined": _("declined:"),
        }.get(diff.get("state", ""), _("made void by a new value:"))
    what = f"{what} {diff.get('message', '')}"
    return Story(anchor(entry), entry.at, heading, "check", who, what, via, text=diff.get("reason", ""))


def of_override(kind: ObjectType, entry: Entry, heading: str, who: str, via: str) -> Story:
    """Tell that somebody moved a record past a gate: why, and what it lacked."""
    what = _("moved this %(kind)s past a gate") % {"kind": kind.label.lower()}
    passed = [each["message"] for each in entry.diff.get("passed", ())]
    reason = entry.diff.get("reason", "")
    return Story(anchor(entry), entry.at, heading, "stage", who, what, via, text=reason, facts=passed)


def of_file(entry: Entry, heading: str, who: str, via: str) -> Story:
    """Tell that a file was attached or removed."""
    what = "attached" if entry.kind == "attached" else "removed"
    if entry.diff.get("infected"):
        what = "removed what the virus scanner found to be infected:"
    file = f"{entry.diff['name']} ({filesizeformat(entry.diff['size'])})" if entry.diff else "a file"
    return Story(anchor(entry), entry.at, heading, "file", who, f"{what} {file}", via)


def of_listing(catalog: Catalog, entry: Entry, heading: str, who: str, via: str) -> Story:
    """Tell that a record was put on a list or taken off it."""
    name = str(entry.diff.get("list", ""))
    known = catalog.lists.get(name)
    what = "put this on the list" if entry.kind == "listed" else "took this off the list"
    what = f"{what} {known.label if known else name}"
    return Story(anchor(entry), entry.at, heading, "list", who, what, via)


def of_submission(visit: Visit, entry: Entry, heading: str, sent: Submission | None) -> Story:
    """Tell that a form was sent: what was answered, agreed to, and where whoever sent it came from."""
    form = visit.catalog.forms.get(entry.diff.get("form", ""))
    label = form.label if form else entry.diff.get("label", "")
    facts = [*submissions.told(visit, sent), *submissions.agreed(sent)] if sent else []
    source = entry.diff.get("source", "")
    via = submissions.channel(visit, source) if source else ""
    return Story(anchor(entry), entry.at, heading, "list", label, _("was sent"), via, facts=facts)


def of_document(
    visit: Visit,
    entry: Entry,
    heading: str,
    who: str,
    names: Mapping[tuple[str, int], str],
) -> Story:
    """Tell that a document was shared, or read by whom."""
    diff, via = entry.diff, door(entry)
    reader = names.get((CONTACT, diff.get("contact") or 0), "")
    if entry.kind == "viewed":
        who, via = reader or _("Somebody"), ""
        what = _("downloaded") if diff.get("saved") else _("looked at")
    else:
        what = _("shared with %(name)s:") % {"name": reader} if reader else _("shared by link:")
    links = []
    if diff.get("document"):
        links = [
            Link(diff.get("title", ""), reverse("library_document", args=[visit.portal, diff["document"]]))
        ]
    return Story(anchor(entry), entry.at, heading, "file", who, what, via, links=links)
