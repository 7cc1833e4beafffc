"""Which records are likely the same: one spelling, shared keys, similar names."""

import pytest

from wonward.records.duplicates import keys
from wonward.records.duplicates.keys import fold, match, similarity, spelled
from wonward.schema.catalog import DuplicateRule, ObjectType, Property

EMAIL, PHONE, TEXT = (Property(name, name, name, name) for name in ("email", "phone", "text"))


def kind(*rules: DuplicateRule, **types: str) -> ObjectType:
    properties = {name: Property(name, name, type_name, name) for name, type_name in types.items()}
    return ObjectType(
        "thing", "things", "Thing", "Things", "2-1", "thing", properties, ("name",), (), duplicates=rules
    )


@pytest.mark.parametrize(
    ("prop", "one", "other"),
    [
        (EMAIL, "Soren+nyhedsbrev@Nordisk.example", "soren@nordisk.example"),
        (PHONE, "+45 12 34 56 78", "12345678"),
        (PHONE, "0045 12345678", "(+45) 12-34-56-78"),
        (TEXT, "Nordisk Måleri A/S", "NORDISK MALERI AS"),
    ],
)
def test_one_value_in_two_spellings(prop: Property, one: str, other: str) -> None:
    assert spelled(prop, one) == spelled(prop, other) is not None


@pytest.mark.parametrize(
    "text",
    ["https://www.nordisk.example/om-os", "NORDISK.example", "soren@nordisk.example", "nordisk.example:8080"],
)
def test_a_domain_in_any_spelling(text: str) -> None:
    assert spelled(TEXT, text, domain=True) == "nordisk.example"


@pytest.mark.parametrize("text", ["gmail.com", "https://www.hotmail.com", "x@outlook.dk", "nordisk", ""])
def test_domains_of_mail_providers_and_what_is_none_tell_nothing(text: str) -> None:
    assert spelled(TEXT, text, domain=True) is None


def test_a_short_number_tells_nothing() -> None:
    assert spelled(PHONE, "112") is None


def test_names_are_folded_and_compared_by_their_parts() -> None:
    assert fold("Søren  Ågård-Æbelø") == "soren agard aebelo"
    assert similarity("nordisk maleri", "maleri nordisk") == 1.0
    assert similarity("nordisk maleri", "nordisk malerfirma") > 0.5
    assert similarity("nordisk maleri", "havn og co") < 0.1
    assert similarity("", "nordisk") == 0.0


def test_legal_forms_count_for_nothing_in_a_companys_name() -> None:
    company = kind(DuplicateRule((), ("name",), False, 80), name="text")
    assert match(company, {"name": "Nordisk Måleri A/S"}, {"name": "Nordisk Maleri ApS"}) == (80, ["name"])
    assert match(company, {"name": "A/S"}, {"name": "ApS"}) is None


def test_all_that_shall_be_the_same_must_be() -> None:
    person = kind(
        DuplicateRule(("company",), ("first", "last"), False, 90), company="text", first="text", last="text"
    )
    soren = {"company": "Nordisk", "first": "Søren", "last": "Ågård"}
    assert match(person, soren, {**soren, "first": "Sören"}) == (90, ["company+first+last"])
    assert match(person, soren, {**soren, "company": "Havn"}) is None
    assert match(person, {**soren, "company": None}, {**soren, "company": None}) is None


def test_what_matches_shares_a_key_and_every_further_reason_adds() -> None:
    company = kind(
        DuplicateRule(("domain",), (), True, 90),
        DuplicateRule((), ("name",), False, 80),
        domain="text",
        name="text",
    )
    one = {"domain": "nordisk.example", "name": "Nordisk Måleri"}
    other = {"domain": "www.nordisk.example", "name": "Nordisk Maleri A/S"}
    assert match(company, one, other) == (92, ["domain", "name"])
    assert keys.keys(company, one) & keys.keys(company, other)
    assert not keys.keys(company, one) & keys.keys(company, {"domain": "havn.example", "name": "Havn"})
    assert keys.keys(company, {"domain": None, "name": None}) == set()


def test_a_portals_own_type_goes_by_its_name_and_rules_need_their_properties() -> None:
    own = kind(name="text")
    assert [rule.similar for rule in keys.rules(own)] == [("name",)]
    assert keys.rules(kind(DuplicateRule(("gone",), (), False, 90), name="text")) == []
