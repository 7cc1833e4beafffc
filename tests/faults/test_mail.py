"""A worker killed while it hands a mail over: nothing is sent twice meanwhile, and what is sent again can be told."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.mail.postbox import Postbox, Server

from .conftest import House, until

TEMPLATE = """
mail_template: hello
label: Hej
object: company
languages: {da: {subject: "Hej {{name}}", body: "Hej {{name}}"}}
"""
ENQUEUE = """
import django
django.setup()
from wonward import wiring
from wonward.mail import send
from wonward.records import write
with wiring.writing("havn", actor="cli", source="cli") as work:
    company = work.catalog.object_type("company")
    ids = write.create(work, company, [{"name": "Søren Ågård ApS"}])
    send.enqueue(work, "hello", company, ids, to="soren@havn.example")
"""
DUE = """
import django
django.setup()
from wonward.worker import jobs
jobs.send_due_mail(0)
"""


class Hanging(Postbox):
    """A server that has read a mail and then doesn't answer, until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.read = threading.Event()
        self.answering = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.answering:
            return await super().handle_DATA(server, session, envelope)
        self.envelopes.append(envelope)
        self.read.set()
        await server._reader.read()  # until the other end is gone
        return "421 nobody there"


@pytest.fixture
def server(house: House, tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path, box=Hanging(), password="hemmeligt")
    running.start()
    house.environment |= {"WONWARD_SMTP": running.url("hemmeligt"), "WONWARD_MAIL_FROM": "drift@havn.example"}
    yield running
    running.stop()


def script(house: House, text: str) -> None:
    subprocess.run([sys.executable, "-c", text], env=house.environment, check=True)


def test_a_worker_killed_while_it_sends(house: House, server: Server, tmp_path: Path) -> None:
    blueprint = tmp_path / "blueprint"
    house.wonward("export", str(blueprint), "--portal", "havn")
    (blueprint / "hello.yaml").write_text(TEMPLATE, encoding="utf-8")
    house.wonward("apply", str(blueprint), "--portal", "havn")
    worker = house.work()
    script(house, ENQUEUE)
    box = server.box
    assert isinstance(box, Hanging)
    until(box.read.is_set, "handing the mail over")
    assert house.one("select state from mail_outgoingmail") == "sending"
    house.kill(worker)
    script(house, DUE)
    assert len(box.envelopes) == 1, "nobody knows yet that the worker is dead"
    box.answering = True
    house.rows("update mail_outgoingmail set claimed_at = claimed_at - interval '21 minutes' returning 1")
    script(house, DUE)
    assert house.one("select state from mail_outgoingmail") == "sent"
    assert len({each["Message-ID"] for each in box.messages}) == 1
    assert len(box.envelopes) == 2
    assert house.one("select count(*) from portal_havn.email") == 1
