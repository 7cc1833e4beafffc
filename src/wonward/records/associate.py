"""Associates records and takes associations away, in both directions at once, with labels and limits.

An association is stored once a direction; its `labels` are the association type ids that hold in that
direction. It changes neither record's modified date, as with HubSpot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from wonward.errors import Forbidden, Invalid, Problem
from wonward.records import hierarchy, log, permission
from wonward.records import primary as primary_labels
from wonward.records.primary import Row
from wonward.records.work import ChangeKind, Work
from wonward.schema.catalog import Catalog, ObjectType


@dataclass(frozen=True, slots=True)
class Link:
    """One association that is wanted: two record ids and the type ids from the first to the second.

    No type ids means the unlabelled association.
    """

    from_id: int
    to_id: int
    type_ids: tuple[int, ...] = ()


def associate(work: Work, kind: ObjectType, other: ObjectType, links: Sequence[Link]) -> None:
    """Associate records of two types; what is associated already gains the labels.

    The first associated record becomes the primary one where the association has a primary label, and
    a new primary replaces the one before. Raise Missing for ids without a record, Invalid for unknown
    type ids, for limits and for rings in a hierarchy, each with the row of its link.
    """
    if not links:
        return
    labels = _labels(work.catalog, kind, other, links)
    _permit(work, kind, other, links)
    work, kind, other = _whole(work, kind, other)
    hierarchies = (
        hierarchy.lock(work, kind, {each for link in links for each in link.type_ids})
        if kind.name == other.name
        else []
    )
    sides = [(kind, [link.from_id for link in links]), (other, [link.to_id for link in links])]
    for each, ids in sorted(sides, key=lambda side: side[0].name):
        _lock(work, each, ids)
    primary = primary_labels.label(work.catalog, kind, other)
    back = primary_labels.label(work.catalog, other, kind)
    inverse = {each.type_id: each.inverse_id for each in work.catalog.associations(kind.name, other.name)}
    mirror = {types: tuple(sorted(inverse[each] for each in types)) for types in set(labels)}
    there = [(link.from_id, link.to_id, types) for link, types in zip(links, labels, strict=True)]
    mirrored = [(to, start, mirror[types]) for start, to, types in there]
    if primary:
        primary_labels.make_way(work, kind, other, primary, there)
    if back:
        primary_labels.make_way(work, other, kind, back, mirrored)
    earlier: set[int] = set()
    if primary:
        there, mirrored, earlier = primary_labels.first_of_new(work, other, primary, there, mirrored)
    elif back:
        mirrored, there, earlier = primary_labels.first_of_new(work, kind, back, mirrored, there)
    gained = _insert_both(work, kind, other, there, mirrored)
    if primary:
        primary_labels.first_becomes_primary(work, kind, other, primary, earlier)
    elif back:
        primary_labels.first_becomes_primary(work, other, kind, back, earlier)
    _refuse_over_limit(work, kind, other, links)
    hierarchy.refuse_rings(work, kind, hierarchies, [(link.from_id, link.to_id) for link in links])
    _log(work, "associated", kind, other, gained)


def dissociate(work: Work, kind: ObjectType, other: ObjectType, links: Sequence[Link]) -> None:
    """Take associations away: the given labels of each, or all of it when no type ids are given."""
    _permit(work, kind, other, links)
    work, kind, other = _whole(work, kind, other)
    inverse = {each.type_id: each.inverse_id for each in work.catalog.associations(kind.name, other.name)}
    gone: dict[tuple[int, int], set[int]] = {}
    for link in links:
        gone.setdefault((link.from_id, link.to_id), set()).update(link.type_ids)
    for link in links:
        if not link.type_ids:
            gone[link.from_id, link.to_id] = set()
    pairs = [(start, to, sorted(types)) for (start, to), types in sorted(gone.items())]
    lost = _remove(work, other, pairs)
    _remove(
        work, kind, [(to, start, [inverse.get(each, each) for each in types]) for start, to, types in pairs]
    )
    _log(work, "dissociated", kind, other, lost)


def carry(work: Work, kind: ObjectType, other: ObjectType, rows: Sequence[Row]) -> None:
    """Store associations as they stood at another record, as merging does; what limits allow is up to the caller."""
    inverse = {each.type_id: each.inverse_id for each in work.catalog.associations(kind.name, other.name)}
    mirrored = [(to, start, tuple(sorted(inverse[each] for each in types))) for start, to, types in rows]
    _log(work, "associated", kind, other, _insert_both(work, kind, other, rows, mirrored))


def _labels(
    catalog: Catalog, kind: ObjectType, other: ObjectType, links: Sequence[Link]
) -> list[tuple[int, ...]]:
    """Return the type ids each link gets: its own and the unlabelled one, which every association carries."""
    known = catalog.associations(kind.name, other.name)
    if not known:
        raise Invalid(
            f"{kind.plural_label} can't be associated with {other.plural_label} in this portal",
            code="INVALID_ASSOCIATION",
            row=0,
        )
    allowed = {each.type_id for each in known}
    default = [each.type_id for each in known if each.label is None]
    full: dict[tuple[int, ...], tuple[int, ...]] = {}
    for row, link in enumerate(links):
        if link.from_id == link.to_id:
            message = f"{kind.label} {link.from_id} can't be associated with itself"
            raise Invalid(message, code="INVALID_ASSOCIATION", row=row)
        if link.type_ids in full:
            continue
        unknown = set(link.type_ids) - allowed
        if unknown:
            raise Invalid(
                f"Association type {min(unknown)} doesn't go from {kind.name} to {other.name}; "
                f"use one of {sorted(allowed)}",
                code="INVALID_ASSOCIATION_TYPE",
                row=row,
            )
        full[link.type_ids] = tuple(sorted({*default, *link.type_ids}))
    return [full[link.type_ids] for link in links]


def _lock(work: Work, kind: ObjectType, ids: Sequence[int]) -> None:
    """Let one writer at a time associate or change live records; raise Missing for ids without one."""
    statement = sql.SQL(
        "select _id from {} where _id = any(%(ids)s) and _archived_at is null order by _id for no key update"
    ).format(work.table(kind.table))
    permission.refuse_absent(
        kind, ids, {number for (number,) in work.rows(statement, {"ids": sorted(set(ids))})}
    )


def _permit(work: Work, kind: ObjectType, other: ObjectType, links: Sequence[Link]) -> None:
    """Raise Missing for ends that aren't seen, and Forbidden for links neither of whose ends may be edited."""
    if work.catalog.role is None:
        return
    sides = (kind, [link.from_id for link in links]), (other, [link.to_id for link in links])
    found = [permission.allowed(work, each, ids, "edit", hold=True) for each, ids in sides]
    for (each, ids), present in zip(sides, found, strict=True):
        permission.refuse_absent(each, ids, present)
    refused = [
        Problem(
            f"Your role ({work.catalog.role.label}) may edit neither of the two records; ask the owner of one of them",
            "NOT_ALLOWED",
            row=row,
        )
        for row, link in enumerate(links)
        if not (found[0][link.from_id] or found[1][link.to_id])
    ]
    if refused:
        raise Forbidden(refused)


