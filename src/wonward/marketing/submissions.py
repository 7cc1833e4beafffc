"""Reads what was sent by forms: the newest of a portal, of one form, of a contact."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from wonward.marketing.models import Submission
from wonward.schema.catalog import Catalog, Property
from wonward.schema.form import COMPANY, CONTACT

PAGE = 50


def newest(portal_id: int, form: str = "", before: int | None = None) -> Sequence[Submission]:
    """Return a page of submissions, the newest first and one more than a page where there are more."""
    found = Submission.objects.filter(portal_id=portal_id)
    if form:
        found = found.filter(form=form)
    if before:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-id")[: PAGE + 1])


def by_id(portal_id: int, ids: Iterable[int]) -> Mapping[int, Submission]:
    """Return submissions by their ids."""
    wanted = list(ids)
    if not wanted:
        return {}
    return Submission.objects.filter(portal_id=portal_id).in_bulk(wanted)


def of_contacts(portal_id: int, contacts: Sequence[int]) -> list[Submission]:
    """Return all that contacts have sent, the oldest first."""
    found = Submission.objects.filter(portal_id=portal_id, contact_id__in=list(contacts))
    return list(found.order_by("id"))


def answers(catalog: Catalog, submission: Submission) -> Iterator[tuple[Property, str]]:
    """Yield what was answered, by property in the form's order, as far as whoever's catalog it is may see it."""
    form = catalog.forms.get(submission.form)
    order = [each.name for each in form.fields] if form else []
    for name, text in sorted(
        submission.values.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order)
    ):
        kind = catalog.object_types.get(COMPANY if "." in name else CONTACT)
        prop = kind.properties.get(name.rpartition(".")[2]) if kind else None
        if prop and not prop.masked:
            yield prop, text
