"""Enters an activity about a record: a note, a call, an email, a meeting, a task."""

from collections.abc import Mapping

from wonward.activities.timeline import MOMENT
from wonward.records import associate, write
from wonward.records.associate import Link
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.time import iso

OWNER = "hubspot_owner_id"
MEETING_START = "hs_meeting_start_time"


def enter(
    work: Work,
    activity: ObjectType,
    given: Mapping[str, str | None],
    about: tuple[ObjectType, int],
    *,
    owner: int,
) -> int:
    """Create an activity and associate it with the record it is about; return its id.

    Without a moment it stands at a meeting's start, else at the present; without an owner it is `owner`'s.
    """
    kind, record_id = about
    values = {name: value for name, value in given.items() if value}
    values.setdefault(MOMENT, values.get(MEETING_START) or iso(work.now))
    if OWNER in activity.properties:
        values.setdefault(OWNER, str(owner))
    [number] = write.create(work, activity, [values])
    associate.associate(work, kind, activity, [Link(record_id, number)])
    return number
