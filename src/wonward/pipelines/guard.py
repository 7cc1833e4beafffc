"""The guard of pipelines: collects the facts of every record that was written and asks the gates.

It holds on every way in, since all of them write through `records/write.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from wonward.errors import Problem
from wonward.expressions.parse import parse
from wonward.expressions.tree import dependencies
from wonward.pipelines import decisions
from wonward.pipelines.gates import MET, PASSABLE, Asked, Rules, Standing, refusals
from wonward.pipelines.models import Answer
from wonward.records import log, query
from wonward.records.query import Query
from wonward.records.work import RecordChange, Work
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.pipelines import Asking, Stage


@dataclass(frozen=True, slots=True)
class _Question:
    """Keeps its catalog, so that the identity stays this catalog's."""

    catalog: Catalog = field(compare=False)
    identity: int
    kind: str


def stage_guard(work: Work, kind: ObjectType, changes: Sequence[RecordChange]) -> list[Problem]:
    """Refuse records that stand where they may not come to, or where something they need lacks."""
    rules = of_type(work.catalog, kind)
    if rules is None:
        return []
    decisions.void(work.whole, kind, changes)
    written = [change for change in changes if change.kind in ("created", "updated")]
    asked = _concerned(rules, written)
    if not asked:
        return []
    wanted = _wanted(rules, asked)
    facts = _facts(work, kind, rules, asked, wanted)
    found = refusals(rules, [_standing(rules, change, facts.get(change.record_id, {})) for change in asked])
    return found if work.override is None else _passed_over(work, kind, work.override, asked, found)


def _passed_over(
    work: Work, kind: ObjectType, reason: str, changes: Sequence[RecordChange], found: Sequence[Problem]
) -> list[Problem]:
    """Keep in the log which problems of gates a move passes over, and why; return the others, which still hold."""
    passed: dict[int, list[Problem]] = {}
    for problem in found:
        if problem.code in PASSABLE and problem.row is not None:
            passed.setdefault(problem.row, []).append(problem)
    entries: list[log.Entry] = [
        ("overridden", kind.name, change.record_id, _told(reason, passed[change.row]))
        for change in changes
        if change.row in passed
    ]
    log.append(work, entries)
    return [problem for problem in found if problem.code not in PASSABLE]


def _told(reason: str, passed: Sequence[Problem]) -> dict[str, object]:
    problems = [{"code": each.code, "message": each.message, "property": each.property} for each in passed]
    return {**passed[0].context, "reason": reason, "passed": problems}


def of_type(catalog: Catalog, kind: ObjectType) -> Rules | None:
    """Return the rules of a type's pipelines, None when it goes through none."""
    return _of_type(_Question(catalog, id(catalog), kind.name))


@lru_cache(maxsize=256)
def _of_type(question: _Question) -> Rules | None:
    kind = question.catalog.object_types[question.kind]
    pipelines = question.catalog.pipelines_of(kind.name)
    if not (pipelines and kind.pipeline_property and kind.stage_property):
        return None
    asked = {
        (pipeline.name, stage.name): _asked(kind, stage)
        for pipeline in pipelines
        for stage in pipeline.stages
    }
    by_name = {pipeline.name: pipeline for pipeline in pipelines}
    return Rules(by_name, kind.pipeline_property.name, kind.stage_property.name, asked)


def _asked(kind: ObjectType, stage: Stage) -> tuple[Asked, ...]:
    required = (
        Asked(
            name,
            False,
            frozenset({name}),
            Problem(
                f"{kind.properties[name].label} is needed in {stage.label}", "GATE_PROPERTY_MISSING", name
            ),
        )
        for name in stage.gate.requires
    )
    criteria = (
        Asked(
            criterion.condition,
            True,
            _reads(criterion.condition),
            Problem(criterion.message, "GATE_NOT_MET", next(iter(criterion.properties), None)),
        )
        for criterion in stage.gate.criteria
    )
    return (*required, *criteria, *(_decided(stage, each) for each in stage.gate.asks))


def _decided(stage: Stage, asking: Asking) -> Asked:
    code = "GATE_NOT_TICKED" if asking.tick else "GATE_NOT_APPROVED"
    problem = Problem(asking.message, code, context={"criterion": asking.name})
    return Asked(f"{stage.name}:{asking.name}", True, frozenset(), problem, asking)


def _reads(condition: str) -> frozenset[str]:
    own = (each.properties for each in dependencies(parse(condition)) if each.of is None)
    return frozenset(name for names in own for name in names)


def _concerned(rules: Rules, changes: Iterable[RecordChange]) -> list[RecordChange]:
    """Return the changes that moved a record, or touched what some gate reads."""
    read = {name for asked in rules.asked.values() for each in asked for name in each.reads}
    watched = {rules.pipeline_property, rules.stage_property, *read}
    return [change for change in changes if watched & change.diff.keys()]


def _wanted(rules: Rules, changes: Sequence[RecordChange]) -> list[Asked]:
    """Return the facts that the gates may ask for: of the stages moved to, else of those that read what changed."""
    stages = {
        change.diff[rules.stage_property][1] for change in changes if rules.stage_property in change.diff
    }
    touched = {name for change in changes if rules.stage_property not in change.diff for name in change.diff}
    moved_pipeline = rules.pipeline_property in touched
    return [
        each
        for (_, stage), asked in rules.asked.items()
        for each in asked
        if stage in stages or moved_pipeline or each.reads & touched
    ]


def _facts(
    work: Work, kind: ObjectType, rules: Rules, changes: Sequence[RecordChange], wanted: Sequence[Asked]
) -> dict[int, dict[str, str | None]]:
    """Return where records stand and the facts wanted: a statement for records, another where people decide."""
    places = (rules.pipeline_property, rules.stage_property)
    of_record = dict.fromkeys(each.fact for each in wanted if each.asking is None)
    names = list(dict.fromkeys((*places, *of_record)))
    ids = [
        change.record_id for change in changes if of_record or not all(name in change.diff for name in places)
    ]
    found = query.rows(work, Query(kind, ids=ids), names) if ids else []
    facts: dict[int, dict[str, str | None]] = {
        row[0]: dict(zip(names, row[1:], strict=True)) for row in found
    }
    for number, each in decided(work, [change.record_id for change in changes], wanted).items():
        facts.setdefault(number, {}).update(each)
    return facts


def decided(work: Work, ids: Sequence[int], wanted: Iterable[Asked]) -> dict[int, dict[str, str | None]]:
    """Return the facts of what people have approved or ticked; no statement where they are asked nothing."""
    stages = {each.fact.partition(":")[0] for each in wanted if each.asking}
    facts: dict[int, dict[str, str | None]] = {}
    for (number, stage, name), row in (decisions.of_records(work, ids, stages) if stages else {}).items():
        facts.setdefault(number, {})[f"{stage}:{name}"] = MET if row.state == Answer.APPROVED else None
    return facts


def _standing(rules: Rules, change: RecordChange, facts: dict[str, str | None]) -> Standing:
    where = (rules.pipeline_property, rules.stage_property)
    now = [change.diff[name][1] if name in change.diff else facts.get(name) for name in where]
    before = [change.diff[name][0] if name in change.diff else facts.get(name) for name in where]
    return Standing(
        row=change.row,
        pipeline=now[0],
        stage=now[1],
        moved=any(name in change.diff for name in where),
        came_from=None if change.kind == "created" else (before[0], before[1]),
        changed=frozenset(change.diff),
        facts=facts,
    )
