"""Members are told what concerns them: once, on their page and by mail, by the ways they want."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.house.world import BACKEND

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.errors import Refusal
from wonward.notifications import inbox, letter, tell
from wonward.notifications.kinds import Kind
from wonward.notifications.models import Notification
from wonward.notifications.tell import Told
from wonward.records import write

PASSWORD = "correct horse battery staple"


@pytest.fixture
def soren(starter: str) -> Member:
    return _member("soren@nordisk.example", "Søren Ågård")


@pytest.fixture
def ase(starter: str) -> Member:
    return _member("ase@nordisk.example", "Åse Bøgh")


def _member(email: str, name: str) -> Member:
    users.create(email, name, PASSWORD, [Portal.objects.get(name="starter")])
    return Member.objects.get(email=email)


def pages_of(member: Member) -> Client:
    client = Client()
    assert member.user
    client.force_login(member.user, backend=BACKEND)
    return client


def notify(members: Sequence[Member], text: str, kind: Kind = "record", key: str = "") -> Told:
    with wiring.writing("starter", actor="cli", source="cli") as work:
        return tell.notify(work, members, kind, text, key=key)


@dataclass
class Postman:
    """Takes letters; `away` while the server can't."""

    letters: list[tuple[str, str, str, str]] = field(default_factory=list)
    away: bool = False

    def post(self, name: str, address: str, subject: str, text: str) -> None:
        if self.away:
            raise Refusal("The mail server is away")
        self.letters.append((name, address, subject, text))


def work_off(postman: Postman) -> None:
    for job in ProcrastinateJob.objects.filter(task_name=tell.JOB).order_by("id"):
        for number in job.args["numbers"]:
            letter.send(number, postman.post)


def test_a_repeated_job_tells_once(soren: Member, ase: Member) -> None:
    notify([soren], "Tårnet er vundet", key="won:1")
    notify([soren, ase], "Tårnet er vundet", key="won:1")
    assert sorted(Notification.objects.values_list("member_id", "text")) == [
        (soren.pk, "Tårnet er vundet"),
        (ase.pk, "Tårnet er vundet"),
    ]


def test_nothing_is_told_of_what_was_not_done(soren: Member) -> None:
    with pytest.raises(RuntimeError), wiring.writing("starter", actor="cli", source="cli") as work:
        tell.notify(work, [soren], "record", "Tårnet er vundet")
        raise RuntimeError
    assert not Notification.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name=tell.JOB).exists()


def test_a_mail_goes_out_once_with_the_way_to_its_record(soren: Member) -> None:
    with wiring.writing("starter", actor="cli", source="cli") as work:
        deal = work.catalog.object_type("deal")
        [number] = write.create(work, deal, [{"dealname": "Tårnet"}])
        tell.notify(work, [soren], "record", "Tårnet er din", about=(deal, number))
    postman = Postman(away=True)
    with pytest.raises(Refusal):
        work_off(postman)
    postman.away = False
    work_off(postman)
    work_off(postman)
    [(name, address, subject, text)] = postman.letters
    assert (name, address, subject) == ("Søren Ågård", "soren@nordisk.example", "Tårnet er din")
    assert f"/p/starter/deals/{number}" in text


def test_what_is_switched_off_doesnt_come(soren: Member) -> None:
    inbox.choose(soren, {("record", "page"), ("decision", "mail")})
    notify([soren], "Tårnet er din", "record")
    notify([soren], "Godkendt", "decision")
    assert [each.text for each in inbox.newest(soren)] == ["Tårnet er din"]
    postman = Postman()
    work_off(postman)
    assert [each[2] for each in postman.letters] == ["Godkendt"]


def test_a_team_is_told_those_with_a_seat_and_owners_always(soren: Member, ase: Member) -> None:
    seat = {"label": "Salg", "count": 1, "unlocks": ["team_notifications"]}
    apply.define("starter", {("seat", "salg"): seat}, actor="cli")
    Member.objects.filter(pk=ase.pk).update(seat="salg")
    ase.refresh_from_db()
    told = notify([soren, ase], "Nyt lead til Aarhus", "team")
    assert (told.members, told.without_seat) == ([ase], [soren])
    assert notify([soren], "Leadet er dit", "record").members == [soren]
    assert [each.text for each in inbox.newest(soren)] == ["Leadet er dit"]


def test_the_bell_counts_until_it_is_read_and_the_list_leads_there(soren: Member, ase: Member) -> None:
    notify([soren], "Tårnet er vundet")
    notify([soren], "Taget <b>også</b>")
    notify([ase], "Kun til Åse")
    pages = pages_of(soren)

    def bell() -> str:
        return pages.get(f"/p/starter/notifications/bell?by={soren.user_id}").content.decode()

    assert "2 unread notifications" in bell()
    html = pages.get("/p/starter/notifications").content.decode()
    assert "Taget &lt;b&gt;også&lt;/b&gt;" in html
    assert "Kun til Åse" not in html
    theirs = Notification.objects.get(member=ase)
    assert pages.post("/p/starter/notifications/read", {"number": theirs.pk}).status_code == 404
    mine = Notification.objects.filter(member=soren).first()
    assert mine
    pages.post("/p/starter/notifications/read", {"number": mine.pk})
    assert "1 unread notification" in bell()
    pages.post("/p/starter/notifications/read")
    assert "unread" not in bell()
    assert not Notification.objects.filter(member=ase).exclude(read_at=None).exists()


def test_con_6_a_member_chooses_what_they_are_told(soren: Member) -> None:
    pages = pages_of(soren)
    assert pages.get("/p/starter/notifications/choices").content.decode().count(" checked") == 10
    pages.post("/p/starter/notifications/choices", {"wanted": ["team.mail", "record.page", "nonsense.page"]})
    assert pages.get("/p/starter/notifications/choices").content.decode().count(" checked") == 2


def test_what_is_told_of_a_record_goes_with_it(soren: Member) -> None:
    with wiring.writing("starter", actor="cli", source="cli") as work:
        deal = work.catalog.object_type("deal")
        [number] = write.create(work, deal, [{"dealname": "Tårnet"}])
        tell.notify(work, [soren], "record", "Tårnet er din", about=(deal, number))
        wiring.erase(work, deal, [number])
    assert not Notification.objects.exists()
