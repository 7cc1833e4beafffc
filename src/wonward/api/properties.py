"""Properties and their groups: read, and properties defined, changed and archived like any other definition."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse

from wonward import clock
from wonward.api import answers, bodies
from wonward.api.bodies import PropertyGiven
from wonward.api.calls import Call
from wonward.api.inputs import within_batch
from wonward.api.property_shape import field_type, shape, shape_of_gone, shipped
from wonward.blueprints import apply
from wonward.documents import store
from wonward.errors import Conflict, Forbidden, Invalid, Missing
from wonward.schema import load
from wonward.schema.catalog import ObjectType
from wonward.schema.definitions import normal
from wonward.schema.plan import Key


def list_all(call: Call) -> HttpResponse:
    """Answer with every property of an object type, or with those that were archived."""
    if call.flag("archived"):
        return answers.built({"results": list(_gone(call).values())})
    return answers.built({"results": _shapes(call, list(call.kind.properties))})


def read(call: Call) -> HttpResponse:
    """Answer with one property, or with one that was archived."""
    if call.flag("archived"):
        return answers.built(_archived(call, call.names["property"]))
    return answers.built(_shapes(call, [_name(call)])[0])


def read_batch(call: Call) -> HttpResponse:
    """Answer with properties by their names; those that aren't there are left out."""
    started = clock.now()
    given = call.body(bodies.NamesAsked)
    names = [each.name for each in within_batch(given.inputs)]
    if given.archived:
        gone = _gone(call)
        found = [gone[name] for name in names if name in gone]
    else:
        found = _shapes(call, [name for name in names if name in call.kind.properties])
    return answers.batch(answers.texts(found), [], started=started)


def create(call: Call) -> HttpResponse:
    """Define a property."""
    return answers.built(_create(call, [call.body(PropertyGiven)])[0], 201)


def create_batch(call: Call) -> HttpResponse:
    """Define properties, all or none."""
    started = clock.now()
    found = _create(call, within_batch(call.body(bodies.PropertiesGiven).inputs))
    return answers.batch(answers.texts(found), [], started=started, status=201)


def update(call: Call) -> HttpResponse:
    """Change a property's definition; what isn't given stays."""
    name = _name(call)
    key = ("property", f"{call.kind.name}.{name}")
    given = call.body(PropertyGiven)
    present = store.read(call.work.catalog.portal_id)[key]
    _define(call, {key: _body(call.kind, name, given, present)})
    return answers.built(_shapes(call, [name])[0])


def archive(call: Call) -> HttpResponse:
    """Remove a property with its values; its name is free again at once."""
    _archive(call, [_name(call)])
    return answers.nothing()


def archive_batch(call: Call) -> HttpResponse:
    """Remove properties with their values; names that no property has are passed over."""
    names = [each.name for each in within_batch(call.body(bodies.NamesAsked).inputs)]
    _archive(call, [name for name in names if name in call.kind.properties])
    return answers.nothing()


def list_groups(call: Call) -> HttpResponse:
    """Answer with the groups that an object type's properties are shown in."""
    return answers.built({"results": [_group(call.kind, name) for name in call.kind.groups]})


def read_group(call: Call) -> HttpResponse:
    """Answer with one group."""
    name = call.names["group"]
    if name not in call.kind.groups:
        raise Missing(
            f"{call.kind.plural_label} have no property group '{name}'",
            code="OBJECT_NOT_FOUND",
            context={"groupName": name},
        )
    return answers.built(_group(call.kind, name))


def _name(call: Call) -> str:
    name = call.names["property"]
    if name not in call.kind.properties:
        raise Missing(
            f"{call.kind.plural_label} have no property '{name}'",
            code="OBJECT_NOT_FOUND",
            context={"propertyName": name},
        )
    return name


def _gone(call: Call) -> dict[str, dict[str, Any]]:
    """Return the properties of a type that were archived, by name, as they were defined last."""
    prefix = f"{call.kind.name}."
    return {
        own: shape_of_gone(call.kind, own, *said)
        for name, said in store.gone(call.work.catalog.portal_id, "property").items()
        if (own := name.removeprefix(prefix)) != name
    }


def _archived(call: Call, name: str) -> dict[str, Any]:
    found = _gone(call).get(name)
    if found is None:
        raise Missing(
            f"{call.kind.plural_label} have no archived property '{name}'",
            code="OBJECT_NOT_FOUND",
            context={"propertyName": name},
        )
    return found