def _whole(work: Work, kind: ObjectType, other: ObjectType) -> tuple[Work, ObjectType, ObjectType]:
    """Return work and types as the house sees them: limits and rings count what whoever associates may not see."""
    work = work.whole
    types = work.catalog.object_types
    return work, types[kind.name], types[other.name]


def _insert_both(
    work: Work, kind: ObjectType, other: ObjectType, there: Sequence[Row], mirrored: Sequence[Row]
) -> list[tuple[int, int]]:
    """Store both directions and return the pairs of the first that gained something.

    All writers store them in one order, whichever end they name first, so that none wait in a ring.
    """
    if kind is other:
        asked = {(start, to) for start, to, _ in there}
        return [pair for pair in _insert(work, kind, [*there, *mirrored]) if pair in asked]
    if other.name < kind.name:
        gained = _insert(work, other, there)
        _insert(work, kind, mirrored)
    else:
        _insert(work, kind, mirrored)
        gained = _insert(work, other, there)
    return gained


def _insert(work: Work, target: ObjectType, rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Store one direction and return the pairs that gained something.

    Labels travel as the text of an array, since PostgreSQL has no ragged ones.
    """
    merged: dict[tuple[int, int], tuple[int, ...]] = {}
    for start, to, types in rows:
        before = merged.setdefault((start, to), types)
        if before != types:
            merged[start, to] = tuple(sorted({*before, *types}))
    text = {types: "{" + ",".join(map(str, types)) + "}" for types in set(merged.values())}
    pairs = sorted(merged)  # one order for all, so that two writers never wait for each other in a ring
    gained = work.rows(
        sql.SQL("""
            insert into {table} as a (from_id, to_type, to_id, labels, created_at)
            select from_id, %(to_type)s, to_id, labels::int[], %(now)s
            from unnest(%(from)s::bigint[], %(to)s::bigint[], %(labels)s::text[]) as v(from_id, to_id, labels)
            on conflict (from_id, to_type, to_id) do update
            set labels = array(select distinct unnest(a.labels || excluded.labels) order by 1)
            where not a.labels @> excluded.labels
            returning from_id, to_id""").format(table=work.table("_association")),
        {
            "to_type": target.name,
            "from": [start for start, _ in pairs],
            "to": [to for _, to in pairs],
            "labels": [text[merged[pair]] for pair in pairs],
        },
    )
    return [(start, to) for start, to in gained]


def _refuse_over_limit(work: Work, kind: ObjectType, other: ObjectType, links: Sequence[Link]) -> None:
    problems = []
    for origin, target, ids in (
        (kind, other, [link.from_id for link in links]),
        (other, kind, [link.to_id for link in links]),
    ):
        for each in work.catalog.associations(origin.name, target.name):
            if each.limit is None or each.primary:
                continue
            over = work.rows(
                sql.SQL("""
                    select l.from_id, count(*) from {} l join {} o on o._id = l.to_id and o._archived_at is null
                    where l.from_id = any(%(ids)s) and l.to_type = %(to)s and %(label)s = any(l.labels)
                    group by 1 having count(*) > %(limit)s""").format(
                    work.table("_association"), work.table(target.table)
                ),
                {"ids": list(set(ids)), "to": target.name, "label": each.type_id, "limit": each.limit},
            )
            problems += [
                Problem(
                    f"{origin.label} {number} may have {each.limit} {target.label.lower()} "
                    f"({each.label or 'associated'}), not {count}; take the other away first",
                    "ASSOCIATION_LIMIT_EXCEEDED",
                    row=ids.index(number),
                )
                for number, count in over
            ]
    if problems:
        raise Invalid(problems)


def _remove(work: Work, target: ObjectType, rows: list[tuple[int, int, list[int]]]) -> list[tuple[int, int]]:
    """Remove labels in one direction, or all of it where none are given; return the pairs that lost something."""
    given = sql.SQL(
        "unnest(%(from)s::bigint[], %(to)s::bigint[], %(labels)s::text[]) as v(from_id, to_id, gone)"
    )
    params = {
        "to_type": target.name,
        "from": [start for start, _, _ in rows],
        "to": [to for _, to, _ in rows],
        "labels": ["{" + ",".join(map(str, types)) + "}" for _, _, types in rows],
    }
    where = sql.SQL("a.from_id = v.from_id and a.to_type = %(to_type)s and a.to_id = v.to_id")
    table = work.table("_association")
    fewer = work.rows(
        sql.SQL("""
            update {} a set labels = array(select unnest(a.labels) except select unnest(v.gone::int[]) order by 1)
            from {} where {} and a.labels && v.gone::int[] returning a.from_id, a.to_id""").format(
            table, given, where
        ),
        params,
    )
    none = work.rows(
        sql.SQL("""
            delete from {} a using {} where {} and (v.gone = '{{}}' or a.labels = '{{}}')
            returning a.from_id, a.to_id""").format(table, given, where),
        params,
    )
    return list(dict.fromkeys((start, to) for start, to in (*fewer, *none)))


def _log(
    work: Work, what: ChangeKind, kind: ObjectType, other: ObjectType, pairs: Sequence[tuple[int, int]]
) -> None:
    """Log a change a record on either side, naming all records it was associated with at once."""
    entries: dict[tuple[str, int, str], list[int]] = {}
    for start, to in pairs:
        entries.setdefault((kind.name, start, other.name), []).append(to)
        entries.setdefault((other.name, to, kind.name), []).append(start)
    log.append(
        work,
        [
            (what, type_name, number, {"to_type": to_type, "to_ids": sorted(set(ids))})
            for (type_name, number, to_type), ids in entries.items()
        ],
    )


def forget(work: Work, kind: ObjectType, ids: Sequence[int]) -> None:
    """Delete all associations of records that go for good, from both ends; nothing is told."""
    work.run(
        sql.SQL("""
            with there as (delete from {links} where from_id = any(%(ids)s) returning from_id, to_id)
            delete from {links} back using there
            where back.from_id = there.to_id and back.to_type = %(type)s and back.to_id = there.from_id
            and not back.from_id = any(%(ids)s)""").format(links=work.table("_association")),
        {"ids": list(ids), "type": kind.name},
    )
