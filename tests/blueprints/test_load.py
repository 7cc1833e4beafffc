"""Reading a blueprint folder: what is wrong is named with its file, what is right is laid over the standard."""

from pathlib import Path

import pytest

from wonward.blueprints.load import read
from wonward.errors import Invalid


def folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "portal.yaml").write_text("portal: {label: Maleriet}\nstandard: [company, contact]\n")
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def problems(where: Path) -> str:
    with pytest.raises(Invalid) as refused:
        read(where)
    return "\n".join(problem.message for problem in refused.value.problems)


def test_the_standard_objects_come_with_their_associations(tmp_path: Path) -> None:
    documents = read(folder(tmp_path)).documents
    assert ("property", "contact.email") in documents
    assert ("association", "contact_company") in documents
    assert ("association", "deal_company") not in documents


def test_a_property_is_laid_over_the_standard(tmp_path: Path) -> None:
    text = "object_type: company\nproperties:\n  farve: {label: Farve på døren, type: text}\n"
    documents = read(folder(tmp_path, company=text)).documents
    assert documents["property", "company.farve"]["label"] == "Farve på døren"
    assert documents["object_type", "company"]["plural"] == "companies"


def test_an_object_type_of_ones_own_has_the_systems_properties(tmp_path: Path) -> None:
    text = (
        "object_type: car\nlabel: Car\nplural: cars\nplural_label: Cars\ndisplay: [plate]\n"
        "properties:\n  plate: {label: Plate, type: text}\n"
    )
    documents = read(folder(tmp_path, car=text)).documents
    assert documents["property", "car.hs_object_id"]["column"] == "_id"


def test_a_removed_standard_property_is_gone(tmp_path: Path) -> None:
    found = read(folder(tmp_path, contact="object_type: contact\nremoved: [fax]\n"))
    assert ("property", "contact.fax") not in found.documents
    assert ("property", "contact.fax") in found.tombstones


def test_broken_yaml_is_shown_with_line_and_column(tmp_path: Path) -> None:
    assert "company.yaml line 2 column" in problems(
        folder(tmp_path, company="object_type: company\nlabel: [a")
    )


def test_every_problem_is_named_with_its_file(tmp_path: Path) -> None:
    said = problems(
        folder(
            tmp_path,
            company="object_type: company\nproperties:\n  a: {label: A, type: colour}\n  B: {label: B, type: text}\n",
            contact="object_type: contact\nproperties:\n  c: {lable: C, type: text}\n",
            pipeline="pipeline: boat.default\nlabel: Boats\nstages: [{name: a, label: A}]\n",
            other="nonsense: 1\n",
        )
    )
    assert "company.yaml: property company.a: there is no type 'colour'" in said
    assert "company.yaml: property 'company.B': a name has small letters" in said
    assert "contact.yaml: property contact.c: Object contains unknown field `lable`" in said
    assert "pipeline.yaml: pipeline boat.default names the object type 'boat'" in said
    assert "other.yaml: says nothing known" in said


def test_a_definition_that_is_also_removed(tmp_path: Path) -> None:
    text = (
        "associations:\n  company_call: {from: company, to: contact}\nremoved: [association company_call]\n"
    )
    assert "both defined and under 'removed:'" in problems(folder(tmp_path, associations=text))


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    assert "is not a folder" in problems(tmp_path / "nowhere")
    assert "needs one file with a 'portal:' key" in problems(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "object_type: company\nproperties: [farve]\n",
            "own.yaml: properties: should hold 'name: value' lines",
        ),
        ("object_type: company\ngroups: [farve]\n", "own.yaml: groups: should hold 'name: value' lines"),
        ("associations: [a]\n", "own.yaml: associations: should hold 'name: value' lines"),
        ("removed: 5\n", "own.yaml: removed: should be a list; write removed: [5]"),
        (
            "object_type: company\nremoved: farve\n",
            "own.yaml: removed: should be a list; write removed: [farve]",
        ),
        ("removed: [\x07]\n", "own.yaml: unacceptable character"),
        ("removed: [2026-13-41]\n", "own.yaml: month must be in 1..12"),
        ("5: five\nobject_type: company\n", "own.yaml"),
    ],
)
def test_a_wrong_shape_is_named_with_its_file(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in problems(folder(tmp_path, own=text))


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    where = folder(tmp_path)
    (where / "dør.yaml").write_bytes("object_type: company\nlabel: Måleri\n".encode("latin-1"))
    assert problems(where) == "dør.yaml line 2: a letter there isn't UTF-8; save the file as UTF-8"