def _shapes(call: Call, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return properties as they are defined now."""
    catalog = load.current(call.work.catalog.portal)
    kind = catalog.object_types[call.kind.name]
    written = store.dates(catalog.portal_id, "property")
    places = {name: place for place, name in enumerate(kind.properties)}
    return [shape(kind, kind.properties[name], places[name], written) for name in names]


def _create(call: Call, given: Sequence[PropertyGiven]) -> list[dict[str, Any]]:
    wanted: dict[Key, Mapping[str, Any]] = {}
    for each in given:
        name = (each.name or "").lower()
        if name in call.kind.properties or ("property", f"{call.kind.name}.{name}") in wanted:
            raise Conflict(f"A property named '{name}' already exists.", code="OBJECT_ALREADY_EXISTS")
        missing = [word for word in ("label", "type", "field_type", "group_name") if not getattr(each, word)]
        if missing:
            raise Invalid(f"Some required fields were not set: {missing}", code="REQUIRED_FIELD")
        wanted["property", f"{call.kind.name}.{name}"] = _body(call.kind, name, each, {})
    _define(call, wanted)
    return _shapes(call, [key[1].partition(".")[2] for key in wanted])


def _body(kind: ObjectType, name: str, given: PropertyGiven, present: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a property's definition: what is given over what is there. Raise Invalid, Forbidden."""
    _refuse_locked(kind, name)
    if given.group_name is not None and given.group_name not in kind.groups:
        raise Invalid(
            f"{kind.plural_label} have no property group '{given.group_name}'; "
            f"choose from {', '.join(kind.groups)}",
            code="INVALID_GROUP",
        )
    options = None
    if given.options is not None:
        colours = {each["value"]: each["colour"] for each in present.get("options", ()) if "colour" in each}
        options = [
            {
                "value": each.value,
                "label": each.label,
                "hidden": each.hidden,
                "colour": colours.get(each.value),
            }
            for each in sorted(given.options, key=lambda each: (each.display_order < 0, each.display_order))
        ]
    changes = {
        "label": given.label,
        "group": given.group_name,
        "description": given.description,
        "options": options,
        "hidden": given.hidden,
        "unique": given.has_unique_value,
        "type": field_type(given, present.get("type")),
        "form_field": given.form_field,
        "order": given.display_order,
        "sensitive": _sensitive(given),
    }
    body = {**present, **{key: value for key, value in changes.items() if value is not None}}
    stored, problem = normal("property", f"{kind.name}.{name}", body)
    if stored is None:
        raise Invalid([problem] if problem else [])
    return stored


def _refuse_locked(kind: ObjectType, name: str) -> None:
    """Raise Forbidden for a definition that callers can't change: a shipped one, or one they may not see."""
    if name in shipped(kind):
        raise Forbidden(f"{name} comes with the system; its definition can't be changed")
    prop = kind.properties.get(name)
    if prop:
        prop.seen()
        if prop.system:
            raise Forbidden(
                f"{name} is locked, since the system relies on it; an admin changes it, who insists"
            )


def _sensitive(given: PropertyGiven) -> bool | None:
    known = {"sensitive": True, "highly_sensitive": True, "non_sensitive": False}
    if given.data_sensitivity is None:
        return None
    if given.data_sensitivity not in known:
        raise Invalid(
            f"dataSensitivity is {given.data_sensitivity}; give one of {', '.join(known)}",
            code="INVALID_SENSITIVITY",
        )
    return known[given.data_sensitivity]


def _define(call: Call, wanted: Mapping[Key, Mapping[str, Any]]) -> None:
    apply.define(call.work.catalog.portal, wanted, actor=call.work.actor)


def _archive(call: Call, names: Sequence[str]) -> None:
    """Remove properties; that their values go is what callers ask for."""
    kept = [name for name in names if name in shipped(call.kind)]
    if kept:
        raise Forbidden(f"{', '.join(kept)} comes with the system and can't be archived")
    for name in names:
        _refuse_locked(call.kind, name)
    tombstones = frozenset(("property", f"{call.kind.name}.{name}") for name in names)
    apply.define(call.work.catalog.portal, {}, tombstones, actor=call.work.actor, allow_destructive=True)


def _group(kind: ObjectType, name: str) -> dict[str, object]:
    place = list(kind.groups).index(name)
    return {"name": name, "label": kind.groups[name], "displayOrder": place, "archived": False}
