"""The shipped definitions and the starter blueprint hold together: names, groups, ids, words."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

import wonward.schema
from wonward.blueprints import load
from wonward.schema.definitions import (
    AssociationBody,
    ImportMapBody,
    ObjectTypeBody,
    PipelineBody,
    PropertyBody,
)
from wonward.schema.field_types.registry import FIELD_TYPES

FOLDER = Path(wonward.schema.__file__).parent / "standard"
STARTER = Path(__file__).parents[2] / "blueprints" / "starter"
NOT_TYPES = ("system", "associations", "pipelines", "rollups")
TYPES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem not in NOT_TYPES)
EXPECTED = [
    "call", "company", "contact", "deal", "email", "line_item",
    "meeting", "note", "product", "task", "ticket",
]  # fmt: skip
OWNER_FIELDS = {"name", "manager", "team"}


def _shipped(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return parsed


def _type(name: str) -> tuple[ObjectTypeBody, dict[str, PropertyBody], dict[str, PropertyBody]]:
    """Return a standard object type, its own properties, and those with the shared ones."""
    text = _shipped(name)
    assert text.pop("object_type") == name
    own = msgspec.convert(text.pop("properties"), dict[str, PropertyBody])
    shared = msgspec.convert(_shipped("system"), dict[str, PropertyBody])
    return msgspec.convert(text, ObjectTypeBody), own, {**shared, **own}


def _shown(kind: ObjectTypeBody) -> set[str]:
    named = {*kind.display, *kind.search, *kind.columns, *kind.card, kind.modified_property}
    return named | ({kind.key} if kind.key else set())


def _directions() -> Iterator[tuple[str, str, int]]:
    for body in msgspec.convert(_shipped("associations"), dict[str, AssociationBody]).values():
        for each in (body, *body.labels.values()):
            assert each.type_id is not None
            yield body.from_type, body.to, each.type_id
            if each.inverse_id is not None:
                yield body.to, body.from_type, each.inverse_id


def test_every_standard_object_type_is_shipped() -> None:
    assert TYPES == EXPECTED
    ids = Counter(_type(name)[0].type_id for name in TYPES)
    assert None not in ids
    assert set(ids.values()) == {1}


@pytest.mark.parametrize("name", TYPES)
def test_object_type_names_properties_and_groups_that_exist(name: str) -> None:
    kind, own, every = _type(name)
    assert _shown(kind) <= set(every)
    assert {prop.group for prop in own.values()} - {""} == set(kind.groups)
    assert {prop.type for prop in own.values()} <= set(FIELD_TYPES)
    sources = {prop.options_from for prop in own.values() if prop.options_from}
    assert sources in (set(), {"pipelines", "stages"})
    if kind.activity:
        assert own["hs_timestamp"].required


@pytest.mark.parametrize("name", TYPES)
def test_every_property_reads_well_in_a_data_dictionary(name: str) -> None:
    _, own, _ = _type(name)
    for key, prop in own.items():
        assert prop.label, key
        assert prop.description.endswith((".", "Dr.")), f"{key} needs a description, a sentence"
        assert prop.description.rstrip(".").lower() != prop.label.lower(), key
    labels = Counter(prop.label for prop in own.values())
    assert [label for label, count in labels.items() if count > 1] == []


@pytest.mark.parametrize("name", TYPES)
def test_options_are_unique_and_defaults_among_them(name: str) -> None:
    _, own, _ = _type(name)
    for key, prop in own.items():
        chosen = prop.type in ("enumeration", "multi_enumeration")
        assert chosen == bool(prop.options or prop.options_from), key
        values = [option.value for option in prop.options]
        assert len(set(values)) == len(values), key
        assert len({option.label for option in prop.options}) == len(values), key
        assert all(option.label for option in prop.options), key
        assert prop.default is None or prop.default in values, key


def test_only_the_email_of_a_contact_is_unique() -> None:
    unique = [(name, key) for name in TYPES for key, prop in _type(name)[1].items() if prop.unique]
    assert unique == [("contact", "email")]


def test_associations_join_standard_types_under_ids_of_their_own() -> None:
    directions = list(_directions())
    assert {end for start, to, _ in directions for end in (start, to)} <= set(TYPES)
    assert Counter(number for *_, number in directions).most_common(1)[0][1] == 1


def test_every_activity_can_stand_on_every_record_with_a_timeline() -> None:
    pairs = {(start, to) for start, to, _ in _directions()}
    for activity in (name for name in TYPES if _type(name)[0].activity):
        for record in ("contact", "company", "deal", "ticket"):
            assert {(record, activity), (activity, record)} <= pairs


def test_standard_pipelines_belong_to_types_that_take_them() -> None:
    for name, body in msgspec.convert(_shipped("pipelines"), dict[str, PipelineBody]).items():
        _, own, _ = _type(name.partition(".")[0])
        assert any(prop.options_from == "stages" for prop in own.values())
        assert len({stage.name for stage in body.stages}) == len(body.stages)


@pytest.mark.parametrize("place", _shipped("rollups"))
def test_a_standard_rollup_comes_with_both_types_alone(place: str) -> None:
    name = place.partition(".")[0]
    body = _shipped("rollups")[place]
    kind, others, _ = _type(name)
    assert body["group"] in kind.groups
    assert body["label"] not in {each.label for each in others.values()}
    assert ("property", place) in load.standard_documents(tuple({name, body["reads"]}))
    alone = ("property", place) in load.standard_documents((name,))
    assert alone == (name == body["reads"])


def test_starter_is_a_blueprint_of_every_standard_type() -> None:
    blueprint = load.read(STARTER)
    assert sorted(blueprint.standard) == TYPES
    for (kind, name), body in blueprint.documents.items():
        if kind == "object_type":
            own = {key.partition(".")[2] for of, key in blueprint.documents if of == "property"
                   and key.partition(".")[0] == name}  # fmt: skip
            assert _shown(msgspec.convert(body, ObjectTypeBody)) <= own


def test_starter_import_maps_name_what_the_starter_has() -> None:
    documents = load.read(STARTER).documents
    maps = [
        msgspec.convert(body, ImportMapBody) for (kind, _), body in documents.items() if kind == "import_map"
    ]
    assert len(maps) == 4
    for each in maps:
        for column in each.columns.values():
            given = {"property": column} if isinstance(column, str) else column
            if target := given.get("association"):
                assert ("property", f"{target}.{given['by']}") in documents
                _assert_associated(documents, each.object, target, given.get("label"))
            elif given["property"] != "skip":
                _assert_property(documents, each.object, given["property"])
        for name in (*each.set, *([each.key] if each.key else [])):
            _assert_property(documents, each.object, name)


def _assert_property(documents: Any, kind: str, name: str) -> None:
    if kind == "owner":
        assert name in OWNER_FIELDS
    else:
        assert ("property", f"{kind}.{name}") in documents


def _assert_associated(documents: Any, start: str, to: str, label: str | None) -> None:
    bodies = [body for (kind, _), body in documents.items() if kind == "association"]
    found = [body for body in bodies if (body["from"], body["to"]) == (start, to)]
    assert found
    assert label is None or any(label in body.get("labels", {}) for body in found)
