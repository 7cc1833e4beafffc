"""Validation rules: every write path asks them, in PostgreSQL; what was stored before them may stay."""

from typing import Any

import pytest

from wonward import wiring
from wonward.blueprints import apply
from wonward.errors import Invalid, Problem, Refusal
from wonward.records import query, write
from wonward.records.query import Query

CVR = "cvr_number"


def define(**properties: Any) -> None:
    wanted = {("property", f"company.{name}"): body for name, body in properties.items()}
    apply.define("starter", wanted, actor="user:1")


def text(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"label": "CVR", "type": "text", "validation": list(rules), **more}


def create(*rows: dict[str, Any], source: Any = "web") -> list[int]:
    with wiring.writing("starter", actor="user:1", source=source) as work:
        return write.create(work, work.catalog.object_type("company"), rows)


def problems(*rows: dict[str, Any]) -> list[Problem]:
    with pytest.raises(Refusal) as refused:
        create(*rows)
    return list(refused.value.problems)


def test_a_regex_is_for_the_whole_value_and_says_its_own_message(starter: str) -> None:
    define(cvr_number=text({"regex": "[0-9]{8}|ukendt", "message": "Skriv CVR-nummeret med otte cifre"}))
    create({CVR: "12345678"}, {CVR: "ukendt"}, {"name": "Uden"})
    found = problems({CVR: "12345678"}, {CVR: "123456789"}, {CVR: "12345678\n"})
    assert [(each.row, each.property, each.code) for each in found] == [
        (1, CVR, "INVALID_FORMAT"),
        (2, CVR, "INVALID_FORMAT"),
    ]
    assert found[0].message == "Skriv CVR-nummeret med otte cifre"


@pytest.mark.parametrize(
    ("body", "good", "bad", "code"),
    [
        ({"type": "number", "validation": [{"min": 0, "max": 100}]}, "100", "100.01", "OUT_OF_RANGE"),
        ({"type": "date", "validation": [{"min": "2020-01-01"}]}, "2020-01-01", "2019-12-31", "OUT_OF_RANGE"),
        (
            {"type": "datetime", "validation": [{"max": "2030-01-01T00:00:00Z"}]},
            "2030-01-01T00:00:00Z",
            "2030-01-01T00:00:00.001Z",
            "OUT_OF_RANGE",
        ),
        (
            {"type": "text", "validation": [{"min_length": 2, "max_length": 3}]},
            "Ærø",
            "Ærøs",
            "INVALID_LENGTH",
        ),
        ({"type": "text", "validation": [{"regex": "(?i)dk.*"}]}, "DK-1", "SE-1", "INVALID_FORMAT"),
    ],
)
def test_ranges_lengths_and_cases(starter: str, body: dict[str, Any], good: str, bad: str, code: str) -> None:
    define(checked={"label": "Tjekket", **body})
    create({"checked": good})
    assert [each.code for each in problems({"checked": bad})] == [code]


def test_an_expression_is_asked_of_the_whole_new_row(starter: str) -> None:
    seats = {"label": "Pladser", "type": "number"}
    rule = {"expression": "used <= seats", "message": "Der er ikke så mange pladser"}
    define(seats=seats, used={"label": "Brugt", "type": "number", "validation": [rule]})
    [company] = create({"seats": 5, "used": 5})
    create({"used": 9})  # nothing known of the seats: null breaks no rule
    with wiring.writing(starter, actor="user:1", source="api") as work:
        kind = work.catalog.object_type("company")
        with pytest.raises(Invalid, match="ikke så mange") as refused:
            write.update(work, kind, [(company, {"seats": 4})])
        assert refused.value.problems[0].property == "used"
        write.update(work, kind, [(company, {"seats": 4, "used": 3})])


