"""Lists: defined in a blueprint, kept by hand or by a filter, told in a record's history."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from wonward import wiring
from wonward.blueprints import apply, export, load
from wonward.errors import Invalid, Missing
from wonward.records import erase, history, lists, purge, query, write
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.work import Work
from wonward.schema import layout
from wonward.schema import load as catalogs

Writing = Callable[[], AbstractContextManager[Work]]
LISTS = {
    ("list", "vip"): {"label": "Særlige kunder", "object": "company"},
    ("list", "nordic"): {"label": "Nordiske", "object": "company", "filter": "country in ('DK', 'SE')"},
    ("list", "both"): {"label": "Begge", "object": "company", "filter": "in_list('vip') and in_list('nordic')"},
}  # fmt: skip


@pytest.fixture
def portal(starter: str) -> str:
    apply.define(starter, LISTS, actor="user:1")
    return starter


def company(work: Work, name: str, country: str) -> int:
    (made,) = write.create(work, work.catalog.object_type("company"), [{"name": name, "country": country}])
    return made


def ids(work: Work, name: str) -> list[int]:
    return [row[0] for row in query.rows(work, lists.members(work, name), [])]


def test_records_are_put_into_a_list_once_and_taken_out(portal: str, writing: Writing) -> None:
    with writing() as work:
        made = [company(work, "Nordisk Måleri A/S", "DK"), company(work, "Bolt GmbH", "DE")]
        assert lists.add(work, "vip", made) == made
        assert lists.add(work, "vip", [*made, made[0]]) == []
        assert ids(work, "vip") == made
        assert ids(work, "nordic") == ids(work, "both") == made[:1]
        kind = work.catalog.object_type("company")
        assert [each.label for each in lists.of_record(work, kind, made[0])] == [
            "Særlige kunder", "Nordiske", "Begge",
        ]  # fmt: skip
        assert lists.remove(work, "vip", [*made, 999_999]) == made
        assert ids(work, "vip") == ids(work, "both") == []
        assert [(entry.kind, entry.diff) for entry in history.of_record(work, made[0])][:2] == [
            ("unlisted", {"list": "vip"}),
            ("listed", {"list": "vip"}),
        ]


def test_what_cant_be_put_into_a_list_is_refused(portal: str, writing: Writing) -> None:
    with writing() as work:
        made = company(work, "Nordisk Måleri A/S", "DK")
        with pytest.raises(Invalid, match="The filter of 'Nordiske' decides"):
            lists.add(work, "nordic", [made])
        with pytest.raises(Missing, match="There is no list 'vap'"):
            lists.add(work, "vap", [made])
        with pytest.raises(Missing, match="There is no company 7") as raised:
            lists.add(work, "vip", [made, 7])
        assert raised.value.problems[0].row == 1
        assert ids(work, "vip") == []


def test_an_archived_record_leaves_its_lists_when_it_is_deleted(portal: str, writing: Writing) -> None:
    with writing() as work:
        made = company(work, "Nordisk Måleri A/S", "DK")
        lists.add(work, "vip", [made])
        write.archive(work, work.catalog.object_type("company"), [made])
        assert ids(work, "vip") == []
        write.restore(work, work.catalog.object_type("company"), [made])
        assert ids(work, "vip") == [made]
        write.archive(work, work.catalog.object_type("company"), [made])
    with writing() as work:
        later = work.now.replace(year=work.now.year + 1)
        assert purge.archived_before(work, later) == 1

        assert work.rows(sql.SQL("select count(*) from {}").format(work.table("_list_member"))) == [(0,)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"label": "A", "object": "company", "filter": "secto = 'x'"}, "list bad: at column 1: there is no property"),
        ({"label": "A", "object": "company", "filter": "in_list('bad')"}, "in a circle: bad → bad"),
        ({"label": "A", "object": "company", "filter": "hubspot_owner_id = me()"}, "changes with who looks"),
        ({"label": "A", "object": "company", "filter": "numberofemployees"}, "not a condition"),
    ],
)  # fmt: skip
def test_a_filter_that_cant_be_is_refused(starter: str, body: dict[str, str], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        apply.define(starter, {("list", "bad"): body}, actor="user:1")


def test_a_list_is_emptied_by_a_filter_and_goes_only_when_that_is_allowed(
    portal: str, writing: Writing
) -> None:
    with writing() as work:
        lists.add(work, "vip", [company(work, "Nordisk Måleri A/S", "DK")])
    filtered = {("list", "vip"): {**LISTS["list", "vip"], "filter": "country = 'NO'"}}
    for wanted, gone in (
        (filtered, frozenset[tuple[str, str]]()),
        ({}, frozenset({("list", "both"), ("list", "vip")})),
    ):
        with pytest.raises(Invalid, match="would destroy which records are in vip"):
            apply.define(portal, wanted, gone, actor="user:1")
    apply.define(portal, filtered, actor="user:1", allow_destructive=True)
    apply.define(portal, LISTS, actor="user:1")
    with writing() as work:
        assert ids(work, "vip") == []
    with pytest.raises(Invalid, match="list nordic is still used by list both"):
        apply.define(portal, {}, frozenset({("list", "nordic")}), actor="user:1")


def test_lists_come_back_from_an_export(portal: str, tmp_path: Path) -> None:
    written = export.export(portal, tmp_path / "out")
    assert tmp_path / "out" / "lists" / "vip.yaml" in written
    text = yaml.safe_load((tmp_path / "out" / "lists" / "nordic.yaml").read_text(encoding="utf-8"))
    assert text == {"list": "nordic", **LISTS["list", "nordic"]}
    assert {("list", "vip"), ("list", "both")} <= load.read(tmp_path / "out").documents.keys()
    assert apply.planned(portal, tmp_path / "out").changes == ()
    assert catalogs.current(portal).lists["both"].label == "Begge"


def test_an_erasure_takes_a_record_out_of_its_lists(portal: str, writing: Writing) -> None:
    with writing() as work:
        made = company(work, "Nordisk Måleri A/S", "DK")
        lists.add(work, "vip", [made])
        wiring.erase(work, work.catalog.object_type("company"), [made])
        assert work.rows(sql.SQL("select count(*) from {}").format(work.table("_list_member"))) == [(0,)]
    assert erase.proofs(work.catalog.portal_id)[0].counts["list_places"] == 1


def test_an_older_portal_gets_its_lists_by_a_step(
    starter: str, writing: Writing, take_step: Callable[[str, Any], None]
) -> None:
    with writing() as work:
        work.run(sql.SQL("drop table {}").format(work.table("_list_member")))
    take_step(starter, layout._list_members)
    apply.define(starter, LISTS, actor="user:1")
    with writing() as work:
        made = company(work, "Nordisk Måleri A/S", "DK")
        assert lists.add(work, "vip", [made]) == [made]


def test_a_merge_takes_the_places_in_lists_along_and_its_undoing_back(portal: str, writing: Writing) -> None:
    with writing() as work:
        kind = work.catalog.object_type("company")
        kept, other = company(work, "Nordisk Måleri A/S", "DK"), company(work, "Nordisk Maleri", "SE")
        lists.add(work, "vip", [other])
        [done] = merge(work, kind, kept, [other])
        assert ids(work, "vip") == [kept]
        unmerge(work, done.merge_id)
        assert ids(work, "vip") == [other]
        lists.add(work, "vip", [kept])
        [done] = merge(work, kind, kept, [other])
        unmerge(work, done.merge_id)
        assert ids(work, "vip") == [kept, other]


@pytest.mark.django_db(transaction=True)
def test_who_is_being_put_into_a_list_is_not_archived_meanwhile(
    portal: str, writing: Writing, in_threads: Callable[..., Any]
) -> None:
    with writing() as work:
        nordisk = company(work, "Nordisk Måleri A/S", "DK")

    def archive(_: int) -> bool:
        with writing() as other:
            other.run(sql.SQL("set local lock_timeout = '300ms'"))
            try:
                write.archive(other, other.catalog.object_type("company"), [nordisk])
            except psycopg.errors.LockNotAvailable:
                return False
            return True

    with writing() as work:
        lists.add(work, "vip", [nordisk])
        assert in_threads(archive, [1]) == [False]
