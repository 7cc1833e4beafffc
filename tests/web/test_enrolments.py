"""The workflows of a record on a page of their own: started, tried out, stopped and replayed by hand."""

from typing import Any

import pytest
from django.test import Client

from wonward.automation.models import Enrolment, Status
from wonward.blueprints import apply
from wonward.worker.loop import tend_workflows

from .conftest import Cast

HAND: dict[str, Any] = {
    "label": "Auto | Ring op",
    "trigger": {"by_hand": True},
    "steps": [{"set": {"dealname": "Ringet op"}}, {"wait": "3 days"}, {"set": {"amount": "1"}}],
}
BY_CHANGE = {"label": "Auto | Stort", "trigger": {"when": "amount > 1000000"}, "steps": [{"stop": "nok"}]}


@pytest.fixture
def page(starter: str, cast: Cast) -> str:
    definitions = {("workflow", "deal.ring"): HAND, ("workflow", "deal.stort"): BY_CHANGE}
    apply.define(starter, definitions, actor="user:1")
    return f"/p/starter/deals/{cast.facade}/workflows"


def status() -> list[tuple[str, str]]:
    return [(str(each.status), each.said) for each in Enrolment.objects.order_by("id")]


def test_a_workflow_is_started_and_stopped(pages: Client, page: str, cast: Cast) -> None:
    html = pages.get(page).content.decode()
    assert "In no workflow yet" in html
    assert "Auto | Stort" not in html, "what begins by itself is started by nobody"
    assert pages.post(page, {"do": "start", "workflow": "deal.ring"}).status_code == 302
    tend_workflows()
    html = pages.get(page).content.decode()
    for said in ("Auto | Ring op", "under way", "Ada Holm", "set dealname", "goes on"):
        assert said in html
    number = Enrolment.objects.get().pk
    pages.post(page, {"do": "stop", "number": str(number)})
    assert status() == [("stopped", "stopped by hand")]
    again = pages.post(page, {"do": "stop", "number": str(number)})
    assert again.status_code == 422
    assert "has ended already" in again.content.decode()


def test_trying_out_tells_and_does_nothing(pages: Client, page: str) -> None:
    html = pages.post(page, {"do": "try", "workflow": "deal.ring"}).content.decode()
    assert "nothing of it was done" in html
    assert "set dealname" in html
    assert status() == []
    assert "Ringet op" not in pages.get(page).content.decode()


def test_a_failure_is_told_and_tried_again(pages: Client, page: str, starter: str) -> None:
    pages.post(page, {"do": "start", "workflow": "deal.ring"})
    failed = Enrolment.objects.get()
    Enrolment.objects.update(status=Status.FAILED, due_at=None, said="Der mangler et beløb")
    assert "Der mangler et beløb" in pages.get(page).content.decode()
    pages.post(page, {"do": "replay", "number": str(failed.pk)})
    assert status() == [("active", "")]


def test_a_sequence_without_a_seat_says_why(pages: Client, starter: str, cast: Cast) -> None:
    texts = {"da": {"subject": "Hej", "body": "Hej {{firstname}}"}}
    seat = {"label": "Salg", "count": 1, "unlocks": ["sequences"]}
    definitions: dict[tuple[str, str], dict[str, Any]] = {
        ("seat", "salg"): seat,
        ("mail_template", "hej"): {"label": "Hej", "object": "contact", "languages": texts},
        ("sequence", "efter"): {"label": "Efter mødet", "steps": [{"template": "hej"}]},
    }
    apply.define(starter, definitions, actor="user:1")
    page = f"/p/starter/contacts/{cast.soren}/workflows"
    answer = pages.post(page, {"do": "start", "workflow": "sequence.efter"})
    assert answer.status_code == 422
    assert "seat" in answer.content.decode()
    assert status() == []


@pytest.mark.parametrize(
    "said",
    [
        {"do": "start", "workflow": "deal.stort"},
        {"do": "start"},
        {"do": "replay", "number": "9" * 30},
        {"do": "stop", "number": "x"},
        {"do": "explode"},
        {},
    ],
)
def test_odd_wishes_are_refused(pages: Client, page: str, said: dict[str, str]) -> None:
    assert pages.post(page, said).status_code == 422
    assert status() == []
