"""Fills the measured portal with generated deals, set-based: a million in a minute or two."""

from psycopg import sql

from wonward import wiring
from wonward.db import transaction

STEP = 100_000


def deals(portal: str, count: int) -> None:
    """Add deals until the portal has `count`, each with its entry in the change log and its company.

    Values depend on the number of the deal alone, so that every run measures the same portal.
    """
    work = wiring.reading(portal, actor="bench", source="cli")
    have: int = work.rows(sql.SQL("select count(*) from {}").format(work.table("deal")))[0][0]
    (pipeline,) = work.catalog.pipelines_of("deal")
    stages = [stage.name for stage in pipeline.stages]
    companies = [
        number for (number,) in work.rows(sql.SQL("select _id from {}").format(work.table("company")))
    ]
    while have < count:
        step = min(STEP, count - have)
        with transaction.atomic():
            work.run(
                sql.SQL("""
                with n as (select nextval({sequence}) as id, i from generate_series({start}, {end}) i),
                made as (
                    insert into {deal} (_id, _created_at, _updated_at, dealname, amount, pipeline, dealstage, closedate)
                    select id, at, at, 'Aftale ' || i, (i::bigint * 7919 %% 30000)::numeric, {pipeline},
                        (%(stages)s::text[])[1 + i * 31 %% {stages}], at + interval '60 days'
                    from n cross join lateral (
                        select timestamptz '2026-01-01' + (i %% 20000) * interval '20 minutes') t(at)
                    returning _id, _created_at, dealname, dealstage),
                there as (
                    insert into {links} (from_id, to_type, to_id, labels, created_at)
                    select id, 'company', (%(companies)s::bigint[])[1 + i %% {companies}], %(there)s::int[], now()
                    from n
                    returning from_id, to_id),
                logged as (
                    insert into {log} (at, kind, object_type, record_id, actor, source, diff)
                    select _created_at, 'created', 'deal', _id, 'bench', 'cli',
                        jsonb_build_object('dealname', jsonb_build_array(null, dealname),
                            'dealstage', jsonb_build_array(null, dealstage)) from made)
                insert into {links} (from_id, to_type, to_id, labels, created_at)
                select to_id, 'deal', from_id, %(back)s::int[], now() from there""").format(
                    sequence=sql.Literal(work.table("_record_id").as_string(None)),
                    start=sql.Literal(have + 1),
                    end=sql.Literal(have + step),
                    deal=work.table("deal"),
                    links=work.table("_association"),
                    log=work.table("_change"),
                    pipeline=sql.Literal(pipeline.name),
                    stages=sql.Literal(len(stages)),
                    companies=sql.Literal(len(companies)),
                ),
                {
                    "stages": stages,
                    "companies": companies,
                    "there": [each.type_id for each in work.catalog.associations("deal", "company")],
                    "back": [each.type_id for each in work.catalog.associations("company", "deal")],
                },
            )
        have += step
    for table in ("deal", "_association", "_change"):
        transaction.run(sql.SQL("vacuum analyze {}").format(work.table(table)))
