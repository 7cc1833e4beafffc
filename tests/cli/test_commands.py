"""The command line as a person types it: what it prints and its exit codes."""

import json
import socket
from pathlib import Path
from typing import Any

import django.db
import psycopg
import pytest
from django.db import connection

from wonward import wiring
from wonward.accounts import tokens, users
from wonward.accounts.models import User
from wonward.blueprints import apply
from wonward.cli.commands import run
from wonward.cli.records import separated
from wonward.records import write

STARTER = Path(__file__).parents[2] / "blueprints" / "starter"


@pytest.fixture
def deals(starter: str) -> list[int]:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        rows = [{"dealname": "Døråbner", "amount": "1200"}, {"dealname": "Facade", "amount": "5"}]
        return write.create(work, work.catalog.object_type("deal"), rows)


def said(capsys: Any, *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_records_as_json(deals: list[int], capsys: Any) -> None:
    code, out, _ = said(
        capsys, "records", "deals", "--portal", "starter", "--where", "amount > 100",
        "--columns", "dealname,amount * 2",
        "--format", "json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out) == [{"id": str(deals[0]), "dealname": "Døråbner", "amount * 2": "2400"}]


def test_records_as_csv_sorted_and_counted(deals: list[int], capsys: Any) -> None:
    _, out, _ = said(
        capsys,
        "records",
        "deal",
        "--portal",
        "starter",
        "--columns",
        "amount",
        "--sort",
        "-amount",
        "--format",
        "csv",
    )
    assert out.split() == ["id,amount", f"{deals[0]},1200", f"{deals[1]},5"]
    assert said(capsys, "records", "deal", "--portal", "starter", "--count")[1] == "2\n"


def test_records_as_a_table(deals: list[int], capsys: Any) -> None:
    code, out, _ = said(capsys, "records", "deal", "--portal", "starter")
    assert code == 0
    assert "Døråbner" in out
    assert "2 records" in out


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("records", "deal", "--portal", "starter", "--where", "amont > 5"), 1, "did you mean 'amount'"),
        (("records", "boat", "--portal", "starter"), 1, "There is no object type 'boat'"),
        (("records", "deal", "--portal", "nowhere"), 1, "There is no portal 'nowhere'"),
        (("records", "deal"), 2, "--portal"),
        (("plan", "nowhere", "--portal", "starter"), 1, "is not a folder"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_refusals_say_why(
    starter: str, capsys: Any, arguments: tuple[str, ...], code: int, reason: str
) -> None:
    found, _, err = said(capsys, *arguments)
    assert (found, reason in err) == (code, True), err


def test_plan_apply_and_export(starter: str, tmp_path: Path, capsys: Any) -> None:
    assert said(capsys, "export", "--portal", "starter", str(tmp_path / "out"))[0] == 0
    file = tmp_path / "out" / "object_types" / "deal.yaml"
    text = file.read_text(encoding="utf-8").replace("Engage date", "Dialog indledt")
    file.write_text(text, encoding="utf-8")
    code, out, _ = said(capsys, "plan", str(tmp_path / "out"), "--portal", "starter")
    assert code == 0
    assert "~ property deal.engage_date" in out
    assert "label: Engage date → Dialog indledt" in out
    assert "1 change made." in said(capsys, "apply", str(tmp_path / "out"), "--portal", "starter")[1]
    assert "No difference." in said(capsys, "plan", str(tmp_path / "out"), "--portal", "starter")[1]
    file.write_text(text + "removed: [amount]\n", encoding="utf-8")
    code, _, err = said(capsys, "apply", str(tmp_path / "out"), "--portal", "starter")
    assert code == 1
    assert "property deal.amount is still used by" in err
    file.write_text(text + "removed: [closed_won_reason]\n", encoding="utf-8")
    code, _, err = said(capsys, "apply", str(tmp_path / "out"), "--portal", "starter")
    assert code == 1
    assert "would destroy every value of deal.closed_won_reason" in err


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ("amount, dealname ,", ["amount", "dealname"]),
        (
            "has(tags, 'a, b'), amount * (2 + (1)), '1,2'",
            ["has(tags, 'a, b')", "amount * (2 + (1))", "'1,2'"],
        ),
        ("", []),
    ],
)
def test_columns_are_cut_at_the_commas_between_them(columns: str, parts: list[str]) -> None:
    assert separated(columns) == parts


