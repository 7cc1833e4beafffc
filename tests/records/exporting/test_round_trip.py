"""Exports: what stands in the files, and that importing one again changes nothing."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.accounts import people
from wonward.accounts.models import Member
from wonward.accounts.people import Person
from wonward.errors import Invalid, Missing
from wonward.records import associate, filestore, query
from wonward.records import write as records
from wonward.records.associate import Link
from wonward.records.exporting import background, write
from wonward.records.exporting.asked import Asked, Form, Heads
from wonward.records.importing import run
from wonward.records.models import ExportRun
from wonward.records.query import Query
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]
COLUMNS = (
    "dealname", "amount", "dealstage", "pipeline", "closedate", "hubspot_owner_id", "description", "createdate",
)  # fmt: skip


@pytest.fixture
def deals(starter: str, writing: Writing) -> Work:
    """Three deals with the values that are hard to carry, two companies and an owner who has left."""
    with writing() as work:
        people.enter(
            work.catalog.portal_id,
            [Person("Søren Ågård", "soren@x.example"), Person("Bo Vesterlund")],
            clock.now(),
        )
        soren, bo = (str(Member.objects.get(first_name=name).pk) for name in ("Søren", "Bo"))
        Member.objects.filter(first_name="Bo").update(archived=True)
        deal, company = work.catalog.object_type("deal"), work.catalog.object_type("company")
        facade, roof, _ = records.create(
            work,
            deal,
            [
                {
                    "dealname": "=1+1",
                    "amount": "1234.5",
                    "dealstage": "engaging",
                    "closedate": "2026-12-31",
                    "hubspot_owner_id": soren,
                    "description": 'To "linjer"\nog æøå',
                },
                {
                    "dealname": "'-Tag",
                    "amount": "1234567890123456789.25",
                    "dealstage": "closedwon",
                    "closedate": "2026-10-25",
                    "hubspot_owner_id": bo,
                    "description": "+45 75 12 34 56",
                },
                {"dealname": "@Nord", "amount": "-7", "dealstage": "prospecting"},
            ],
        )
        nordisk, havn = records.create(work, company, [{"name": "Nordisk Måleri A/S"}, {"name": "Havn & Co"}])
        associate.associate(
            work, deal, company, [Link(facade, nordisk), Link(facade, havn), Link(roof, havn)]
        )
    return wiring.reading(starter, actor="user:1", source="web")


def exported(work: Work, path: Path, **asked: Any) -> Path:
    given = Asked("deal", COLUMNS, associated=("company",), order=("dealname",), **asked)
    assert write.write(work, given, path).rows == 3
    return path


def everything(work: Work) -> list[tuple[Any, ...]]:
    kind = work.catalog.object_type("deal")
    names = list(kind.properties)
    return query.rows(work, Query(kind), names)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("heads", ["labels", "names"])
def test_an_exported_file_imported_again_changes_nothing(
    deals: Work, writing: Writing, tmp_path: Path, form: Form, heads: Heads
) -> None:
    path = exported(deals, tmp_path / f"deals.{form}", form=form, heads=heads)
    before = everything(deals)
    preview = run.preview(writing, path, "deal")
    done = run.run(writing, path, "deal")
    assert preview.counts == done.counts
    assert (done.counts.unchanged, done.problems) == (3, ())
    assert everything(deals) == before
    assert {each.header for each in done.not_imported} == (
        {"Create date", "Company names"} if heads == "labels" else {"createdate", "company_names"}
    )


def test_one_mended_cell_changes_that_and_nothing_else(deals: Work, writing: Writing, tmp_path: Path) -> None:
    path = exported(deals, tmp_path / "deals.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("1234.5,", "2000,"), encoding="utf-8")
    done = run.run(writing, path, "deal")
    assert (done.counts.updated, done.counts.unchanged, done.counts.created) == (1, 2, 0)


def test_what_a_csv_file_says(deals: Work, tmp_path: Path) -> None:
    path = exported(deals, tmp_path / "deals.csv", where="dealname = '=1+1' or amount < 0 or amount > 0")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    first = next(row for row in rows if row["Amount"] == "1234.5")
    assert first["Deal name"] == "'=1+1", "no spreadsheet takes it for a formula"
    assert next(row for row in rows if row["Deal name"] == "'@Nord")["Amount"] == "-7", "numbers stay numbers"
    assert (first["Deal owner"], first["Deal stage"]) == ("Søren Ågård", "Engaging")
    assert first["Company names"] == "Nordisk Måleri A/S; Havn & Co"
    assert "Record ID (starter)" in first


def test_in_a_workbook_dates_and_numbers_are_such(deals: Work, tmp_path: Path) -> None:
    import python_calamine

    path = exported(deals, tmp_path / "deals.xlsx", form="xlsx", heads="names")
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    row = dict(zip(rows[0], next(row for row in rows if row[2] == 1234.5), strict=True))
    assert (row["dealname"], row["amount"]) == ("=1+1", 1234.5)
    assert row["closedate"].year == 2026
    assert any("1234567890123456789.25" in each for each in rows), "more digits than a sheet keeps stay text"


def test_an_export_is_of_one_moment(
    deals: Work, writing: Writing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "BATCH", 1)
    kind = deals.catalog.object_type("deal")

    def meddle(done: int) -> None:
        if done == 1:
            with writing() as work:
                ids = [row[0] for row in query.rows(work, Query(kind), [])]
                records.update(work, kind, [(each, {"dealname": "Changed meanwhile"}) for each in ids])

    write.write(deals, Asked("deal", ("dealname",)), tmp_path / "deals.csv", meddle)
    assert "Changed meanwhile" not in (tmp_path / "deals.csv").read_text(encoding="utf-8")


def test_what_is_asked_for_wrongly_is_refused(deals: Work) -> None:
    for asked, error in (
        (Asked("deal", ("nonsense",)), Missing),
        (Asked("deal", ("dealname",), where="amount >"), Invalid),
        (Asked("deal", ("dealname",), order=("-nonsense",)), Missing),
        (Asked("product", ("name",), associated=("note",)), Invalid),
    ):
        with pytest.raises(error):
            write.count(deals, asked)


def test_a_job_writes_the_file_and_keeps_it(deals: Work, settings: Any, tmp_path: Path) -> None:
    settings.WONWARD_DATA = tmp_path
    given = background.ask(deals, Asked("deal", ("dealname",)))
    background.carry_on(given.pk, lambda portal, actor: wiring.reading(portal, actor=actor, source="worker"))
    given.refresh_from_db()
    assert (given.state, given.position, given.rows) == (ExportRun.State.DONE, 3, 3)
    assert filestore.path_of(given.stored).stat().st_size == given.size


def test_a_cancelled_export_leaves_no_file(deals: Work, settings: Any, tmp_path: Path) -> None:
    settings.WONWARD_DATA = tmp_path
    given = background.ask(deals, Asked("deal", ("dealname",)))
    background.cancel(given)
    background.carry_on(given.pk, lambda portal, actor: wiring.reading(portal, actor=actor, source="worker"))
    given.refresh_from_db()
    assert given.state == ExportRun.State.CANCELLED
    assert list(filestore.path_of("x").parent.iterdir()) == []
