"""Hand-over: who leaves enters no more, and what they owned goes to others, each record once."""

from functools import partial
from typing import Any

import pytest

from wonward import wiring
from wonward.accounts import memberships, users
from wonward.accounts.models import Member, Portal, Session
from wonward.blueprints import apply
from wonward.cli.commands import run as cli
from wonward.errors import Conflict, Invalid, Missing
from wonward.records import history, write
from wonward.records.handover import ask, named, owned, run
from wonward.records.models import HandOver
from wonward.records.query import Query, rows
from wonward.worker import jobs

PASSWORD = "correct horse battery staple"


@pytest.fixture
def people(starter: str) -> dict[str, Member]:
    """Ada, Bo and Søren, who may all and own records."""
    portal = Portal.objects.get(name=starter)
    for name, email in (("Ada Holm", "ada"), ("Bo Berg", "bo"), ("Søren Ågård", "soren")):
        users.create(f"{email}@maleri.example", name, PASSWORD, [portal])
    Member.objects.update(owns_records=True)
    return {each.first_name: each for each in Member.objects.filter(portal=portal)}


def filled(owner: Member, deals: int = 5) -> list[int]:
    with wiring.writing("starter", actor="cli", source="cli") as work:
        deal, task, note, company = map(work.catalog.object_type, ("deal", "task", "note", "company"))
        mine = {"hubspot_owner_id": str(owner.pk)}
        write.create(work, company, [{"name": "Nordisk Måleri A/S", **mine}])
        due = {"hs_timestamp": "2026-11-30", **mine}
        write.create(work, task, [{"hs_task_subject": "Ring", **due}, {"hs_task_status": "COMPLETED", **due}])
        write.create(work, note, [{"hs_note_body": "Blå", **due}])
        made = write.create(work, deal, [{"dealname": f"Facade {n}", **mine} for n in range(deals)])
        write.archive(work, deal, made[-1:])
    return made


def asking(actor: str = "cli") -> Any:
    return wiring.reading("starter", actor=actor, source="cli")


def owners_of(kind: str) -> list[str | None]:
    work = asking()
    return sorted(
        row[1] or "" for row in rows(work, Query(work.catalog.object_types[kind]), ["hubspot_owner_id"])
    )


def test_what_is_owned_goes_to_who_is_named_and_the_past_stays(people: dict[str, Member]) -> None:
    soren, bo, ada = people["Søren"], people["Bo"], people["Ada"]
    made = filled(soren)
    found = {(each.kind.name, each.prop.name): each.count for each in owned.count(asking(), soren.pk)}
    assert found == {
        ("company", "hubspot_owner_id"): 1,
        ("deal", "hubspot_owner_id"): 4,
        ("task", "hubspot_owner_id"): 1,
    }
    asked = ask.leave(
        asking(f"user:{ada.user_id}"), "soren@maleri.example", str(bo.pk), {"deal": ada.email or ""}
    )
    assert asked.total == 6
    jobs.hand_over(asked.pk)
    jobs.hand_over(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.refused) == ("done", 6, 0)
    assert owners_of("deal") == [str(ada.pk)] * 4
    assert owners_of("company") == [str(bo.pk)]
    assert owners_of("task") == sorted([str(bo.pk), str(soren.pk)])
    assert owners_of("note") == [str(soren.pk)]
    told = history.of_record(asking(), made[0])
    assert [each.actor for each in told].count(f"user:{ada.user_id}") == 1


