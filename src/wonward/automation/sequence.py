"""What is special about sequences: who may enrol in them, and that they end by themselves.

One ends when the contact answers, when a meeting with them is booked, when mail to them comes back, and when they want
none. It is asked before every mail, in the transaction that writes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from wonward.accounts.models import Member
from wonward.automation.actions.action import Batch
from wonward.automation.enrol import Candidate, depth_after, enrol
from wonward.automation.models import Enrolment, Status
from wonward.automation.program import Program, current
from wonward.errors import Conflict, Forbidden, Missing, Problem
from wonward.mail.incoming.models import DeadAddress
from wonward.records import query
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema import seating
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.workflow import SEQUENCE

ANSWERED = "the contact has answered"
BOOKED = "a meeting with the contact is booked"
UNWANTED = "the contact wants no mail"
OWNER = "hubspot_owner_id"


def ended(work: Work, kind: ObjectType, enrolments: Sequence[Enrolment]) -> list[str | None]:
    """Return why each sequence is over, "" for those that go on, None for contacts that are gone; three statements."""
    since = list(_watched(work.catalog, kind))
    optout = ["hs_email_optout"] if "hs_email_optout" in kind.properties else []
    ids = list({each.record_id for each in enrolments})
    columns = ["email", *optout, *(text for _, text in since)]
    rows = {
        number: dict(zip(columns, row, strict=True))
        for number, *row in query.rows(work, Query(kind, ids=ids), columns)
    }
    wanted = {(row["email"] or "").lower() for row in rows.values()}
    dead = DeadAddress.objects.filter(portal_id=work.catalog.portal_id, address__in=wanted)
    reasons = dict(dead.values_list("address", "reason"))

    def why(enrolment: Enrolment) -> str | None:
        row = rows.get(enrolment.record_id)
        if row is None:
            return None
        for said, text in since:
            at = row[text]
            if at and datetime.fromisoformat(at) > enrolment.enrolled_at:
                return said
        if optout and row["hs_email_optout"] == "true":
            return UNWANTED
        reason = reasons.get((row["email"] or "").lower())
        return f"mail to {row['email']} came back: {reason}" if reason else ""

    return [why(each) for each in enrolments]


def _watched(catalog: Catalog, kind: ObjectType) -> Iterator[tuple[str, str]]:
    """Yield what ends a sequence once it has happened since, and the expression of when it last did."""
    email = catalog.object_types.get("email")
    if email and "hs_email_direction" in email.properties and catalog.associations(kind.name, "email"):
        wrote = "hs_email_direction = 'INCOMING_EMAIL'"
        if "automatic_reply" in email.properties:
            wrote += " and (automatic_reply is null or not automatic_reply)"
        yield ANSWERED, f"max(emails.hs_createdate where {wrote})"
    if catalog.associations(kind.name, "meeting"):
        yield BOOKED, "max(meetings.hs_createdate)"


def named(work: Work, name: str) -> Program:
    """Return a sequence as it is defined now; raise Missing naming those there are."""
    found = {each.name: each for each in current(work) if each.workflow.is_sequence}
    if f"{SEQUENCE}{name}" not in found:
        there = ", ".join(each.removeprefix(SEQUENCE) for each in found) or "none"
        raise Missing(f"There is no sequence '{name}'; this portal has {there}", code="WORKFLOW_NOT_FOUND")
    return found[f"{SEQUENCE}{name}"]


def require_seat(work: Work) -> None:
    """Raise Forbidden unless whoever works is a member with a seat that unlocks sequences."""
    member = _enroller(work.catalog.portal_id, work.actor)
    if member is None:
        raise Forbidden(
            "A sequence's mails are from the member who enrols; enrol as one (--as EMAIL)", code="SEAT_NEEDED"
        )
    seating.require(member, work.catalog.seats, "sequences")


def _enroller(portal_id: int, actor: str) -> Member | None:
    kind, _, number = actor.partition(":")
    if kind != "user" or not number.isdecimal():
        return None
    return Member.objects.filter(portal_id=portal_id, user_id=int(number), archived=False).first()


def enrol_owned(batch: Batch, name: str) -> list[str]:
    """Enrol the contacts of a workflow's step for their owners; return what became of each, in words.

    Raise Conflict, with the row, for a contact whose owner has no seat that unlocks sequences.
    """
    program = named(batch.work, name)
    found = dict(query.rows(batch.work, Query(batch.kind, ids=batch.ids), [OWNER]))
    owners = {int(number) for number in found.values() if number}
    members = list(
        Member.objects.filter(portal_id=batch.work.catalog.portal_id, pk__in=owners, archived=False)
    )
    allowed = {each.pk for each in seating.with_unlocked(members, batch.work.catalog.seats, "sequences")}
    problems = [
        Problem(
            "A sequence's mails are from the contact's owner; give it one who has a seat for sequences",
            "SEAT_NEEDED",
            row=row,
        )
        for row, number in enumerate(batch.ids)
        if int(found.get(number) or 0) not in allowed
    ]
    if problems:
        raise Conflict(problems)
    depth = depth_after(batch.work.actor)
    made = enrol(batch.work, {program: [Candidate(each, batch.work.actor, depth) for each in batch.ids]})
    fresh = {each.record_id for each in made}
    return [f"enrolled in {name}" if number in fresh else f"is in {name} already" for number in batch.ids]


def stop(held: Iterable[Enrolment], batch: Batch, name: str) -> list[str]:
    """End the enrolments of a step's contacts in one sequence, or in `all`; return what became of each, in words.

    Those that are `held` in hand just now are stopped there too, since they will be stored as they stand.
    """
    active = Enrolment.objects.filter(
        portal_id=batch.work.catalog.portal_id,
        status=Status.ACTIVE,
        record_id__in=batch.ids,
        **({"workflow__startswith": SEQUENCE} if name == "all" else {"workflow": f"{SEQUENCE}{name}"}),
    )
    stopped = dict(active.select_for_update().values_list("id", "record_id"))
    ending = {
        "status": Status.STOPPED,
        "said": f"the workflow {batch.workflow.name} stopped it",
        "due_at": None,
        "resume_at": None,
        "wakes": False,
        "ended_at": batch.work.now,
    }
    active.update(**ending)
    for each in held:
        if each.pk in stopped:
            for field, value in ending.items():
                setattr(each, field, value)
    gone = set(stopped.values())
    return [f"stopped {name}" if number in gone else f"wasn't in {name}" for number in batch.ids]
