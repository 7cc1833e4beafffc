"""Asking for an approval on a record's page, giving or declining it, and setting ticks."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from wonward.errors import Missing, Refusal
from wonward.pipelines import decisions
from wonward.web.access import Visit, member


@member("POST")
def decide(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Do with the approval or tick `name` before `stage` what `do` says; what is refused is told on the record."""
    kind, said = visit.kind(plural), visit.request.POST
    place = (kind, record_id, said.get("stage", ""), said.get("name", ""))
    do, reason = said.get("do", ""), said.get("reason", "")
    if do not in ("ask", "approve", "decline"):
        raise Missing(f"An approval can be asked for, given and declined, but not '{do[:40]}'")
    try:
        with visit.writing() as work:
            if do == "ask":
                decisions.ask(work, *place)
            else:
                decisions.decide(work, *place, approved=do == "approve", reason=reason)
    except Refusal as refusal:
        for problem in refusal.problems:
            messages.error(visit.request, problem.message)
    return redirect("record", visit.portal, plural, record_id)
