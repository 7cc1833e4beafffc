"""What goes when something goes, and what is refused before anything does."""

from pathlib import Path

import pytest

from wonward import wiring
from wonward.blueprints import apply
from wonward.blueprints.load import read
from wonward.errors import Invalid
from wonward.records import write
from wonward.schema import load

TICKET = ("object_type", "ticket")
PORTAL = "portal: {label: Maleriet}\nstandard: [company, deal, ticket]\n"


def problem(refused: pytest.ExceptionInfo[Invalid]) -> str:
    return refused.value.problems[0].message


def test_a_removed_object_type_goes_with_its_pipelines_and_associations(starter: str) -> None:
    planned = apply.define(starter, {}, frozenset({TICKET}), actor="user:1", allow_destructive=True)
    assert {"pipeline", "association", "property"} <= {change.kind for change in planned.changes}
    catalog = load.current(starter)
    assert "ticket" not in catalog.associated_types("company")
    assert catalog.pipelines_of("ticket") == ()


def test_a_folder_may_take_a_standard_object_type_and_remove_it(tmp_path: Path) -> None:
    (tmp_path / "portal.yaml").write_text(f"{PORTAL}removed: [object_type ticket]\n", encoding="utf-8")
    found = read(tmp_path)
    assert TICKET in found.tombstones
    assert not [name for kind, name in found.documents if "ticket" in name]


def test_a_key_that_means_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "portal.yaml").write_text(f"{PORTAL}standrad: [contact]\n", encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        read(tmp_path)
    assert problem(refused).startswith("portal.yaml: the key 'standrad' can't stand here")


def test_values_that_do_not_fit_are_named(starter: str) -> None:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        write.create(
            work, work.catalog.object_type("company"), [{"city": "Ærøskøbing"}, {"city": "Ærøskøbing"}]
        )
    with pytest.raises(Invalid) as refused:
        apply.define(
            starter,
            {("property", "company.city"): {"label": "City", "type": "text", "unique": True}},
            actor="user:1",
            allow_destructive=True,
        )
    assert refused.value.problems[0].code == "VALUES_DONT_FIT"
    assert "duplicated" in problem(refused)
