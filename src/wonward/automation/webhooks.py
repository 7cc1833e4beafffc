"""Sends the webhooks that workflows wrote: claims them, asks several servers at once, notes what became of each.

A webhook is claimed, and that committed, before its server hears of it. A worker that dies in between leaves it
claimed; nobody can know whether it arrived, so it is sent again under the same key. No transaction is open meanwhile.
"""

import base64
import hashlib
import hmac
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import QuerySet
from procrastinate.contrib.django import app

from wonward import clock, outgoing
from wonward.accounts.models import Portal
from wonward.automation.failure import fail
from wonward.automation.models import Enrolment, Status, Webhook, WebhookSecret, WebhookState
from wonward.db import transaction
from wonward.db.secrets import Unreadable, seal, unseal
from wonward.errors import Missing

log = logging.getLogger(__name__)

JOB = "send_webhooks"
PURPOSE = "webhook"

AT_ONCE = 8
"""Servers asked at the same time for one portal."""

PATIENCE = 10.0
"""Seconds that a server may take."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long a webhook waits after its first, second, … try; the last one again and again."""

GIVEN_UP = timedelta(days=3)
"""How long a webhook is tried for before it has failed, as with HubSpot's workflows."""

CLAIMED = timedelta(minutes=5)
"""How long after a claim its worker must be dead: far beyond PATIENCE."""

QUEUED_ANEW = ["url", "secret", "state", "attempts", "answer", "queued_at", "due_at", "body"]

_LATER = (408, 425, 429)
"""Answers that mean: not now. All other 4xx mean: never like this."""

_LONGEST_BODY = 2_000
"""Bytes of an answer that are read."""

_SHOWN = 300
"""Characters of an answer that are told of."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sending, in words; `again` when it may go better later, `away` when nobody answered."""

    said: str
    taken: bool = False
    again: bool = False
    away: bool = False


def hurry(portal: str) -> None:
    """Have the worker send what is due of a portal once the transaction has committed."""
    app.configure_task(JOB, lock=f"webhooks:{portal}").defer(portal=portal)


def set_secret(portal_id: int, name: str, secret: str) -> None:
    """Keep a secret, sealed, under a name that steps have it by; an earlier one of this name is replaced."""
    WebhookSecret.objects.update_or_create(
        portal_id=portal_id, name=name, defaults={"sealed": seal(secret, PURPOSE), "set_at": clock.now()}
    )


def remove_secret(portal_id: int, name: str) -> None:
    """Forget a secret; raise Missing when there is none of this name."""
    gone, _ = WebhookSecret.objects.filter(portal_id=portal_id, name=name).delete()
    if not gone:
        raise Missing(f"There is no secret '{name}'", code="SECRET_NOT_FOUND")


def signature(secret: str, method: str, url: str, body: str, timestamp: str) -> str:
    """Return HubSpot's signature of version 3: HMAC-SHA256 over method, address, body and milliseconds, in base64."""
    signed = f"{method}{url}{body}{timestamp}".encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode("ascii")


def send_due(portal: str) -> int:
    """Send what is due of a portal, AT_ONCE at a time; return how many were taken."""
    portal_id = Portal.objects.values_list("id", flat=True).get(name=portal)
    _of_portal(portal_id).filter(state=WebhookState.SENDING, claimed_at__lt=clock.now() - CLAIMED).update(
        state=WebhookState.QUEUED, due_at=clock.now()
    )
    taken = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while claimed := _claim(portal_id):
            now, keys = clock.now(), _secrets(portal_id, claimed)
            outcomes = list(pool.map(lambda each, now=now, keys=keys: _send(each, keys, now), claimed))
            for webhook, outcome in zip(claimed, outcomes, strict=True):
                _note(webhook, outcome)
                taken += outcome.taken
            _rest(portal_id, {each.url for each, told in zip(claimed, outcomes, strict=True) if told.away})
    return taken


def _of_portal(portal_id: int) -> QuerySet[Webhook]:
    return Webhook.objects.filter(portal_id=portal_id)


def _due(portal_id: int) -> QuerySet[Webhook]:
    return _of_portal(portal_id).filter(state=WebhookState.QUEUED, due_at__lte=clock.now())


