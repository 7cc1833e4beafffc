"""Writing records: what is refused and where, what is logged, what a no-op leaves alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.errors import Conflict, Invalid, Missing
from wonward.records import history, query, write
from wonward.records.query import Query
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def deals(work: Work, *rows: dict[str, Any]) -> list[int]:
    return write.create(
        work, work.catalog.object_type("deal"), [{"dealname": "Facade", **row} for row in rows]
    )


def values(work: Work, record_id: int, *names: str) -> tuple[str | None, ...]:
    ((_, *found),) = query.rows(work, Query(work.catalog.object_type("deal"), ids=[record_id]), names)
    return tuple(found)


def test_values_come_back_in_hubspots_spelling(writing: Writing) -> None:
    with writing() as work:
        (deal,) = deals(
            work,
            {
                "dealname": "Døråbner til Ærø",
                "amount": 1200.00,
                "closedate": 1514678400000,
                "engage_date": "2017-12-31",
            },
        )
        assert values(work, deal, "dealname", "amount", "closedate", "engage_date") == (
            "Døråbner til Ærø",
            "1200",
            "2017-12-31T00:00:00.000Z",
            "2017-12-31",
        )


def test_a_new_deal_stands_in_the_first_stage_of_the_first_pipeline(writing: Writing) -> None:
    with writing() as work:
        (deal,) = deals(work, {})
        assert values(work, deal, "pipeline", "dealstage") == ("default", "prospecting")


def test_every_problem_is_named_with_its_row_and_property(writing: Writing) -> None:
    with pytest.raises(Invalid) as refused, writing() as work:
        deals(work, {}, {"amount": "many", "colour": "red"}, {"dealname": ""}, {"dealstage": "engagin"})
    assert {(problem.row, problem.property, problem.code) for problem in refused.value.problems} == {
        (1, "amount", "INVALID_NUMBER"),
        (1, "colour", "PROPERTY_DOESNT_EXIST"),
        (2, "dealname", "REQUIRED_PROPERTY"),
        (3, "dealstage", "INVALID_OPTION"),
    }
    assert "did you mean engaging?" in str(refused.value)


def test_a_refused_batch_leaves_nothing_behind(writing: Writing) -> None:
    with pytest.raises(Invalid), writing() as work:
        deals(work, {}, {"amount": "many"})
    with writing() as work:
        assert query.count(work, Query(work.catalog.object_type("deal"))) == 0
        assert work.rows(_count_changes(work))[0][0] == 0


def test_what_did_not_change_is_not_written(writing: Writing) -> None:
    with clock.fixed(datetime(2026, 1, 1, tzinfo=UTC)), writing() as work:
        (deal,) = deals(work, {"amount": "1200"})
    with clock.fixed(datetime(2026, 1, 2, tzinfo=UTC)), writing() as work:
        kind = work.catalog.object_type("deal")
        assert write.update(work, kind, [(deal, {"amount": "1200.00", "dealname": "Facade"})]) == [False]
        assert values(work, deal, "hs_lastmodifieddate") == ("2026-01-01T00:00:00.000Z",)
        assert len(history.of_record(work, deal)) == 1


def test_a_change_says_who_when_and_from_what_to_what(writing: Writing) -> None:
    with writing() as work:
        (deal,) = deals(work, {"amount": "5"})
    moment = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    with clock.fixed(moment), wiring.writing("starter", actor="token:7", source="api") as work:
        write.update(work, work.catalog.object_type("deal"), [(deal, {"amount": "", "dealname": "Gavl"})])
        newest = history.of_record(work, deal)[0]
    assert (newest.kind, newest.actor, newest.source, newest.at) == ("updated", "token:7", "api", moment)
    assert newest.diff == {"amount": ["5", None], "dealname": ["Facade", "Gavl"]}


def test_the_values_a_property_has_had_newest_first(writing: Writing) -> None:
    with writing() as work:
        kind = work.catalog.object_type("deal")
        (deal,) = deals(work, {"amount": "1"})
        for amount in ("2", "3"):
            write.update(work, kind, [(deal, {"amount": amount})])
        found = history.of_properties(work, [deal], ["amount", "dealname"], limit=2)
    assert [each.value for each in found[deal, "amount"]] == ["3", "2"]
    assert [each.value for each in found[deal, "dealname"]] == ["Facade"]


def test_one_record_twice_in_a_batch_is_refused(writing: Writing) -> None:
    with pytest.raises(Invalid, match="twice"), writing() as work:
        (deal,) = deals(work, {})
        write.update(work, work.catalog.object_type("deal"), [(deal, {"amount": 1}), (deal, {"amount": 2})])


def test_records_that_are_not_there_are_named(writing: Writing) -> None:
    with pytest.raises(Missing) as refused, writing() as work:
        (deal,) = deals(work, {})
        write.update(work, work.catalog.object_type("deal"), [(deal, {"amount": 1}), (99, {"amount": 2})])
    assert [(problem.row, problem.code) for problem in refused.value.problems] == [(1, "OBJECT_NOT_FOUND")]


def test_a_unique_value_has_one_holder(writing: Writing) -> None:
    with writing() as work:
        (deal,) = deals(work, {"opportunity_id": "NM-1"})
        with pytest.raises(Conflict, match=f"Deal already exists. Existing ID: {deal}"):
            deals(work, {"opportunity_id": "NM-1"})
        with pytest.raises(Conflict, match="stands in the batch twice"):
            deals(work, {"opportunity_id": "NM-2"}, {"opportunity_id": "NM-2"})


def test_an_archived_record_frees_its_unique_value_and_can_come_back_only_while_it_is_free(
    writing: Writing,
) -> None:
    with writing() as work:
        kind = work.catalog.object_type("deal")
        (first,) = deals(work, {"opportunity_id": "NM-1"})
        assert write.archive(work, kind, [first]) == [first]
        assert write.archive(work, kind, [first]) == []
        (second,) = deals(work, {"opportunity_id": "NM-1"})
    with pytest.raises(Conflict, match=r"Deal already exists\. Existing ID: "), writing() as work:
        write.restore(work, kind, [first])
    with writing() as work:
        write.archive(work, kind, [second])
        assert write.restore(work, kind, [first]) == [first]


def test_what_the_system_keeps_is_not_set_by_hand(writing: Writing) -> None:
    with pytest.raises(Invalid) as refused, writing() as work:
        deals(work, {"hs_object_id": "7", "createdate": "2020-01-01"})
    assert {problem.code for problem in refused.value.problems} == {"READ_ONLY_VALUE"}


def test_an_owner_must_be_one_of_the_portal(writing: Writing) -> None:
    with pytest.raises(Invalid, match="There is no owner 99"), writing() as work:
        deals(work, {"hubspot_owner_id": "99"})


def test_a_stage_of_another_pipeline_is_refused_by_the_guard(writing: Writing) -> None:
    with pytest.raises(Invalid) as refused, writing() as work:
        kind = work.catalog.object_type("ticket")
        write.create(work, kind, [{"subject": "Help", "hs_pipeline_stage": "9"}])
    assert refused.value.problems[0].property == "hs_pipeline_stage"


def test_text_that_cannot_be_stored_is_refused(writing: Writing) -> None:
    with pytest.raises(Invalid, match="NUL"), writing() as work:
        deals(work, {"dealname": "a\x00b"})


def _count_changes(work: Work) -> Any:
    from psycopg import sql

    return sql.SQL("select count(*) from {}").format(work.table("_change"))
