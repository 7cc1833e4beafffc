"""Looks at the records before a plan is carried out: what converts, what would be lost, what breaks a new rule."""

from collections.abc import Iterator
from dataclasses import replace

from wonward.records import rules
from wonward.records import work as works
from wonward.schema import convert
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.plan import Change, Plan


def surveyed(before: Catalog, now: Catalog, planned: Plan) -> Plan:
    """Return a plan with the findings of each change; a change of type loses only what really doesn't convert."""
    return replace(planned, changes=tuple(_surveyed(before, now, change) for change in planned.changes))


def _surveyed(before: Catalog, now: Catalog, change: Change) -> Change:
    if change.kind != "property" or change.action != "change":
        return change
    type_name, _, name = change.name.partition(".")
    old, new = before.object_types[type_name], now.object_types[type_name]
    was, will = old.properties[name], new.properties[name]
    if was.type != will.type and not will.expression:
        return _converted(before, old, was, will, change)
    if was.validation != will.validation:
        return replace(change, findings=tuple(_broken(before, now, old, was, will)))
    return change


def _converted(before: Catalog, kind: ObjectType, was: Property, will: Property, change: Change) -> Change:
    found = convert.survey(before, kind, was, will)
    converts = found.total - found.lost
    findings = [f"{converts} of {found.total} values convert to {will.type}"] if found.total else []
    findings += [f"{number}: '{value}' doesn't convert" for number, value in found.examples]
    if found.lost > len(found.examples):
        findings.append(f"and {found.lost - len(found.examples)} more")
    loses = f"{found.lost} of {found.total} values of {change.name} that are no {will.type}"
    return replace(change, loses=loses if found.lost else "", findings=tuple(findings))


def _broken(before: Catalog, now: Catalog, kind: ObjectType, was: Property, will: Property) -> Iterator[str]:
    """Yield how many stored values break each rule that is new; they stay until somebody writes them."""
    work = works.within(before, actor="plan", source="definitions")
    after = now.object_types[kind.name]
    for held in rules.of_type(now, after):
        if held.prop is not will or held.rule in was.validation:
            continue
        own = kind.properties
        if all(name in own and own[name].type == after.properties[name].type for name in held.reads):
            count = rules.breaking(work, kind, held)
            if count:
                whose = kind.label.lower() if count == 1 else kind.plural_label.lower()
                yield f"broken by {count} {whose} as stored, left until they are written: {held.problem().message}"
