"""What the new values of records come to, as the keepers of the rooms above say it: taken away, or added."""

from collections.abc import Collection

from wonward.records.validate import Clean
from wonward.records.work import Texts, Work
from wonward.schema.catalog import ObjectType


def added(work: Work, kind: ObjectType, names: Collection[str]) -> set[str]:
    """Return the properties that keepers may add to a change of some."""
    return {name for keeper in work.beside.keepers for name in keeper.adds(kind, names)}


def kept(work: Work, kind: ObjectType, present: Texts, clean: Clean) -> Clean:
    """Return what a record gets that has `present` and would get `clean`."""
    for keeper in work.beside.keepers:
        clean = dict(keeper.values(work, kind, present, clean))
    return clean
