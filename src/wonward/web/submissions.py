"""The page of a portal's forms: where people fill them in, and what they have sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from wonward.errors import Missing
from wonward.marketing import submissions as sent
from wonward.marketing.models import Submission
from wonward.records.names import names
from wonward.schema.form import CONTACT
from wonward.web.access import Link, Visit, member
from wonward.web.values import Values


@dataclass(frozen=True, slots=True)
class Line:
    """One submission as the page shows it."""

    at: datetime
    form: str
    contact: Link
    answers: Sequence[str]
    consents: Sequence[str]
    source: str


@member("GET")
def submissions(visit: Visit) -> HttpResponse:
    """Show the forms, and the submissions of those contacts that the person sees."""
    kind = visit.catalog.object_types.get(CONTACT)
    if kind is None:
        raise Missing("There are no contacts here for you", code="OBJECT_TYPE_NOT_FOUND")
    name = visit.request.GET.get("form", "")
    chosen = name if name in visit.catalog.forms else ""
    found = sent.newest(visit.catalog.portal_id, chosen, _number(visit.request.GET.get("before", "")))
    page = found[: sent.PAGE]
    called = names(visit.work, kind, [each.contact_id for each in page if each.contact_id])
    address = reverse("submissions", args=[visit.portal])
    more = f"{address}?form={chosen}&before={page[-1].pk}" if len(found) > len(page) else ""
    context = {
        "forms": [
            (each, f"{settings.WONWARD_URL.rstrip('/')}{reverse('form', args=[visit.portal, each.name])}")
            for each in visit.catalog.forms.values()
        ],
        "chosen": chosen,
        "lines": [_line(visit, each, called) for each in page if each.contact_id in called],
        "address": address,
        "more": more,
    }
    return visit.page("submissions/submissions.html", context)


def told(visit: Visit, submission: Submission) -> list[str]:
    """Return the answers of a submission in words, as far as the person may see them."""
    values = Values(visit.catalog, {})
    return [
        f"{prop.label}: {values.text(prop, text)}" for prop, text in sent.answers(visit.catalog, submission)
    ]


def agreed(submission: Submission) -> list[str]:
    """Return what was agreed to and what wasn't, in words."""
    return [f"{_('Yes') if each['given'] else _('No')}: {each['text']}" for each in submission.consents]


def _line(visit: Visit, submission: Submission, called: dict[int, str]) -> Line:
    kind = visit.catalog.object_types[CONTACT]
    form = visit.catalog.forms.get(submission.form)
    number = submission.contact_id or 0
    return Line(
        submission.at,
        form.label if form else submission.form,
        Link(called[number], reverse("record", args=[visit.portal, kind.plural, number]), kind.icon),
        told(visit, submission),
        agreed(submission),
        channel(visit, submission.source),
    )


def channel(visit: Visit, name: str) -> str:
    """Return what a channel is called."""
    prop = visit.catalog.object_types[CONTACT].properties.get("hs_latest_source")
    return prop.option_label(name) if prop else name


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
