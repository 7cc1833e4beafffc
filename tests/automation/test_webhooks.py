"""Workflows that tell another server: what it gets, and what becomes of it when the server isn't kind."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from click.testing import CliRunner
from tests.remote import Remote, say

from wonward import outgoing, wiring
from wonward.automation import run, webhooks
from wonward.automation.models import Webhook, WebhookSecret
from wonward.blueprints.apply import where_used
from wonward.cli.webhooks import webhook
from wonward.errors import Invalid, Refusal
from wonward.settings import inside
from wonward.worker import jobs

from .conftest import House

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "rødgrød med fløde og mere til"


@pytest.fixture
def remote(settings: Any) -> Iterator[Callable[..., Remote]]:
    settings.OUTGOING_ALLOW = inside("127.0.0.1/32")
    running: list[Remote] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], None]) -> Remote:
        running.append(Remote(answer))
        return running[-1]

    yield start
    for each in running:
        each.stop()


def sell(house: House, url: str, *, secret: bool = True) -> int:
    """Define the workflow that tells of large deals, and close one."""
    from wonward.accounts.models import Portal

    if secret:
        webhooks.set_secret(Portal.objects.get(name=house.portal).pk, "erp", SECRET)
    house.define(
        "deal.w",
        f"{{trigger: {{when: amount > 100}}, steps: [{{webhook: {{to: '{url}/deals?x=1', secret: erp, "
        "properties: [dealname, amount]}}, {set: {a: 1}}]}",
    )
    made = house.create("deal", dealname="Tårn på Ærø", amount="250000")
    house.work()
    return made


def send(house: House) -> None:
    jobs.send_webhooks(house.portal)
    house.work()


def test_a_webhook_arrives_signed_and_the_workflow_goes_on_when_it_was_taken(
    house: House, remote: Any
) -> None:
    server = remote(say(204))
    deal = sell(house, server.url)
    [enrolment] = house.enrolments("deal.w")
    assert (str(enrolment.status), enrolment.place) == ("active", "1")
    send(house)
    [(method, path, headers, body)] = server.asked
    told = json.loads(body)
    key = told.pop("idempotencyKey")
    assert told == {
        "occurredAt": "2026-01-05T09:00:00.000Z",
        "portal": "starter",
        "workflow": "deal.w",
        "objectType": "deal",
        "objectId": str(deal),
        "properties": {"dealname": "Tårn på Ærø", "amount": "250000"},
    }
    assert (method, path, headers["idempotency-key"]) == ("POST", "/deals?x=1", key)
    stamp = headers["x-hubspot-request-timestamp"]
    signed = f"POST{server.url}/deals?x=1".encode() + body + stamp.encode()
    wanted = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["x-hubspot-signature-v3"] == wanted
    [enrolment] = house.enrolments("deal.w")
    assert str(enrolment.status) == "finished"
    assert [said for _, _, said in house.history(enrolment)][:2] == [
        f"sends it to 127.0.0.1:{server.port}",
        f"127.0.0.1:{server.port} answered 204",
    ]
    assert not Webhook.objects.exists()


def test_a_server_that_fails_is_tried_again_under_the_same_key_until_it_takes_it(
    house: House, remote: Any
) -> None:
    left = [503, 429, 200]

    def recovers(asked: BaseHTTPRequestHandler) -> None:
        say(left.pop(0), b"busy")(asked)

    server = remote(recovers)
    sell(house, server.url)
    send(house)
    send(house)
    assert len(server.asked) == 1, "not before its time"
    house.later(minutes=1)
    send(house)
    house.later(minutes=5)
    send(house)
    assert len({json.loads(body)["idempotencyKey"] for _, _, _, body in server.asked}) == 1
    assert len({body for _, _, _, body in server.asked}) == 1
    assert [str(each.status) for each in house.enrolments("deal.w")] == ["finished"]


def test_after_three_days_it_is_among_the_failures_and_can_be_replayed(house: House, remote: Any) -> None:
    answers = [say(500, b"<b>Nej</b>\n tak")]

    def changes_its_mind(asked: BaseHTTPRequestHandler) -> None:
        answers[0](asked)

    server = remote(changes_its_mind)
    sell(house, server.url)
    for _ in range(25):
        send(house)
        house.later(hours=4)
    [failed] = house.enrolments("deal.w")
    assert str(failed.status) == "failed"
    assert failed.said.startswith("Given up after ")
    assert failed.said.endswith("answered 500: <b>Nej</b> tak")
    [kept] = {json.loads(body)["idempotencyKey"] for _, _, _, body in server.asked}
    answers[0] = say(200)
    with wiring.writing(house.portal, actor="user:1", source="cli") as work:
        run.replay(work, [failed.pk])
    house.work()
    send(house)
    assert [str(each.status) for each in house.enrolments("deal.w")] == ["finished"]
    assert json.loads(server.asked[-1][3])["idempotencyKey"] == kept


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (say(404, b"Findes ikke"), "answered 404: Findes ikke"),
        (
            say(302, Location="http://127.0.0.1:9/admin"),
            "it has moved to http://127.0.0.1:9/admin; write the address",
        ),
        (say(308, Location="http://[::1"), "it has moved to http://[::1; write"),
        (say(400, b"x" * 100_000), "answered 400: " + "x" * 300),
    ],
)
def test_an_answer_that_time_wont_mend_fails_at_once(
    house: House, remote: Any, answer: Any, said: str
) -> None:
    server = remote(answer)
    sell(house, server.url)
    send(house)
    [failed] = house.enrolments("deal.w")
    assert str(failed.status) == "failed"
    assert said in failed.said
    assert len(failed.said) < 400
    assert len(server.asked) == 1


def test_a_server_that_hangs_is_left_and_the_others_get_theirs(
    house: House, remote: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_: BaseHTTPRequestHandler) -> None:
        stuck.release.wait()

    monkeypatch.setattr(webhooks, "PATIENCE", 0.3)
    stuck, kind = remote(hang), remote(say(200))
    sell(house, stuck.url)
    for number in range(20):
        house.create("deal", dealname=f"Facade {number}", amount=101)
    house.define(
        "deal.v",
        f"{{trigger: {{when: amount = 99}}, steps: [{{webhook: {{to: '{kind.url}', secret: erp}}}}]}}",
    )
    house.create("deal", dealname="Havn & Co", amount=99)
    house.work()
    send(house)
    assert len(kind.asked) == 1
    assert 0 < len(stuck.asked) <= webhooks.AT_ONCE, "the rest waits, so that it keeps nobody waiting"
    assert [str(each.status) for each in house.enrolments("deal.v")] == ["finished"]
    answers = set(Webhook.objects.filter(attempts=1).values_list("answer", flat=True))
    assert answers == {f"http://127.0.0.1:{stuck.port} took longer than 0.3 seconds"}


def test_a_worker_that_died_while_sending_is_followed_by_another(house: House, remote: Any) -> None:
    from wonward.accounts.models import Portal

    server = remote(say(200))
    sell(house, server.url)
    assert webhooks._claim(Portal.objects.get(name=house.portal).pk)
    send(house)
    assert server.asked == []
    house.later(minutes=6)
    send(house)
    assert len(server.asked) == 1


def test_what_may_not_be_reached_and_what_may_not_be_told_is_refused_when_it_is_written(house: House) -> None:
    from wonward.blueprints import apply

    apply.define(
        house.portal,
        {("property", "deal.cpr"): {"label": "CPR", "type": "text", "sensitive": True}},
        actor="user:1",
    )
    with pytest.raises(Refusal, match=r"step 1 \(webhook\): 10.0.0.1 is a private address"):
        house.define(
            "deal.w", "{trigger: {by_hand: true}, steps: [{webhook: {to: 'https://10.0.0.1/', secret: erp}}]}"
        )
    with pytest.raises(Invalid, match="CPR is sensitive"):
        house.define(
            "deal.w",
            "{trigger: {by_hand: true}, steps: [{webhook: {to: 'https://a.dk/', secret: erp, properties: [cpr]}}]}",
        )
    house.define(
        "deal.w",
        "{trigger: {by_hand: true}, steps: [{webhook: {to: 'https://a.dk/', secret: erp, properties: [b]}}]}",
    )
    [use] = where_used(house.portal, ("property", "deal.b"))
    assert str(use) == "workflow deal.w (step 1 (webhook) properties)"


def test_without_its_secret_nothing_is_sent(house: House, remote: Any) -> None:
    server = remote(say(200))
    sell(house, server.url, secret=False)
    send(house)
    [failed] = house.enrolments("deal.w")
    assert failed.said.startswith("There is no secret 'erp'; set it with")
    assert server.asked == []


def test_an_address_that_has_come_to_lead_inside_is_refused_when_it_is_sent(
    house: House, remote: Any, settings: Any
) -> None:
    server = remote(say(200))
    sell(house, server.url)
    settings.OUTGOING_ALLOW = inside("")
    send(house)
    [failed] = house.enrolments("deal.w")
    assert "127.0.0.1 is a private address" in failed.said
    assert server.asked == []


def test_an_ended_enrolment_sends_nothing_more_and_an_erased_record_leaves_nothing(
    house: House, remote: Any
) -> None:
    server = remote(say(200))
    deal = sell(house, server.url)
    with wiring.writing(house.portal, actor="user:1", source="web") as work:
        wiring.erase(work, work.catalog.object_type("deal"), [deal], "GDPR")
    send(house)
    assert server.asked == []
    assert not Webhook.objects.exists()


def test_a_rehearsal_sends_nothing(house: House, remote: Any) -> None:
    server = remote(say(200))
    deal = sell(house, server.url)
    send(house)
    with wiring.writing(house.portal, actor="user:1", source="cli") as work:
        found = run.rehearse(work, "deal.w", deal)
    assert [each.action for each in found.steps] == ["webhook", "set"]
    assert found.steps[0].said == 'would send {"dealname": "Tårn på Ærø", "amount": "250000"}'
    send(house)
    assert len(server.asked) == 1


def test_secrets_are_set_at_the_command_line_and_lie_sealed(house: House) -> None:
    made = CliRunner().invoke(webhook, ["secret", "erp", "--portal", house.portal])
    assert len(made.output.strip()) >= 40
    [kept] = WebhookSecret.objects.all()
    assert made.output.strip() not in kept.sealed
    given = CliRunner().invoke(
        webhook, ["secret", "erp", "--portal", house.portal, "--given"], input=f"{SECRET}\n"
    )
    assert SECRET not in given.output
    assert WebhookSecret.objects.get().sealed != kept.sealed
    assert CliRunner().invoke(webhook, ["secrets", "--portal", house.portal]).output.startswith("erp\t")
    CliRunner().invoke(webhook, ["forget-secret", "erp", "--portal", house.portal])
    assert not WebhookSecret.objects.exists()


def test_the_signature_is_the_one_hubspot_documents() -> None:
    """A value worked out beside: openssl dgst -sha256 -hmac."""
    made = webhooks.signature("s" * 20, "POST", "https://a.example/x?y=1", '{"å":1}', "1700000000000")
    raw = hmac.new(b"s" * 20, 'POSThttps://a.example/x?y=1{"å":1}1700000000000'.encode(), "sha256")
    assert base64.b64decode(made) == raw.digest()
    assert outgoing.check("https://a.example/x?y=1") is None
