"""Takes away what imports and exports keep of people who are erased: messages that quote them, previews, files.

Whose data a file holds can't be told from outside, and an import would bring them back. So an erasure deletes the
files of all exports and imports of the portal; only an import of another type that is under way keeps its own.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from django.db.models import Q
from django.db.transaction import on_commit
from psycopg import sql

from wonward.records import filestore, names
from wonward.records.models import ExportRun, ImportKept, ImportLink, ImportProblem, ImportRun
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType

State = ImportRun.State

ERASED_MESSAGE = "What stood here quoted someone who was erased."
ERASED_NAME = "erased"
SHORTEST = 5
"""Characters of a value that is looked for; shorter ones stand in words by chance."""


def erase(work: Work, kind: ObjectType, ids: Sequence[int]) -> Mapping[str, int]:
    """Delete the files that may hold records, and what quotes them; return counts."""
    quotes = _quotes(work, kind, ids)
    return {
        "import_messages": _messages(work, ids, quotes),
        "transfers": _runs(work, quotes),
        "transfer_files": _files(work, kind),
    }


def _quotes(work: Work, kind: ObjectType, ids: Sequence[int]) -> list[str]:
    """Return what tells people: their names, and the addresses and telephone numbers they have ever had."""
    properties = [prop.name for prop in kind.properties.values() if prop.type in ("email", "phone")]
    found = work.rows(
        sql.SQL("""
            select distinct value from {} c join unnest(%(names)s::text[]) as p(name) on c.diff ? p.name
            cross join jsonb_array_elements_text(c.diff -> p.name) as value
            where c.record_id = any(%(ids)s) and c.kind in ('created', 'updated') and value is not null""").format(
            work.table("_change")
        ),
        {"ids": list(ids), "names": properties},
    )
    values = {*(value for (value,) in found), *names.names(work, kind, ids).values()}
    return [value for value in sorted(values) if len(value) >= SHORTEST]


def _messages(work: Work, ids: Sequence[int], quotes: Collection[str]) -> int:
    """Take away what imports told of rows and kept of records; return how many there were."""
    of_portal = Q(run__portal_id=work.catalog.portal_id)
    ImportLink.objects.filter(of_portal, Q(from_id__in=ids) | Q(to_id__in=ids)).delete()
    taken, _ = ImportKept.objects.filter(of_portal, record_id__in=ids).delete()
    for value in quotes:
        for told in (ImportProblem, ImportKept):
            quoting = told.objects.filter(of_portal, message__icontains=value)
            taken += quoting.update(message=ERASED_MESSAGE)
    return taken


def _files(work: Work, kind: ObjectType) -> int:
    """Delete stored files and previews, once the transaction has committed; stop what is under way with them.

    A crash in between leaves files of no run, which `expiry` deletes.
    """
    portal_id = work.catalog.portal_id
    exports = ExportRun.objects.select_for_update().filter(portal_id=portal_id)
    imports = ImportRun.objects.select_for_update().filter(portal_id=portal_id)
    active = Q(state__in=(State.PREVIEWING, State.RUNNING, State.UNDOING))
    bringing = Q(state__in=(State.PREVIEWING, State.RUNNING))
    imports.filter(bringing, object_type=kind.name).update(stopping=True)
    imports.filter(state__in=(State.UPLOADED, State.WAITING)).update(state=State.CANCELLED, ended_at=work.now)
    exports.filter(state=ExportRun.State.RUNNING).update(stopping=True)
    done = imports.exclude(active & ~Q(object_type=kind.name))
    files = [
        *done.exclude(stored="").values_list("stored", flat=True),
        *exports.exclude(stored="").values_list("stored", flat=True),
    ]
    done.update(stored="", preview=None)
    exports.update(stored="")
    for name in files:
        on_commit(partial(filestore.remove, name))
    return len(files)


def _runs(work: Work, quotes: Collection[str]) -> int:
    """Take quotes out of what runs say of themselves: names of files, failures, maps, filters; return of how many."""
    of_portal = Q(portal_id=work.catalog.portal_id)
    taken = 0
    for run in ImportRun.objects.filter(of_portal).only("file_name", "failure", "mapping"):
        taken += _tell_less(run, quotes, mapping={})
    for export in ExportRun.objects.filter(of_portal).only("file_name", "failure", "asked"):
        taken += _tell_less(export, quotes, asked={**export.asked, "where": ""})
    return taken


def _tell_less(run: ImportRun | ExportRun, quotes: Collection[str], **silent: object) -> int:
    """Put something else in the place of a run's fields that quote; return whether there were any, 0 or 1."""
    instead = {"file_name": ERASED_NAME, "failure": ERASED_MESSAGE, **silent}
    quoting = {name: value for name, value in instead.items() if _quotes_any(getattr(run, name), quotes)}
    return type(run).objects.filter(id=run.pk).update(**quoting) if quoting else 0


def _quotes_any(said: object, quotes: Collection[str]) -> bool:
    folded = json.dumps(said, ensure_ascii=False).lower()
    return any(json.dumps(value, ensure_ascii=False)[1:-1].lower() in folded for value in quotes)