def _claim(portal_id: int) -> list[Webhook]:
    """Take what is due next, for this worker alone, but what its enrolment no longer waits for."""
    with transaction.atomic():
        waited_for = _due(portal_id).filter(enrolment__status=Status.ACTIVE)
        free = waited_for.select_for_update(skip_locked=True, of=("self",))
        found = list(free.order_by("due_at", "id")[:AT_ONCE])
        for each in found:
            each.state, each.claimed_at, each.attempts = WebhookState.SENDING, clock.now(), each.attempts + 1
        Webhook.objects.bulk_update(found, ["state", "claimed_at", "attempts"])
        return found


def _secrets(portal_id: int, webhooks: Sequence[Webhook]) -> dict[str, str]:
    rows = WebhookSecret.objects.filter(portal_id=portal_id, name__in={each.secret for each in webhooks})
    return dict(rows.values_list("name", "sealed"))


def _send(webhook: Webhook, sealed: dict[str, str], now: datetime) -> Outcome:
    """Send a webhook and judge the answer; in a thread, without the database."""
    if webhook.secret not in sealed:
        said = f"There is no secret '{webhook.secret}'; set it with wonward webhook secret, then replay"
        return Outcome(said)
    timestamp = str(int(now.timestamp() * 1000))
    try:
        key = unseal(sealed[webhook.secret], PURPOSE)
        answer = outgoing.post(
            webhook.url,
            webhook.body.encode(),
            {
                "Content-Type": "application/json",
                "Idempotency-Key": webhook.key,
                "X-HubSpot-Request-Timestamp": timestamp,
                "X-HubSpot-Signature-v3": signature(key, "POST", webhook.url, webhook.body, timestamp),
            },
            most=_LONGEST_BODY,
            patience=PATIENCE,
            cut=True,
        )
    except (outgoing.NotAllowed, Unreadable) as error:
        return Outcome(str(error))
    except outgoing.Failed as error:
        return Outcome(str(error), again=True, away=True)
    except Exception as error:  # so that one webhook keeps no others waiting
        log.exception("webhook %s couldn't be sent", webhook.pk)
        return Outcome(f"{type(error).__name__}: {error}"[:_SHOWN], again=True)
    return _judge(webhook, answer)


def _judge(webhook: Webhook, answer: outgoing.Answer) -> Outcome:
    said = f"{urlsplit(webhook.url).netloc} answered {answer.status}"
    if 200 <= answer.status < 300:
        return Outcome(said, taken=True)
    if 300 <= answer.status < 400:
        to = answer.headers.get("location", "another address")[:_SHOWN]
        return Outcome(f"{said}: it has moved to {to}; write the address where it is now")
    words = " ".join(answer.body.decode("utf-8", "replace").replace("\x00", "").split())[:_SHOWN]
    again = answer.status >= 500 or answer.status in _LATER
    return Outcome(f"{said}: {words}" if words else said, again=again)


def _note(webhook: Webhook, outcome: Outcome) -> None:
    """Note what became of a webhook; wake its enrolment when it was taken, fail it when it is given up."""
    now = clock.now()
    with transaction.atomic():
        waiting = Enrolment.objects.filter(pk=webhook.enrolment_id, status=Status.ACTIVE, place=webhook.place)
        enrolment = waiting.select_for_update().first()
        claimed = Webhook.objects.filter(pk=webhook.pk, state=WebhookState.SENDING, attempts=webhook.attempts)
        if outcome.again and now - webhook.queued_at < GIVEN_UP:
            pause = PAUSES[min(webhook.attempts, len(PAUSES)) - 1]
            claimed.update(state=WebhookState.QUEUED, answer=outcome.said, due_at=now + pause)
            return
        state = WebhookState.DONE if outcome.taken else WebhookState.FAILED
        if not claimed.update(state=state, answer=outcome.said) or enrolment is None:
            return
        enrolment.due_at = now
        if not outcome.taken:
            said = (
                f"Given up after {webhook.attempts} tries. {outcome.said}" if outcome.again else outcome.said
            )
            fail(enrolment, now, [{"message": said, "code": "WEBHOOK_FAILED", "property": None}])
        enrolment.save(update_fields=["due_at", "status", "problems", "ended_at", "said"])


def _rest(portal_id: int, urls: set[str]) -> None:
    """Let what else is due for servers that don't answer wait, so that it keeps nobody else's waiting."""
    if urls:
        _due(portal_id).filter(url__in=urls).update(due_at=clock.now() + PAUSES[0])
