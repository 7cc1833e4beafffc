"""Erasing, redacting and the state of the feed on the command line."""

from typing import Any

import pytest

from wonward import wiring
from wonward.cli.commands import run
from wonward.records import history, query, write
from wonward.records.changes import note_failure
from wonward.records.query import Query

EMAIL = "soren@nordisk.example"


def said(capsys: Any, *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def soren(starter: str) -> int:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        contact = work.catalog.object_type("contact")
        [made] = write.create(work, contact, [{"email": EMAIL, "firstname": "Søren"}])
        write.update(work, contact, [(made, {"firstname": "Søren Å."})])
    return made


def left(record_id: int) -> int:
    work = wiring.reading("starter", actor="x", source="cli")
    return query.count(work, Query(work.catalog.object_type("contact"), ids=[record_id]))


def test_erasing_is_confirmed_and_proved(soren: int, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    erase = ("privacy", "erase", "contact", EMAIL, "--portal", "starter", "--by", "email")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    assert said(capsys, *erase)[0] == 130
    assert left(soren) == 1
    assert said(capsys, *erase, "--yes", "--reason", "by letter")[:2] == (0, f"Erased contact {soren}.\n")
    assert left(soren) == 0
    _, out, _ = said(capsys, "privacy", "proofs", "--portal", "starter", "--email", EMAIL)
    assert out.split("\t")[1:4] == ["contact", str(soren), "cli"]
    assert out.endswith("\tby letter\n")
    code, _, err = said(capsys, *erase, "--yes")
    assert (code, err) == (1, f"There is no contact {EMAIL}\n")


def test_redacting_takes_former_values_away_and_leaves_the_present_one(soren: int, capsys: Any) -> None:
    code, out, _ = said(
        capsys, "privacy", "redact", "contact", str(soren), "firstname", "--portal", "starter", "--yes"
    )
    assert (code, out) == (0, "Took values out of 2 entries of the history.\n")
    work = wiring.reading("starter", actor="x", source="cli")
    values = history.of_properties(work, [soren], ["firstname", "email"])
    assert [value.value for value in values[soren, "firstname"]] == [None, None]
    assert [value.value for value in values[soren, "email"]] == [EMAIL]
    assert query.rows(work, Query(work.catalog.object_type("contact"), ids=[soren]), ["firstname"]) == [
        (soren, "Søren Å.")
    ]
    assert (
        said(capsys, "privacy", "redact", "contact", str(soren), "nothing", "--portal", "starter", "--yes")[0]
        == 1
    )


def test_the_feed_tells_who_is_behind_and_why(soren: int, capsys: Any) -> None:
    name = wiring.CONSUMERS[0].name
    note_failure("starter", name, ValueError("the postman is ill"))
    code, out, _ = said(capsys, "feed", "--portal", "starter")
    head, line = out.splitlines()[:2]
    assert (code, head) == (0, "consumer\tchanges\tseconds\terror")
    consumer, changes, seconds, error = line.split("\t")
    assert (consumer, changes) == (name, "2")
    assert int(seconds) < 600
    assert error.endswith(" ValueError: the postman is ill")