def test_a_portal_is_made_once(starter: str, capsys: Any) -> None:
    code, out, _ = said(capsys, "portal", "create", "twin", "--blueprint", str(STARTER))
    assert code == 0
    assert "Portal twin is there" in out
    assert said(capsys, "portal", "create", "twin", "--blueprint", str(STARTER))[0] == 1


def test_a_token_is_printed_alone_and_works(starter: str, capsys: Any) -> None:
    _, out, _ = said(capsys, "token", "create", "--portal", "starter", "--scope", "crm.objects.deals.read")
    bearer = tokens.bearer(out.strip())
    assert bearer is not None
    assert bearer.scopes == {"crm.objects.deals.read"}


def test_a_user_is_made(starter: str, capsys: Any) -> None:
    code, out, _ = said(
        capsys, "user", "create", "soren@maleri.dk", "--name", "Søren Ågård", "--portal", "starter",
        "--password", "en lang adgangskode",
    )  # fmt: skip
    assert (code, out) == (0, "soren@maleri.dk can sign in.\n")
    assert User.objects.get().memberships.get().first_name == "Søren"


def test_a_member_gets_role_teams_seat_and_days_away(starter: str, capsys: Any) -> None:
    seller = {"label": "Sælger", "default": {"view": "own"}}
    seat = {"label": "Salg", "count": 1, "unlocks": ["forecast"]}
    apply.define(starter, {("role", "seller"): seller, ("seat", "sales"): seat}, actor="user:1")
    for name in ("ane", "ib"):
        users.create(f"{name}@maleri.dk", name.title(), "en lang adgangskode", [apply.portal_named(starter)])

    def do(command: str, *given: str) -> tuple[int, str]:
        code, out, err = said(capsys, "user", command, *given, "--portal", "starter")
        return code, " ".join((out + err).split(" "))

    assert do("role", "ane@maleri.dk", "seller") == (0, "ane@maleri.dk is seller in starter.\n")
    assert "There is no role 'chef'" in do("role", "ane@maleri.dk", "chef")[1]
    assert "last super admin" in do("role", "ib@maleri.dk", "seller")[1]
    assert do("teams", "ane@maleri.dk", "--primary", "Ågade", "--secondary", "Salg")[0] == 0
    assert do("seat", "ane@maleri.dk", "--seat", "sales")[0] == 0
    assert "All 1 Salg seats are taken, by Ane" in do("seat", "ib@maleri.dk", "--seat", "sales")[1]
    assert "There is no kind of seat 'chef'" in do("seat", "ib@maleri.dk", "--seat", "chef")[1]
    assert do("away", "ane@maleri.dk", "--from", "2026-12-21", "--until", "2027-01-03")[0] == 0
    assert do("away", "ane@maleri.dk", "--from", "2026-12-21")[0] == 1
    assert do("list")[1].splitlines()[0].split("\t") == [
        "ane@maleri.dk", "Ane", "seller", "Ågade", "Salg", "sales", "2026-12-21–2027-01-03",
    ]  # fmt: skip
    assert do("seat", "ane@maleri.dk") == (0, "ane@maleri.dk has no seat.\n")
    assert do("away", "ane@maleri.dk") == (0, "ane@maleri.dk is back.\n")
    code, said_of_chef = do("create", "bo@maleri.dk", "--role", "chef", "--password", "en lang adgangskode")
    assert (code, "There is no role 'chef'" in said_of_chef) == (1, True)


def test_tokens_are_listed_and_revoked(starter: str, capsys: Any) -> None:
    said(capsys, "token", "create", "--portal", "starter", "--name", "Oneflow på dansk")
    _, out, _ = said(capsys, "token", "list", "--portal", "starter")
    number, name, _, scopes = out.strip().split("\t")
    assert (name, scopes) == ("Oneflow på dansk", "all")
    assert said(capsys, "token", "revoke", number, "--portal", "starter")[0] == 0
    assert said(capsys, "token", "list", "--portal", "starter")[1] == ""


