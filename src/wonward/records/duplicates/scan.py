"""Looks through all records of types whose rules for duplicates are new, a batch at a time.

Each batch keeps its place in its own transaction, so that an interrupted scan goes on where it stopped.
"""

import hashlib

from wonward.records import query
from wonward.records.duplicates import keys
from wonward.records.duplicates.check import check
from wonward.records.models import DuplicateScan
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

BATCH = 1000


def next_batch(work: Work) -> bool:
    """Look through the next batch of the first type that needs it; return whether there was one."""
    for kind in work.catalog.object_types.values():
        if not keys.rules(kind):
            continue
        digest = _digest(kind)
        place, _ = DuplicateScan.objects.select_for_update().get_or_create(
            portal_id=work.catalog.portal_id, object_type=kind.name, defaults={"rules": digest}
        )
        if place.rules != digest:
            place.rules, place.after_id, place.ended_at = digest, 0, None
        if place.ended_at is None:
            ids = [row[0] for row in query.rows(work, Query(kind, after_id=place.after_id, limit=BATCH), ())]
            check(work, kind, ids)
            place.after_id = ids[-1] if ids else place.after_id
            place.ended_at = None if len(ids) == BATCH else work.now
            place.save()
            return True
    return False


def _digest(kind: ObjectType) -> str:
    """Return what changes when the rules of a type do, or the properties they look at."""
    types = {name: kind.properties[name].type for name in keys.names(kind)}
    return hashlib.sha256(repr((keys.rules(kind), types)).encode()).hexdigest()
