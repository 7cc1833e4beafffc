"""One property of a record: shown, edited in place, saved."""

from django.http import HttpResponse
from django.shortcuts import redirect

from wonward.errors import Missing, Problem, Refusal
from wonward.schema.catalog import Property
from wonward.web import fields, panel, saving
from wonward.web.access import Visit, member
from wonward.web.loading import Record, load

CHANGED = "record-changed"
"""The event that tells the rest of a record's page that it is out of date."""


@member("GET", "POST")
def edit_property(visit: Visit, plural: str, record_id: int, name: str) -> HttpResponse:
    """Show the input of a property, or save what was typed there; `?cancel` shows the value again."""
    shown = load(visit, plural, record_id, live=True)
    prop = _settable(shown, name)
    if visit.request.method == "POST":
        return _save(visit, shown, prop)
    if "cancel" in visit.request.GET:
        return _property(visit, shown, prop)
    return _form(visit, shown, prop)


def _settable(shown: Record, name: str) -> Property:
    prop = shown.kind.property_named(name)
    if prop not in fields.editable(shown.kind):
        raise Missing(f"{prop.label} can't be set", property=name)
    return prop


def _save(visit: Visit, shown: Record, prop: Property) -> HttpResponse:
    typed = visit.request.POST
    given = fields.given(shown.kind, [prop], typed)
    try:
        saving.save(visit, shown.kind, shown.record_id, given, fields.opened_with(shown.kind, [prop], typed))
    except Refusal as refusal:
        now = load(visit, shown.kind.plural, shown.record_id, live=True)
        return _form(visit, now, prop, refusal.problems)
    if not visit.partial:
        return redirect("record", visit.portal, shown.kind.plural, shown.record_id)
    if prop.name in shown.kind.display or prop.options_from == "stages":  # the top of the page shows them too
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    response = _property(visit, load(visit, shown.kind.plural, shown.record_id), prop)
    response["HX-Trigger"] = CHANGED
    return response


def _property(visit: Visit, shown: Record, prop: Property) -> HttpResponse:
    each = panel.show(panel.values_of(visit, shown), shown.values, prop)
    return visit.page(
        "record/property.html", {"record": shown, "kind": shown.kind, "each": each, "saved": True}
    )


def _form(visit: Visit, shown: Record, prop: Property, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    typed = visit.request.POST if problems else None
    [field] = fields.build(visit.catalog, shown.kind, [prop], shown.values, typed=typed, problems=problems)
    context = {
        "record": shown,
        "kind": shown.kind,
        "field": field,
        "elsewhere": fields.elsewhere([field], problems),
        "alone": True,
    }
    template = "record/property_form.html" if visit.partial else "record/property_page.html"
    return visit.page(template, context, 422 if problems else 200)
