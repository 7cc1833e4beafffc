"""What records hold of definitions that go: places in lists and labels go with them, stages must be left first."""

from collections.abc import Iterator

from psycopg import sql

from wonward.db import transaction
from wonward.errors import Invalid, Problem
from wonward.schema import ddl
from wonward.schema.catalog import Catalog
from wonward.schema.plan import Change


def forget_members(change: Change, now: Catalog) -> Iterator[sql.Composable]:
    """Empty a list that is gone, got a filter or became one of other records."""
    if change.action == "remove" or {each.path for each in change.differences} & {"filter", "object"}:
        yield sql.SQL("delete from {} where list = {}").format(
            ddl.table(now, "_list_member"), sql.Literal(change.name)
        )


def forget_labels(name: str, before: Catalog, now: Catalog) -> Iterator[sql.Composable]:
    """Take the type ids that an association's definition has no more from its rows, and rows left with none."""
    had, has = (
        {each.type_id for each in catalog.association_types if each.definition == name}
        for catalog in (before, now)
    )
    gone = sql.Literal(sorted(had - has))
    table = ddl.table(before, "_association")
    if had - has:
        yield sql.SQL(
            "update {} set labels = array(select unnest(labels) except select unnest({}::int[]) order by 1) "
            "where labels && {}::int[]"
        ).format(table, gone, gone)
        yield sql.SQL("delete from {} where labels = '{{}}'").format(table)


def refuse_lost_stages(before: Catalog, now: Catalog) -> None:
    """Raise Invalid when records stand in a pipeline's stage that the plan takes away: they must move first."""
    problems = []
    for name, kind in before.object_types.items():
        pipeline_property, stage_property = kind.pipeline_property, kind.stage_property
        left = {(each.name, stage.name) for each in now.pipelines_of(name) for stage in each.stages}
        had = {(each.name, stage.name) for each in before.pipelines_of(name) for stage in each.stages}
        if not (pipeline_property and stage_property and name in now.object_types and had - left):
            continue
        statement = sql.SQL("select {}, {}, count(*) from {} group by 1, 2").format(
            sql.Identifier(pipeline_property.column),
            sql.Identifier(stage_property.column),
            ddl.table(before, kind.table),
        )
        problems += [
            Problem(
                f"{count} {kind.plural} stand in the stage '{stage}' of the pipeline '{pipeline}'; "
                "move them to another stage first",
                "STAGE_IN_USE",
                context={"pipeline": pipeline, "stage": stage, "count": count},
            )
            for pipeline, stage, count in transaction.rows(statement)
            if (pipeline, stage) in had - left
        ]
    if problems:
        raise Invalid(problems)
