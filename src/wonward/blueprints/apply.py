"""Plans and applies a blueprint, and makes portals: the one way definitions change, whatever door asks.

An apply holds the portal's lock for itself: two at once wait for each other, and no record is
written meanwhile by rules that are about to change.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wonward import clock
from wonward.accounts.models import Portal
from wonward.blueprints import check, dependents, load, survey
from wonward.blueprints import where_used as uses
from wonward.blueprints.load import with_system_properties
from wonward.blueprints.where_used import Target, Use
from wonward.db import transaction
from wonward.documents import store
from wonward.errors import Conflict, Invalid, Missing, Problem
from wonward.records import calculate, derivation
from wonward.records import work as works
from wonward.schema import apply as schema
from wonward.schema import naming
from wonward.schema.catalog import Catalog
from wonward.schema.definitions import PortalBody, body_of, normal
from wonward.schema.load import build
from wonward.schema.plan import Bodies, Change, Key, Plan, after, plan
from wonward.views import uses as saved_views


def portal_named(name: str) -> Portal:
    """Return the portal called `name`; raise Missing."""
    try:
        return Portal.objects.get(name=name)
    except Portal.DoesNotExist:
        raise Missing(
            f"There is no portal '{name}'; make it with: wonward portal create {name} --blueprint FOLDER",
            code="PORTAL_NOT_FOUND",
        ) from None


def create_portal(name: str, folder: Path, *, actor: str) -> Plan:
    """Make a portal and apply a blueprint to it, both or neither. Raise Conflict when it exists."""
    blueprint = load.read(folder)
    if not (name.isascii() and name.isidentifier()) or name != name.lower() or len(name) > 40:
        raise Invalid(f"'{name}' can't name a portal; use small letters, digits and underscores, 40 at most")
    if Portal.objects.filter(name=name).exists():
        raise Conflict(
            f"There is a portal '{name}' already; change it with: wonward apply FOLDER --portal {name}"
        )
    with transaction.atomic():
        portal = Portal(name=name, label=name, schema=f"portal_{name}", created_at=clock.now())
        schema.create_portal(portal)
        return _apply(portal, blueprint.documents, blueprint.tombstones, actor=actor)


def planned(name: str, folder: Path) -> Plan:
    """Return what applying the blueprint in `folder` to a portal would change; change nothing."""
    blueprint = load.read(folder)
    portal = portal_named(name)
    present = store.read(portal.id)
    check.system_properties(present, blueprint.documents, blueprint.tombstones)
    found = plan(present, blueprint.documents, blueprint.tombstones)
    return _checked(portal, present, after(present, blueprint.documents, found), found)


def apply(
    name: str, folder: Path, *, actor: str, allow_destructive: bool = False, insist: bool = False
) -> Plan:
    """Apply the blueprint in `folder` to a portal; return the plan that was carried out.

    Raise Invalid, with a problem for each change that destroys data, unless `allow_destructive`, and for each
    change of a system definition, naming what depends on it, unless an admin insists.
    """
    blueprint = load.read(folder)
    return define(
        name,
        blueprint.documents,
        blueprint.tombstones,
        actor=actor,
        allow_destructive=allow_destructive,
        insist=insist,
    )


def where_used(name: str, target: Target) -> list[Use]:
    """Return everything in the portal `name` that uses a definition, people's own views too; raise Missing."""
    portal = portal_named(name)
    present = store.read(portal.id)
    return uses.of(build(portal, present), present, target, saved_views.bodies(portal.id))


def define(
    name: str,
    wanted: Mapping[Key, Mapping[str, Any]],
    tombstones: frozenset[Key] = frozenset(),
    *,
    actor: str,
    allow_destructive: bool = False,
    insist: bool = False,
) -> Plan:
    """Change definitions of the portal `name` in one transaction, a whole blueprint or a single property.

    Raise Invalid when a body isn't one of its kind, and for what `apply` refuses.
    """
    bodies = with_system_properties(_normal(wanted))

    def work() -> Plan:
        with transaction.atomic():
            transaction.lock_portal(name, exclusive=True)
            portal = portal_named(name)
            return _apply(
                portal, bodies, tombstones, actor=actor, allow_destructive=allow_destructive, insist=insist
            )

    return schema.patiently(work)


def _normal(wanted: Mapping[Key, Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    """Return bodies as they are stored; raise Invalid with every problem."""
    checked = {key: normal(*key, body) for key, body in wanted.items()}
    problems = [problem for _, problem in checked.values() if problem]
    if problems:
        raise Invalid(problems)
    return {key: body for key, (body, _) in checked.items() if body is not None}


def _apply(
    portal: Portal,
    wanted: Mapping[Key, Mapping[str, Any]],
    tombstones: frozenset[Key],
    *,
    actor: str,
    allow_destructive: bool = False,
    insist: bool = False,
) -> Plan:
    present = store.read(portal.id)
    check.system_properties(present, wanted, tombstones)
    found = plan(present, wanted, tombstones)
    if not found.changes:
        return found
    documents = after(present, wanted, found)
    found = _checked(portal, present, documents, found, insist=insist)
    if found.destructive and not allow_destructive:
        raise Invalid(_destroys(change) for change in found.destructive)
    _take_portal_settings(portal, documents.get(("portal", "portal"), {}))
    catalog = schema.apply(portal, found, documents, actor=actor, at=clock.now())
    _calculate(catalog, found, actor)
    return found


def _checked(
    portal: Portal, present: Bodies, documents: Bodies, found: Plan, *, insist: bool = False
) -> Plan:
    """Return a plan with what the records showed, after every check of the definitions as they will stand."""
    before, now = build(portal, present), build(portal, documents)
    if not insist:
        dependents.refuse_locked(before, present, found)
    dependents.refuse_used(before, now, present, documents)
    misnamed = list(naming.problems(documents))
    if misnamed:
        raise Invalid(misnamed)
    check.expressions(now)
    check.properties(works.within(now, actor="plan", source="definitions"))
    return survey.surveyed(before, now, found)


def _destroys(change: Change) -> Problem:
    examples = "".join(f"; {line}" for line in change.findings)
    return Problem(
        f"{change.action} {change.kind} {change.name} would destroy {change.loses}{examples}",
        "DESTRUCTIVE_CHANGE",
    )


def _calculate(catalog: Catalog, found: Plan, actor: str) -> None:
    """Calculate what got an expression, or another one, and all that reads it, for the records that are there."""
    work = works.within(catalog, actor=actor, source="definitions")
    stale = {change.name for change in found.changes if _gives_other_values(change)}
    fewer_associations = any(
        change.kind == "association" and change.action != "create" for change in found.changes
    )
    for derived in derivation.of(catalog):
        reads = {".".join(place) for place in derived.reads}
        if ".".join(derived.place) in stale or reads & stale or (derived.others and fewer_associations):
            stale.add(".".join(derived.place))
            calculate.refresh_all(work, derived.kind, derived.prop)


def _gives_other_values(change: Change) -> bool:
    paths = {difference.path for difference in change.differences}
    return change.kind == "property" and (change.action == "create" or bool(paths & {"expression", "type"}))


def _take_portal_settings(portal: Portal, body: Mapping[str, Any]) -> None:
    if body:
        said = body_of(PortalBody, body)
        portal.label, portal.currency = said.label, said.currency
        portal.time_zone, portal.language = said.time_zone, said.language
        portal.second_factor = said.second_factor
