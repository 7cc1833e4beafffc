"""Moving a record to another stage, from the board, the record's page, by mouse or keyboard."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext

from wonward.errors import Missing, Refusal
from wonward.pipelines import one_each
from wonward.records import permission
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.web import board, fields, gate, saving
from wonward.web.access import Visit, member
from wonward.web.fields import Given
from wonward.web.gate import Target


@member("POST")
def move(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Put a record into the stage `stage` of the pipeline `pipeline`, both as the form gives them.

    What the stage's gate asks for may come along, and why it is to be moved all the same; while something lacks,
    or copied values weren't checked yet, the answer is the gate's form. The board gets the card and the heads of
    the columns anew, or why it was refused; others go to the record.
    """
    kind = visit.kind(plural)
    permission.there(visit.work, kind, [record_id], "edit")
    target = _target(visit, kind)
    if target.stage.gate.copies and gate.CHECKED not in visit.request.POST:
        return gate.ask(visit, plural, record_id, target)
    typed = fields.given(kind, gate.properties(kind, target.stage), visit.request.POST)
    opened = gate.opened_with(kind, target.stage, typed, visit.request.POST)
    try:
        saving.save(
            visit,
            kind,
            record_id,
            typed | _standing(kind, target),
            opened,
            override=gate.override(visit),
            then=lambda work: _make_further(visit, work, record_id, target),
        )
    except Refusal as refusal:
        if gate.concerns(refusal.problems) or typed or gate.override(visit) is not None:
            return gate.ask(visit, plural, record_id, target, refusal.problems)
        return _refused(visit, plural, record_id, refusal)
    if not visit.partial:
        return redirect("record", visit.portal, plural, record_id)
    if "where" not in visit.request.POST:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return board.moved(visit, kind, target.pipeline, record_id)


def _make_further(visit: Visit, work: Work, record_id: int, target: Target) -> None:
    """Make the records that the form offered for further values, and say which."""
    kind = work.catalog.object_type(target.pipeline.object_type)
    further = gate.further(visit, kind, target)
    made = one_each.make(work, kind, record_id, further) if further else []
    if made:
        said = ngettext("Made another %(kind)s.", "Made %(num)s other %(kinds)s.", len(made))
        names = {"num": len(made), "kind": kind.label.lower(), "kinds": kind.plural_label.lower()}
        messages.success(visit.request, said % names)


def _refused(visit: Visit, plural: str, record_id: int, refusal: Refusal) -> HttpResponse:
    if visit.partial:
        return visit.page("problems.html", {"problems": refusal.problems}, 422)
    for problem in refusal.problems:
        messages.error(visit.request, problem.message)
    return redirect("record", visit.portal, plural, record_id)


def _standing(kind: ObjectType, target: Target) -> Given:
    return dict(board.standing(kind, target.pipeline, target.stage))


def _target(visit: Visit, kind: ObjectType) -> Target:
    asked = visit.request.POST
    pipeline = board.pipeline_named(visit, kind, asked.get("pipeline", ""))
    stage = pipeline.stage(asked.get("stage", ""))
    if stage is None:
        raise Missing(f"{pipeline.label} has no stage '{asked.get('stage', '')}'")
    return Target(pipeline, stage)
