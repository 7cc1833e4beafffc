"""Tells another server of each record, by a signed POST; the enrolment waits at the step until it was taken.

Here the request is written as a row, in the step's transaction; `automation/webhooks.py` sends it.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from wonward import outgoing
from wonward.automation import values, webhooks
from wonward.automation.actions.action import Action, Batch, Done, Part
from wonward.automation.models import Enrolment, Webhook, WebhookState
from wonward.errors import Invalid
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.field_types.time import iso
from wonward.schema.property_body import Name

LOOK_AGAIN = timedelta(hours=1)
"""How long an enrolment waits before it looks by itself; the sender wakes it as soon as there is an answer."""


class NewWebhook(Struct, forbid_unknown_fields=True):
    """Where it goes, the name of the secret that signs it, and the properties it tells."""

    to: str
    secret: Name
    properties: list[Name] = []


class WebhookStep(Struct, forbid_unknown_fields=True):
    """The webhook to send."""

    webhook: NewWebhook


def _parts(_catalog: Catalog, kind: ObjectType, said: WebhookStep) -> Iterator[Part]:
    outgoing.check(said.webhook.to)
    for name in said.webhook.properties:
        prop = kind.property_named(name)
        if prop.sensitive:
            raise Invalid(f"{prop.label} is sensitive, so it can't be sent; leave {name} out")
        yield Part("properties", kind, expression=name)


def _do(batch: Batch) -> list[Done]:
    of_step = Webhook.objects.filter(
        enrolment_id__in=[each.pk for each in batch.enrolments], place=batch.step.place
    )
    known = {each.enrolment_id: each for each in of_step}
    told = dict(zip(batch.ids, _told(batch), strict=True))
    new, again, over = list[Webhook](), list[Webhook](), list[int]()
    done = []
    for enrolment in batch.enrolments:
        row = known.get(enrolment.pk)
        if enrolment._state.adding:  # a rehearsal
            done.append(
                _waits(batch, f"would send {json.dumps(told[enrolment.record_id], ensure_ascii=False)}")
            )
        elif row is None or row.state == WebhookState.FAILED:
            (new if row is None else again).append(_queued(batch, enrolment, row, told[enrolment.record_id]))
            done.append(_waits(batch, f"sends it to {urlsplit(batch.step.said.webhook.to).netloc}"))
        elif row.state == WebhookState.DONE:
            over.append(row.pk)
            done.append(Done(row.answer))
        else:
            done.append(_waits(batch, ""))
    Webhook.objects.bulk_create(new)
    Webhook.objects.bulk_update(again, webhooks.QUEUED_ANEW)
    Webhook.objects.filter(pk__in=over).delete()
    if new or again:
        webhooks.hurry(batch.work.catalog.portal)
    return done


def _waits(batch: Batch, said: str) -> Done:
    look_at = batch.work.now + LOOK_AGAIN
    return Done(said, until=look_at, look_at=look_at)


def _told(batch: Batch) -> list[Mapping[str, str | None]]:
    """Return the properties that are told of each record, as it is now."""
    names: list[str] = batch.step.said.webhook.properties
    found = values.answers(batch, names)
    return [dict(zip(names, found[record_id], strict=True)) for record_id in batch.ids]


def _queued(
    batch: Batch, enrolment: Enrolment, row: Webhook | None, told: Mapping[str, str | None]
) -> Webhook:
    """Return the row of a webhook to send: a new one, or one that had failed and is replayed under the same key."""
    said: NewWebhook = batch.step.said.webhook
    now = batch.work.now
    row = row or Webhook(
        portal_id=batch.work.catalog.portal_id,
        enrolment_id=enrolment.pk,
        place=batch.step.place,
        key=secrets.token_hex(16),
    )
    row.url, row.secret = said.to, said.secret
    row.state, row.attempts, row.answer = WebhookState.QUEUED, 0, ""
    row.queued_at = row.due_at = now
    row.body = json.dumps(
        {
            "idempotencyKey": row.key,
            "occurredAt": iso(now),
            "portal": batch.work.catalog.portal,
            "workflow": batch.workflow.name,
            "objectType": batch.kind.name,
            "objectId": str(enrolment.record_id),
            "properties": told,
        },
        ensure_ascii=False,
    )
    return row


WEBHOOK = Action("webhook", WebhookStep, _parts, _do)
