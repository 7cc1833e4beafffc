"""The sales dataset, traps and all: the real one when it lies beside the repository, else the generated sample."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from wonward.accounts.models import Member, Team
from wonward.records.importing import run, sample

from .conftest import Importer

REAL = Path(__file__).parents[4] / "shared" / "data" / "crm-sales-opportunities"
FILES = {
    "sales_teams.csv": "owner",
    "accounts.csv": "company",
    "products.csv": "product",
    "sales_pipeline.csv": "deal",
}
STAGES = {"Won": "closedwon", "Lost": "closedlost", "Engaging": "engaging", "Prospecting": "prospecting"}
PUBLISHED = {"closedwon": 4238, "closedlost": 2473, "engaging": 1589, "prospecting": 500}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    if REAL.is_dir():
        return REAL
    sample.write(tmp_path / "sample")
    return tmp_path / "sample"


def rows(data: Path, name: str) -> list[dict[str, str]]:
    with (data / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(data: Path) -> dict[str, object]:
    """Return what must be there after the import, counted from the files themselves."""
    deals, accounts, teams = (
        rows(data, f"{name}.csv") for name in ("sales_pipeline", "accounts", "sales_teams")
    )
    return {
        "stages": Counter(STAGES[deal["deal_stage"]] for deal in deals),
        "won": sum(int(deal["close_value"]) for deal in deals if deal["deal_stage"] == "Won"),
        "with a company": sum(bool(deal["account"]) for deal in deals),
        "companies": len(accounts),
        "with a parent": sum(bool(account["subsidiary_of"]) for account in accounts),
        "products": len(rows(data, "products.csv")),
        "owners": len(teams),
        "managers": len({row["manager"] for row in teams}),
        "teams": len({row["regional_office"] for row in teams}),
    }


def found(importer: Importer) -> dict[str, object]:
    deals = importer.records(
        "deal", "dealstage", "amount", "company.name", "product.name", "hubspot_owner_id"
    )
    companies = importer.records("company", "name", "sector", "country", "count(companies)")
    assert all(product and owner for _, _, _, product, owner in deals)
    assert not {"technolgy", None} & {sector for _, sector, _, _ in companies}
    assert "Philipines" not in {country for _, _, country, _ in companies}
    return {
        "stages": Counter(stage for stage, *_ in deals),
        "won": sum(int(amount) for stage, amount, *_ in deals if stage == "closedwon"),
        "with a company": sum(bool(company) for _, _, company, _, _ in deals),
        "companies": len(companies),
        "with a parent": parents(importer),
        "products": len(importer.records("product")),
        "owners": Member.objects.filter(owns_records=True).count(),
        "managers": Member.objects.filter(owns_records=False).count(),
        "teams": Team.objects.count(),
    }


def parents(importer: Importer) -> int:
    from psycopg import sql

    work = importer.work()
    links = sql.SQL("select count(*) from {} where 14 = any(labels)").format(work.table("_association"))
    return int(work.rows(links)[0][0])


def test_the_four_files_with_the_maps_of_the_blueprint(importer: Importer, data: Path) -> None:
    for name, object_type in FILES.items():
        shown = run.preview(importer.open_work, data / name, object_type)
        assert (shown.counts.refused, shown.counts.created) == (0, len(rows(data, name)))
        done = run.run(importer.open_work, data / name, object_type)
        assert (done.counts, done.problems) == (shown.counts, ())
        assert {column.header for column in done.not_imported} <= {"engage_quarter", "close_quarter"}
    assert found(importer) == expected(data)
    if data == REAL:
        there = found(importer)
        assert (there["stages"], there["won"], there["with a company"]) == (
            PUBLISHED,
            10_005_534,
            8800 - 1425,
        )
        assert (there["companies"], there["products"], there["owners"]) == (85, 7, 35)
        assert (there["teams"], there["managers"]) == (3, 6)
    for name, object_type in FILES.items():
        again = run.run(importer.open_work, data / name, object_type)
        assert (again.counts.created, again.counts.updated, again.counts.refused) == (0, 0, 0)
        assert again.counts.unchanged == len(rows(data, name))


def test_the_traps_are_reported_when_no_map_knows_them(importer: Importer, data: Path) -> None:
    run.run(importer.open_work, data / "products.csv", "product")
    said = importer.map(
        "deal",
        columns={"deal_stage": "dealstage", "close_value": "amount", "close_date": "closedate"},
        set={"dealname": "{opportunity_id}"},
    )
    shown = run.preview(importer.open_work, data / "sales_pipeline.csv", "deal", said)
    misspelled = sum(deal["product"] == "GTXPro" for deal in rows(data, "sales_pipeline.csv"))
    assert (shown.counts.refused, shown.counts.created) == (misspelled, shown.rows - misspelled)
    assert shown.problems[0].message == (
        "There is no product whose name is 'GTXPro'; did you mean 'GTX Pro'?"
    )
    assert [column.header for column in shown.not_imported] == [
        "sales_agent",
        "account",
        "engage_quarter",
        "close_quarter",
    ]


def test_the_sample_is_the_same_every_time_and_has_the_traps(tmp_path: Path) -> None:
    for turn in ("first", "second"):
        sample.write(tmp_path / turn)
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    deals = rows(tmp_path / "first", "sales_pipeline.csv")
    assert len({deal["opportunity_id"] for deal in deals}) == len(deals) == sample.OPPORTUNITIES
    assert {deal["deal_stage"] for deal in deals} == set(STAGES)
    assert any(deal["product"] == "GTXPro" for deal in deals)
    assert any(not deal["account"] for deal in deals)
    accounts = rows(tmp_path / "first", "accounts.csv")
    names = [account["account"] for account in accounts]
    assert {"technolgy", "Philipines"} <= {value for account in accounts for value in account.values()}
    assert any(
        account["subsidiary_of"] and names.index(account["subsidiary_of"]) > place
        for place, account in enumerate(accounts)
    )
