"""Moving a record to another stage, from the board, the record's page, by mouse or keyboard."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from wonward.errors import Missing, Refusal
from wonward.records import write
from wonward.schema.catalog import ObjectType
from wonward.schema.pipelines import Pipeline, Stage
from wonward.web import board
from wonward.web.access import Visit, member


@member("POST")
def move(visit: Visit, plural: str, record_id: int) -> HttpResponse:
    """Put a record into the stage `stage` of the pipeline `pipeline`, both as the form gives them.

    The board gets the card and the heads of the columns anew, or why it was refused; others go to the record.
    """
    kind = visit.kind(plural)
    pipeline, stage = _target(visit, kind)
    problems: list[str] = []
    try:
        with visit.writing() as work:
            write.update(work, kind, [(record_id, board.standing(kind, pipeline, stage))])
    except Refusal as refusal:
        problems = [problem.message for problem in refusal.problems]
    if visit.partial:
        return (
            visit.page("problems.html", {"problems": problems}, 422)
            if problems
            else board.moved(visit, kind, pipeline, record_id)
        )
    for problem in problems:
        messages.error(visit.request, problem)
    return redirect("record", visit.portal, plural, record_id)


def _target(visit: Visit, kind: ObjectType) -> tuple[Pipeline, Stage]:
    asked = visit.request.POST
    pipeline = board.pipeline_named(visit, kind, asked.get("pipeline", ""))
    stage = pipeline.stage(asked.get("stage", ""))
    if stage is None:
        raise Missing(f"{pipeline.label} has no stage '{asked.get('stage', '')}'")
    return pipeline, stage