def test_a_hand_over_that_dies_goes_on_and_gives_each_record_once(
    people: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(people["Søren"], 8)
    asked = ask.leave(asking(), "soren@maleri.example", "bo@maleri.example", {})
    monkeypatch.setattr(run, "BATCH", 3)
    opened = 0

    def dying(portal: str, actor: str) -> Any:
        nonlocal opened
        opened += 1
        if opened == 4:
            raise RuntimeError("the worker dies")
        return wiring.writing(portal, actor=actor, source="worker")

    with pytest.raises(RuntimeError):
        run.carry_on(asked.pk, dying)
    half = HandOver.objects.get(pk=asked.pk)
    assert 0 < half.done < half.total
    jobs.hand_over(asked.pk)
    half.refresh_from_db()
    assert half.done == half.total == 9
    assert owners_of("deal") == [str(people["Bo"].pk)] * 7


def test_who_leaves_enters_no_more_and_comes_back_without_the_records(people: dict[str, Member]) -> None:
    soren = people["Søren"]
    filled(soren)
    Session.objects.create(
        session_key="k", session_data="", expire_date="2030-01-01T00:00Z", user_id=soren.user_id
    )
    Member.objects.filter(pk=soren.pk).update(seat="salg", role="saelger")
    asked = ask.leave(asking(), "soren@maleri.example", "bo@maleri.example", {})
    left = Member.objects.get(pk=soren.pk)
    assert (left.archived, left.seat, left.role) == (True, "", "saelger")
    assert not Session.objects.filter(user_id=soren.user_id).exists()
    with pytest.raises(Missing):
        ask.leave(asking(), "soren@maleri.example", "bo@maleri.example", {})
    memberships.come_back(soren.portal, soren.pk)
    jobs.hand_over(asked.pk)
    assert HandOver.objects.get(pk=asked.pk).state == "stopped"
    assert Member.objects.get(pk=soren.pk).archived is False
    assert owners_of("company") == [str(soren.pk)], "who came back before the worker began keeps what is left"
    again = ask.leave(asking(), "soren@maleri.example", "ada@maleri.example", {})
    HandOver.objects.filter(pk=asked.pk).update(state="running")
    memberships.come_back(soren.portal, soren.pk)
    last = ask.leave(asking(), "soren@maleri.example", "ada@maleri.example", {})
    for each in (asked, again, last):
        jobs.hand_over(each.pk)
    assert owners_of("company") == [str(people["Ada"].pk)], "who was chosen when they left last"


def test_nobody_leaves_whose_records_go_to_nobody_or_who_is_needed(people: dict[str, Member]) -> None:
    soren, bo = people["Søren"], people["Bo"]
    filled(soren)
    leave = partial(ask.leave, asking(), "soren@maleri.example")
    with pytest.raises(Invalid, match="Deal: say who gets what Søren Ågård owns"):
        leave("", {})
    with pytest.raises(Missing):
        leave("soren@maleri.example", {})
    with pytest.raises(Missing):
        leave("ukendt@maleri.example", {})
    with pytest.raises(Invalid, match="There is no object type 'boat'"):
        leave("bo@maleri.example", {"boat": "bo@maleri.example"})
    Member.objects.filter(pk=bo.pk).update(owns_records=False)
    with pytest.raises(Invalid, match="Bo Berg can't own records"):
        leave("bo@maleri.example", {})
    with pytest.raises(Conflict, match="Nobody lets themselves leave"):
        ask.leave(asking(f"user:{soren.user_id}"), str(soren.pk), str(bo.pk), {})
    Member.objects.exclude(pk=soren.pk).update(role="saelger")
    with pytest.raises(Conflict, match="last super admin"):
        leave("ada@maleri.example", {})
    assert not Member.objects.get(pk=soren.pk).archived
    assert not HandOver.objects.exists()


def test_definitions_that_name_somebody_are_found(people: dict[str, Member]) -> None:
    page = {
        "label": "Samtale",
        "hosts": ["Soren@maleri.example", "bo@maleri.example"],
        "lengths": [30],
        "hours": {"monday": ["09:00-16:00"]},
    }
    apply.define("starter", {("scheduling_page", "samtale"): page}, actor="user:1")
    catalog = asking().catalog
    [found] = named.definitions_naming(catalog, people["Søren"])
    assert (found.kind, found.name, found.place) == ("scheduling_page", "samtale", "hosts")
    assert named.definitions_naming(catalog, people["Ada"]) == []


def test_the_command_line_lets_somebody_leave_and_tells_of_rights(
    people: dict[str, Member], capsys: pytest.CaptureFixture[str]
) -> None:
    filled(people["Søren"])
    who = ["soren@maleri.example", "--portal", "starter"]
    assert cli(["user", "leave", *who, "--give", "deal"]) == 2
    assert cli(["user", "leave", *who]) == 1
    assert cli(["user", "leave", *who, "--to", "bo@maleri.example", "--give", "deal=ada@maleri.example"]) == 0
    assert "6 records are handed over by the worker" in capsys.readouterr().out
    assert cli(["user", "back", *who]) == 0
    assert cli(["user", "back", *who]) == 1
    assert cli(["user", "changes", *who]) == 0
    lines = [line.split("\t")[2:] for line in capsys.readouterr().out.splitlines() if "\tmember\t" in line]
    assert lines[:2] == [["member", "", "yes", "cli"], ["member", "yes", "", "cli"]]