def test_what_broke_a_rule_before_it_was_made_stays_and_is_counted(starter: str) -> None:
    define(cvr_number=text())
    [company] = create({CVR: "tolv", "name": "Søren"})
    wanted = {("property", "company.cvr_number"): text({"regex": "[0-9]{8}"})}
    found = apply.define(starter, wanted, actor="user:1")
    assert found.changes[0].findings == (
        "broken by 1 company as stored, left until they are written: CVR isn't of the form [0-9]{8}",
    )
    with wiring.writing(starter, actor="user:1", source="web") as work:
        kind = work.catalog.object_type("company")
        assert write.update(work, kind, [(company, {"name": "Søren Ågård"})]) == [True]
        with pytest.raises(Invalid):
            write.update(work, kind, [(company, {CVR: "elleve"})])


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"regex": "(a"}, "the regex isn't right"),
        ({"regex": r"(a+)\1"}, "refers back"),
        ({"regex": "(?=a)b"}, r"no \(\?"),
        ({"regex": "a", "min": 1}, "give one of"),
        ({"min": 1}, "only numbers and dates"),
        ({"min_length": 3, "max_length": 2}, "no text would do"),
        ({"expression": "name = 'a'"}, "needs a message"),
        ({"expression": "nome = 'a'", "message": "m"}, "there is no property 'nome'"),
        ({"expression": "name", "message": "m"}, "not a condition"),
    ],
)
def test_rules_that_make_no_sense_are_refused(starter: str, rule: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        define(cvr_number=text(rule))


def test_a_default_keeps_the_rules(starter: str) -> None:
    with pytest.raises(Invalid, match="its default 'nej' breaks validation rule 1"):
        define(cvr_number=text({"regex": "[0-9]{8}"}, default="nej"))


def test_a_range_must_be_values_of_the_type(starter: str) -> None:
    with pytest.raises(Invalid, match="is not a date"):
        define(since={"label": "Siden", "type": "date", "validation": [{"min": "engang"}]})


def test_a_pattern_made_to_take_forever_takes_no_time(starter: str) -> None:
    define(cvr_number=text({"regex": "(a+)+b"}))
    with wiring.writing(starter, actor="user:1", source="web") as work:
        work.cursor.execute("set local statement_timeout = '5s'")
        with pytest.raises(Invalid, match="isn't of the form"):
            write.create(work, work.catalog.object_type("company"), [{CVR: "a" * 60_000}])


def test_a_unique_text_too_long_for_its_index_is_refused(starter: str) -> None:
    define(cvr_number=text(unique=True))
    create({CVR: "å" * 1_300})
    [found] = problems({CVR: "å" * 1_301})
    assert (found.code, found.property) == ("PROPERTY_VALUE_TOO_LONG", CVR)


def test_a_system_property_is_changed_by_no_hand(starter: str) -> None:
    define(
        score={"label": "System - Score", "type": "number"},
        level={"label": "L", "type": "text", "system": True},
    )
    for source in ("web", "api", "import", "cli"):
        with pytest.raises(Invalid, match="no hand changes it"):
            create({"score": 1}, source=source)
    [company] = create({"score": 1, "level": "Guld"}, source="worker")
    work = wiring.reading(starter, actor="user:1", source="web")
    asked = Query(work.catalog.object_type("company"), ids=[company])
    assert query.rows(work, asked, ["score", "level"]) == [(company, "1", "Guld")]


def test_options_in_another_order_are_no_change_of_values(starter: str) -> None:
    options = [{"value": "rød"}, {"value": "blå"}]
    define(paints={"label": "Farver", "type": "multi_enumeration", "options": options})
    [company] = create({"paints": "blå;rød"})
    define(paints={"label": "Farver", "type": "multi_enumeration", "options": options[::-1]})
    with wiring.writing(starter, actor="user:1", source="web") as work:
        kind = work.catalog.object_type("company")
        assert write.update(work, kind, [(company, {"paints": "rød;blå"})]) == [False]
        assert write.update(work, kind, [(company, {"paints": "rød"})]) == [True]


@pytest.mark.django_db(transaction=True)
def test_a_record_with_more_than_a_row_holds_is_told_so(starter: str) -> None:
    define(**{f"w{number}": {"label": f"W{number}", "type": "text"} for number in range(360)})
    [company] = create({f"w{number}": "x" * 23 for number in range(300)})
    [found] = problems({f"w{number}": "x" * 23 for number in range(360)})
    assert found.code == "ROW_TOO_WIDE"
    with wiring.writing(starter, actor="user:1", source="web") as work:
        kind = work.catalog.object_type("company")
        with pytest.raises(Invalid, match="more properties with values than a row holds"):
            write.update(work, kind, [(company, {f"w{number}": "x" * 23 for number in range(360)})])


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("24256790", True),
        ("61056416", True),
        ("24256791", False),
        ("2425679", False),
        ("242567900", False),
        ("2425679x", False),
        ("DK24256790", False),
    ],
)
def test_check_digits_agree_with_each_other(starter: str, number: str, holds: bool) -> None:
    """Two companies' real CVR numbers, and what mistyping makes of one."""
    define(
        cvr_number=text({"weights": [2, 7, 6, 5, 4, 3, 2, 1], "message": "Skriv et CVR-nummer på otte cifre"})
    )
    if holds:
        create({CVR: number}, {"name": "Uden"})
    else:
        [problem] = problems({CVR: number})
        assert (problem.code, problem.message) == ("INVALID_FORMAT", "Skriv et CVR-nummer på otte cifre")


def test_check_digits_are_for_text(starter: str) -> None:
    with pytest.raises(Invalid) as refused:
        define(cvr_number={"label": "CVR", "type": "number", "validation": [{"weights": [2, 1]}]})
    assert "only text has a regex, a length or check digits" in str(refused.value)
