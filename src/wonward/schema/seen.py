"""The catalog as somebody sees it: cut by their role, and what a table is to them, in SQL.

Types that they may not view aren't there, nor are hidden properties; sensitive ones are masked. A table of whose
records they see some is a subquery of these, so that a statement which forgets about rights is cut all the same,
or breaks. Whoever it is for, guards and calculations take the whole catalog.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql

from wonward.accounts import teams, users
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member
from wonward.schema import ddl
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.form import CONTACT
from wonward.schema.roles import NOTHING, Allowed, Extent, Role

Sees = Callable[[ObjectType], bool]
"""Tells whether somebody may see the sensitive properties of a type."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Whose rights work has: their role by name, the owner ids that are theirs and their teams', as text of arrays.

    Without a role nothing is kept from them but what `sees` says: so are tokens, which have scopes, and the house.
    `language` is the one they read definitions in, empty for that of the definitions themselves.
    """

    sees: Sees
    role: str | None = None
    own: str = "{}"
    team: str = "{}"
    language: str = ""


def rights_of(member: Member, teammates: Sequence[int], language: str = "") -> Rights:
    """Return the rights of a member, who shares teams with `teammates` and reads a language."""
    allowed = member.sees_sensitive
    return Rights(
        lambda _: allowed,
        member.role,
        f"{{{member.pk}}}",
        f"{{{','.join(map(str, [member.pk, *teammates]))}}}",
        language,
    )


def acting(portal: str, actor: str) -> Rights:
    """Return the rights that an actor, as the change log names them, has in a portal now: who left it has none."""
    if not actor.startswith("user:"):
        return Rights(lambda _: actor == "cli")
    member = users.acting(portal, actor)
    return rights_of(member, teams.mates(member)) if member else Rights(lambda _: False, NOTHING.name)


def cut(catalog: Catalog, role_name: str | None, masked: frozenset[str]) -> Catalog:
    """Return a catalog as a role leaves it, without the sensitive properties of the types in `masked`.

    None and the super admin leave all of it; a role that isn't there leaves nothing.
    """
    role = None if role_name in (None, SUPER_ADMIN) else catalog.roles.get(role_name or "", NOTHING)
    if role is None and not masked:
        return catalog
    key = (role.name if role else None, masked)
    found = catalog.cuts.get(key)
    if found is None:
        found = catalog.cuts[key] = _cut(catalog, role, masked)
    return found


def _cut(catalog: Catalog, role: Role | None, masked: frozenset[str]) -> Catalog:
    kinds = {
        name: _kind(kind, role.on(name) if role else None, name in masked)
        for name, kind in catalog.object_types.items()
        if role is None or role.on(name).view != "none"
    }
    defined = catalog.defined and cut(catalog.defined, role.name if role else None, masked)
    if role is None:
        return replace(catalog, object_types=kinds, whole=catalog, defined=defined)
    return replace(
        catalog,
        object_types=kinds,
        association_types=tuple(
            each for each in catalog.association_types if each.from_type in kinds and each.to_type in kinds
        ),
        pipelines=tuple(each for each in catalog.pipelines if each.object_type in kinds),
        lists={name: each for name, each in catalog.lists.items() if each.object_type in kinds},
        mail_templates={name: e for name, e in catalog.mail_templates.items() if e.object_type in kinds},
        workflows={name: each for name, each in catalog.workflows.items() if each.object_type in kinds},
        views={name: each for name, each in catalog.views.items() if each.object_type in kinds},
        forms=catalog.forms if CONTACT in kinds else {},
        role=role,
        whole=catalog,
        defined=defined,
    )


def _kind(kind: ObjectType, allowed: Allowed | None, masked: bool) -> ObjectType:
    if not masked and not (allowed and (allowed.hidden or allowed.read_only or allowed.key_properties)):
        return kind
    hidden, fixed = (allowed.hidden, allowed.read_only) if allowed else (frozenset(), frozenset())
    first = (allowed.key_properties if allowed else ()) or kind.key_properties
    changes: dict[str, Any] = {"key_properties": tuple(name for name in first if name not in hidden)}
    if hidden:
        for part in ("columns", "card"):
            changes[part] = tuple(name for name in getattr(kind, part) if name not in hidden)
    left = {
        name: _property(prop, masked and prop.sensitive, name in fixed)
        for name, prop in kind.properties.items()
        if name not in hidden
    }
    return replace(kind, properties=left, **changes)


def _property(prop: Property, masked: bool, fixed: bool) -> Property:
    if masked or (fixed and not prop.read_only):
        return replace(prop, masked=masked, read_only=prop.read_only or fixed)
    return prop


def relation(catalog: Catalog, name: str) -> sql.Composable:
    """Return SQL of a table as whoever the catalog is for sees it: the table itself, or a subquery of its rows.

    It stands where a table does in a `from`, under an alias. Statements bind `_own` and `_team` for it.
    """
    if catalog.role is None:
        return ddl.table(catalog, name)
    found: sql.Composable | None = catalog.relations.get(name)
    if found is None:
        found = catalog.relations[name] = _relation(catalog, catalog.role, name)
    return found


def _relation(catalog: Catalog, role: Role, name: str) -> sql.Composable:
    table = ddl.table(catalog, name)
    whole = catalog.whole or catalog
    if name not in whole.object_types:
        return table
    allowed = role.on(name)
    if allowed.view == "everyone" and not allowed.hidden:
        return table
    kind = whole.object_types[name]
    columns = [prop.column for prop in kind.properties.values() if prop.name not in allowed.hidden]
    listed = dict.fromkeys((*_SYSTEM, *columns))
    return sql.SQL("(select {} from {} t where {})").format(
        sql.SQL(", ").join(sql.Identifier("t", column) for column in listed),
        table,
        whose(kind, allowed.view, allowed.unassigned, "t"),
    )


_SYSTEM = ("_id", "_created_at", "_updated_at", "_archived_at")


def owners(kind: ObjectType) -> list[Property]:
    """Return the properties that name a person whose record it is, the main one first."""
    return [prop for prop in kind.properties.values() if prop.type == "owner" and not prop.expression]


def whose(kind: ObjectType, extent: Extent, unassigned: bool, alias: str) -> sql.Composable:
    """Return SQL of whether a record is within an extent; a type without owners has records that nobody owns."""
    if extent in ("none", "everyone"):
        return sql.SQL("true" if extent == "everyone" else "false")
    columns = [sql.Identifier(alias, prop.column) for prop in owners(kind)]
    ids = sql.Placeholder("_own" if extent == "own" else "_team")
    parts: list[sql.Composable] = [
        sql.SQL("{} = any({}::bigint[])").format(column, ids) for column in columns
    ]
    if unassigned:
        nobody = [sql.SQL("{} is null").format(column) for column in columns]
        parts.append(sql.SQL("({})").format(sql.SQL(" and ").join(nobody)) if nobody else sql.SQL("true"))
    return sql.SQL("({})").format(sql.SQL(" or ").join(parts)) if parts else sql.SQL("false")
