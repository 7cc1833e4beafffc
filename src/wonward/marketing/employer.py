"""The company that somebody says they are of: found by its domain or name, else made; never changed from outside."""

from collections.abc import Mapping

from wonward.db import transaction
from wonward.errors import Refusal
from wonward.expressions import compile as expressions
from wonward.expressions import tree
from wonward.records import associate as associations
from wonward.records import associated, query, write
from wonward.records.associate import Link
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.form import COMPANY, CONTACT

_KNOWN_BY = ("domain", "name")


def associate(work: Work, contact: int, values: Mapping[str, str]) -> None:
    """Associate a contact that has no company with the one that was named.

    One that several could be, or that can't be made of what was said, is left to those who read the submission.
    """
    if not values:
        return
    person, company = (work.catalog.object_type(name) for name in (CONTACT, COMPANY))
    if associated.of_records(work, person, company, [(contact, 0)], limit=1).get(contact):
        return
    found = _found(work, company, values)
    if found is None:
        return
    if not found:
        try:
            with transaction.atomic():
                found = write.create(work, company, [values])
        except Refusal:
            return
    associations.associate(work, person, company, [Link(contact, found[0])])


def _found(work: Work, company: ObjectType, values: Mapping[str, str]) -> list[int] | None:
    """Return the company with the same domain, else the same name; an empty list for none, None for several."""
    for name in _KNOWN_BY:
        if name in values and name in company.properties:
            same = tree.Membership(tree.Reference(name), (tree.Text(values[name]),))
            where = expressions.compile_condition(work.catalog, company, same)
            rows = query.rows(work, Query(company, where=where, limit=2), [])
            if rows:
                return [rows[0][0]] if len(rows) == 1 else None
    return []
