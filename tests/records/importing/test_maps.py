"""Finding the import map of a file: the portal's own by the file's name, or one that is given."""

from pathlib import Path

import pytest

from wonward.blueprints import apply
from wonward.errors import Conflict, Invalid, Missing
from wonward.records.importing import maps

from .conftest import Importer


def portal_id(importer: Importer) -> int:
    return importer.work().catalog.portal_id


@pytest.mark.parametrize("name", ["accounts.csv", "Accounts.CSV", "accounts.errors.csv"])
def test_the_portals_map_by_the_files_name(importer: Importer, name: str) -> None:
    found = maps.for_file(portal_id(importer), "company", name)
    assert found
    assert (found.key, found.columns["account"].target) == ("name", "name")


def test_none_for_another_name_or_type(importer: Importer) -> None:
    assert maps.for_file(portal_id(importer), "company", "products.csv") is None
    assert maps.for_file(portal_id(importer), "contact", "accounts.csv") is None


def test_names_may_have_stars_and_two_maps_are_one_too_many(importer: Importer) -> None:
    body = {"object": "company", "key": "name", "files": ["acc*.csv"]}
    apply.define(importer.portal, {("import_map", "monthly"): body}, actor="user:1")
    assert maps.for_file(portal_id(importer), "company", "accounts 2017.csv")
    with pytest.raises(Conflict, match="accounts and monthly both read"):
        maps.for_file(portal_id(importer), "company", "accounts.csv")


def test_a_map_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(
        "import_map: kunder\nobject: company\ncolumns: {by: {property: city}}\n", encoding="utf-8"
    )
    assert maps.from_file(path).columns["by"].target == "city"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("object: company\n", "is no import map"),
        ("- a\n", "is no import map"),
        ("import_map: a\nobject: [\n", "is not YAML"),
        ("import_map: a\n", "missing required field `object`"),
        ("import_map: a\nobject: company\ncolums: {}\n", "unknown field `colums`"),
        ("import_map: a\nobject: company\ncolumns: {ja: {options: {1: no}}}\n", "columns: ja"),
    ],
)
def test_a_file_that_is_no_map(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        maps.from_file(path)
    assert message in str(refused.value)


def test_a_map_that_isnt_there(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="There is no import map"):
        maps.from_file(tmp_path / "none.yaml")
