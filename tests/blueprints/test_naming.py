"""Naming rules of a portal: every label is held against them, and the refusal says how it should look."""

from pathlib import Path

import pytest
import yaml

from wonward.blueprints import apply
from wonward.errors import Invalid

PORTAL = {
    "portal": {
        "label": "Nordisk Måleri",
        "naming": [
            {"kind": "list", "like": ["Auto | …", "Søg | …"], "why": "Så kan alle finde dem."},
            {"kind": "property", "system": True, "like": ["System - …"]},
        ],
    },
    "standard": ["contact"],
}


@pytest.fixture
def folder(db: None, tmp_path: Path) -> Path:
    _write(tmp_path, "portal", PORTAL)
    return tmp_path


def _write(folder: Path, name: str, said: dict[str, object]) -> None:
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")


def test_a_label_that_breaks_a_rule_is_refused_with_the_shape_and_the_reason(folder: Path) -> None:
    _write(folder, "list", {"list": "aarhus", "label": "Kunder i Århus", "object": "contact"})
    with pytest.raises(Invalid) as refused:
        apply.create_portal("nordisk", folder, actor="cli")
    (problem,) = refused.value.problems
    assert problem.code == "NAMING_RULE"
    assert problem.message == (
        "list aarhus is called 'Kunder i Århus'; here they are called like 'Auto | …' or 'Søg | …'. "
        "Så kan alle finde dem."
    )


def test_labels_by_the_rules_are_taken(folder: Path) -> None:
    _write(folder, "list", {"list": "aarhus", "label": "Søg | Kunder i Århus", "object": "contact"})
    assert apply.create_portal("nordisk", folder, actor="cli").changes


@pytest.mark.parametrize("label", ["Auto |", "Auto | ", "auto | Kunder", "Se Auto | Kunder"])
def test_a_shape_is_held_from_end_to_end(folder: Path, label: str) -> None:
    _write(folder, "list", {"list": "aarhus", "label": label, "object": "contact"})
    with pytest.raises(Invalid, match="is called"):
        apply.create_portal("nordisk", folder, actor="cli")


def test_a_rule_over_locked_ones_leaves_the_others_alone(folder: Path) -> None:
    properties = {
        "kode": {"label": "Kode", "type": "text"},
        "maerke": {"label": "Mærke", "type": "text", "system": True},
    }
    _write(folder, "contact", {"object_type": "contact", "properties": properties})
    with pytest.raises(Invalid) as refused:
        apply.create_portal("nordisk", folder, actor="cli")
    assert [problem.message for problem in refused.value.problems] == [
        "property contact.maerke is called 'Mærke'; here they are called like 'System - …'."
    ]


def test_a_rule_names_a_kind_that_has_labels(folder: Path) -> None:
    _write(folder, "portal", {"portal": {"label": "N", "naming": [{"kind": "import_map", "like": ["…"]}]}})
    with pytest.raises(Invalid, match="'import_map' is no kind of definition that has a label"):
        apply.create_portal("nordisk", folder, actor="cli")
