"""Takes in a form that somebody sent: its row, the contact, the company, and the log, in one transaction.

What is refused is so for the answers alone, whoever is a contact already: nobody learns from a form who is known, or
what is known of them. An answer fills what the contact hasn't got; it takes the place of something only where the
form says so.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec
from django.db.models import F

from wonward.db import transaction
from wonward.documents.models import DocumentVersion
from wonward.errors import Invalid, Problem, Refusal
from wonward.marketing import conversions, employer
from wonward.marketing.models import Submission
from wonward.marketing.source import Touch, touch
from wonward.records import correspondents, log, query, rules, upsert, write
from wonward.records.query import Query
from wonward.records.validate import Clean, validate
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.form import COMPANY, CONTACT, EMAIL, Form

_JSON = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody sent: texts by the field's name, consents that were ticked, and what their browser told.

    `query` are the parameters of the page's address that hidden fields read; `nonce` is of the page they had open.
    """

    texts: Mapping[str, str]
    consents: Collection[str]
    nonce: str
    query: Mapping[str, str]
    utm: Mapping[str, str]
    page: str = ""
    referrer: str = ""
    own_host: str = ""
    language: str = ""


def submit(work: Work, form: Form, answers: Answers) -> Submission:
    """Take a form in and return it; the same answers sent again from the same page are the ones there were.

    Raise Invalid with the problems of the answers, each under its field's name or a consent's.
    """
    values = _clean(work, form, answers)
    made, new = _kept(work, form, answers, values)
    if new:
        kind = work.catalog.object_type(CONTACT)
        came = touch(answers.utm, answers.referrer, answers.own_host)
        form = work.defined.catalog.forms[form.name]  # what is kept of it is in one language
        made.contact_id = _contact(work, kind, form, made, came)
        made.source = came.channel
        made.save(update_fields=["contact_id", "source"])
        employer.associate(work, made.contact_id, _of(values, COMPANY))
        told = {"form": form.name, "label": form.label, "submission": made.pk, "source": came.channel}
        log.append(work, [("submitted", CONTACT, made.contact_id, told)])
    return made


def _clean(work: Work, form: Form, answers: Answers) -> Mapping[str, str]:
    """Return the answers as canonical text by the field's name; raise Invalid with all that is wrong with them."""
    given = {each.name: answers.texts.get(each.name, "").strip() for each in form.asked}
    problems = [
        Problem("Please answer this", "REQUIRED_PROPERTY", each.name)
        for each in form.asked
        if each.required and not given[each.name]
    ]
    problems += [
        Problem("This is needed to send the form", "CONSENT_MISSING", each.name)
        for each in form.consents
        if each.required and each.name not in answers.consents
    ]
    clean, wrong = _validated(work, {name: text for name, text in given.items() if text})
    if problems or wrong:
        raise Invalid([*problems, *wrong])
    for each in form.hidden:
        text = each.value if each.value is not None else answers.query.get(each.query or "", "")
        # What an address says is nobody's to mend: a value that doesn't fit is left out.
        found, unfit = _validated(work, {each.name: text}) if text.strip() else ({}, [])
        clean |= {} if unfit else found
    return clean


def _validated(work: Work, given: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Return values as canonical text, and what is wrong with them whatever a record holds besides."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name in (CONTACT, COMPANY):
        own, prefix = _of(given, name), f"{COMPANY}." if name == COMPANY else ""
        if own:
            kind = work.catalog.object_type(name)
            checked = validate(work, kind, [own], creating=False)
            wrong = checked.problems or rules.broken_by(work, kind, checked.rows[0])
            problems += [Problem(each.message, each.code, f"{prefix}{each.property}") for each in wrong]
            found |= {f"{prefix}{key}": text for key, text in checked.rows[0].items() if text is not None}
    return found, problems


def _of(values: Mapping[str, str], object_type: str) -> dict[str, str]:
    """Return the values of one object type, by the names of its properties."""
    if object_type == CONTACT:
        return {name: text for name, text in values.items() if "." not in name}
    return {name.partition(".")[2]: text for name, text in values.items() if "." in name}


def _kept(work: Work, form: Form, answers: Answers, values: Mapping[str, str]) -> tuple[Submission, bool]:
    """Return the row of what was sent, and whether it is new; who sends it twice at once waits for the first."""
    consents = [
        {"name": each.name, "text": each.label, "given": each.name in answers.consents}
        for each in form.consents
    ]
    said = _JSON.encode([form.name, answers.nonce, values, consents])
    newest = DocumentVersion.objects.filter(
        document__portal_id=work.catalog.portal_id,
        document__kind="form",
        document__name=form.name,
        version=F("document__version"),
    )
    return Submission.objects.get_or_create(
        portal_id=work.catalog.portal_id,
        key=hashlib.sha256(said).hexdigest(),
        defaults={
            "form": form.name,
            "definition_id": newest.values_list("pk", flat=True).get(),
            "at": work.now,
            "values": values,
            "consents": consents,
            "page": answers.page,
            "referrer": answers.referrer,
            "utm": dict(answers.utm),
            "language": answers.language,
        },
    )


def _contact(work: Work, kind: ObjectType, form: Form, made: Submission, came: Touch) -> int:
    """Create the contact, or give the one there is what it may get; return its id."""
    values = {**_of(made.values, CONTACT), **_agreed(form, made)}
    upsert.hold_values(work, kind, kind.property_named(EMAIL), [values[EMAIL]])
    known = correspondents.contacts(work, [values[EMAIL]]).get(values[EMAIL])
    if known is None:
        own = conversions.after(work, kind, form, came, {}, again=False)
        return write.create(work, kind, [values], own=own)[0]
    write.lock(work, kind, [known])
    names = list(dict.fromkeys((*values, *(each for each in conversions.READ if each in kind.properties))))
    [(_, *texts)] = query.rows(work, Query(kind, ids=[known]), names)
    present = dict(zip(names, texts, strict=True))
    earlier = Submission.objects.filter(portal_id=made.portal_id, contact_id=known, form=form.name)
    own = conversions.after(work, kind, form, came, present, again=earlier.exists())
    _update(work, kind, known, _allowed(form, values, present), own)
    return known


def _agreed(form: Form, made: Submission) -> dict[str, str]:
    given = {each["name"] for each in made.consents if each["given"]}
    return {each.sets: "true" for each in form.consents if each.sets and each.name in given}


def _allowed(form: Form, values: Mapping[str, str], present: Mapping[str, str | None]) -> Clean:
    """Return those values that may go into a contact: where it has nothing, and where the form overwrites."""
    over = {each.name for each in form.fields if each.overwrite}
    over |= {each.sets for each in form.consents if each.sets}
    return {
        name: text
        for name, text in values.items()
        if name != EMAIL and (name in over or present[name] is None)
    }


def _update(work: Work, kind: ObjectType, known: int, values: Clean, own: Clean) -> None:
    """Give a known contact values; when they don't go with what it has, it keeps to that, and nobody outside hears."""
    try:
        with transaction.atomic():
            write.update(work, kind, [(known, values)], own=own)
    except Refusal:
        write.update(work, kind, [(known, {})], own=own)
