"""Exporting writes a folder that says the same: planning it shows no difference."""

from pathlib import Path

import pytest

from wonward.blueprints import apply
from wonward.blueprints.export import export
from wonward.errors import Conflict, Invalid
from wonward.schema.plan import Plan

NONE = Plan((), ())


def test_export_then_plan_shows_no_difference(starter: str, tmp_path: Path) -> None:
    export(starter, tmp_path / "out")
    assert apply.planned(starter, tmp_path / "out") == NONE


def test_also_after_changes_of_every_kind(starter: str, tmp_path: Path) -> None:
    apply.define(
        starter,
        {
            ("object_type", "car"): {
                "label": "Bil",
                "plural": "cars",
                "plural_label": "Biler",
                "display": ["plate"],
            },
            ("property", "car.plate"): {"label": "Nummerplade på køretøj", "type": "text", "unique": True},
            ("property", "company.gloss"): {
                "label": "Gloss",
                "type": "enumeration",
                "options": [{"value": "mat"}],
            },
            ("association", "car_company"): {"from": "car", "to": "company", "limit": 1},
        },
        frozenset({("property", "contact.fax"), ("association", "ticket_task")}),
        actor="user:1",
        allow_destructive=True,
    )
    export(starter, tmp_path / "out")
    assert apply.planned(starter, tmp_path / "out") == NONE
    assert "på køretøj" in (tmp_path / "out" / "object_types" / "car.yaml").read_text(encoding="utf-8")


def test_an_exported_portal_can_be_made_again_elsewhere(starter: str, tmp_path: Path) -> None:
    export(starter, tmp_path / "out")
    apply.create_portal("twin", tmp_path / "out", actor="system")
    assert apply.planned("twin", tmp_path / "out") == NONE


def test_a_folder_with_something_in_it_is_left_alone(starter: str, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Conflict, match="isn't empty"):
        export(starter, tmp_path)


def test_a_changed_file_is_a_typed_plan(starter: str, tmp_path: Path) -> None:
    export(starter, tmp_path / "out")
    file = tmp_path / "out" / "object_types" / "deal.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("Engage date", "Dialog indledt"), encoding="utf-8"
    )
    (change,) = apply.planned(starter, tmp_path / "out").changes
    assert (change.action, change.name) == ("change", "deal.engage_date")
    assert (change.differences[0].old, change.differences[0].new) == ("Engage date", "Dialog indledt")


def test_a_portal_that_is_there_or_has_no_name(starter: str) -> None:
    folder = Path(__file__).parents[2] / "blueprints" / "starter"
    with pytest.raises(Conflict, match="There is a portal 'starter' already"):
        apply.create_portal("starter", folder, actor="system")
    with pytest.raises(Invalid, match="can't name a portal"):
        apply.create_portal("Not A Name", folder, actor="system")