def test_a_file_with_a_bad_row_is_imported_but_for_that(starter: str, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("Deal name;Amount;Opportunity ID\nDør;1.234,50;a\nMur;mange;b\n", encoding="utf-8")
    arguments = ("import", str(file), "--portal", "starter", "--object", "deal")
    code, out, _ = said(capsys, *arguments, "--dry-run")
    assert (code, "Amount → Amount (amount)   decimal comma" in out) == (1, True)
    assert said(capsys, "records", "deal", "--portal", "starter", "--count")[1] == "0\n"
    code, out, _ = said(capsys, *arguments, "--errors", str(tmp_path / "bad.csv"))
    assert (code, "line 3 Amount: 'mange' is no number" in out) == (1, True)
    assert "Mur;mange;b;3;Amount" in (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")
    file.write_text("Deal name;Amount;Opportunity ID\nDør;1.234,50;a\nMur;5;b\n", encoding="utf-8")
    code, out, _ = said(capsys, *arguments)
    assert (code, "1 created, 0 changed, 1 unchanged" in out) == (0, True), out


def test_brackets_in_a_name_are_shown_as_they_stand(starter: str, capsys: Any) -> None:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        rows = [{"name": "Nordisk [draft] ApS"}, {"name": "Ågård [/foo]"}]
        write.create(work, work.catalog.object_type("company"), rows)
    code, out, _ = said(capsys, "records", "company", "--portal", starter, "--columns", "name")
    assert (code, "Nordisk [draft] ApS" in out, "Ågård [/foo]" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (psycopg.OperationalError("connection refused\nis it running?"), "refused is it running?"),
        (psycopg.errors.UndefinedTable("no accounts_portal"), "run wonward db upgrade"),
        (django.db.OperationalError("server closed"), "The database refused: server closed"),
        (PermissionError(13, "Permission denied", "ud.csv"), "ud.csv: Permission denied"),
    ],
)
def test_trouble_outside_is_one_line(
    capsys: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(wiring, "reading", fail)
    code, _, err = said(capsys, "records", "deal", "--portal", "starter")
    assert (code, err.count("\n"), reason in err) == (1, 1, True), err


@pytest.mark.django_db
def test_missing_tables_lead_to_the_upgrade(capsys: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table accounts_portal rename to accounts_away")
    code, _, err = said(capsys, "records", "deal", "--portal", "starter")
    assert (code, err.count("\n"), "run wonward db upgrade" in err) == (1, 1, True), err


def test_the_demo_refuses_a_taken_port(capsys: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, err = said(capsys, "demo", "--port", port)
    assert (code, f"Port {port} can't be had" in err) == (1, True), err


@pytest.mark.django_db(transaction=True)
def test_merging_a_file_of_pairs_twice(starter: str, tmp_path: Path, capsys: Any) -> None:
    with wiring.writing(starter, actor="user:1", source="web") as work:
        company = work.catalog.object_type("company")
        a, b, c = write.create(
            work, company, [{"name": name} for name in ("Nordisk", "Nordisk A/S", "Måleri")]
        )
    file = tmp_path / "pairs.csv"
    file.write_text(f"keep,merge\n{a},{b}\n{b},{c}\n{a},x\n{a},{a}\n", encoding="utf-8")
    for _ in range(2):
        code, out, err = said(capsys, "merge", str(file), "--portal", "starter", "--object", "company")
        assert (code, out) == (1, "pairs.csv: 2 merged, 2 refused\n")
        assert "line 4: 'x' is no record id" in err
        assert "line 5:" in err
    with wiring.writing(starter, actor="user:1", source="web") as work:
        from wonward.records.merging import merges

        assert merges.survivors(work, [b, c]) == {b: a, c: a}
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    code, _, err = said(capsys, "merge", str(file), "--portal", "starter", "--object", "company")
    assert (code, "needs the columns keep and merge" in err) == (1, True)
    file.write_bytes(f"keep;merge;hvem\n{a};{b};M\u00e5ler\n".encode("cp1252"))
    code, out, _ = said(capsys, "merge", str(file), "--portal", "starter", "--object", "company")
    assert (code, out) == (0, "pairs.csv: 1 merged\n")
