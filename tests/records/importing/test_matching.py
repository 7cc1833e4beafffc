"""Which property or association a column is: by the map, by name, by label; and what isn't imported."""

from typing import Any

import pytest

from wonward.errors import Invalid, Missing
from wonward.records.importing import columns, mapping
from wonward.records.importing.columns import Column
from wonward.records.work import Work
from wonward.schema.definitions import ImportMapBody

from .conftest import Importer


@pytest.fixture
def work(importer: Importer) -> Work:
    return importer.work()


def match(work: Work, object_type: str, *header: str, **rules: Any) -> list[Column]:
    said = mapping.typed(ImportMapBody(object_type, columns=rules.pop("columns", {})), "test")
    kind = work.catalog.object_type(object_type)
    return list(columns.match(header, kind, work.catalog, said.columns, rules.pop("key", None)))


def targets(found: list[Column]) -> list[tuple[str, str]]:
    return [
        (
            each.prop.name if each.prop else each.reference.text if each.reference else "",
            each.how,
        )
        for each in found
    ]


@pytest.mark.parametrize(
    ("header", "target", "how"),
    [
        ("dealname", "dealname", "name"),
        ("Deal Name", "dealname", "name"),
        ("DEAL_NAME", "dealname", "name"),
        ("close date", "closedate", "name"),
        ("Engage  Date", "engage_date", "name"),
        ("deal owner", "hubspot_owner_id", "label"),
        ("Owner", "hubspot_owner_id", "label"),
        ("Company", "Company (Primary), by Company name", "association"),
        ("companies", "Company (Primary), by Company name", "association"),
        ("Product", "Product, by Name", "association"),
        ("contact", "Contact, by Email", "association"),
        ("Create date", "", "kept by the system"),
        ("record id", "", "kept by the system"),
        ("weather", "", "unknown"),
        ("error message", "", "error column"),
    ],
)
def test_a_header_alone_says_what_it_is(work: Work, header: str, target: str, how: str) -> None:
    assert targets(match(work, "deal", header)) == [(target, how)]


def test_the_label_of_an_association_names_it(work: Work) -> None:
    assert targets(match(work, "company", "Parent company", "Child company")) == [
        ("Company (Parent company), by Company name", "association"),
        ("Company (Child company), by Company name", "association"),
    ]


def test_the_map_goes_before_names(work: Work) -> None:
    found = match(
        work,
        "deal",
        "amount",
        "Company",
        "Account",
        columns={
            "amount": "skip",
            "company": {"property": "description"},
            "ACCOUNT": {"association": "companies", "by": "domain"},
        },
    )
    assert targets(found) == [
        ("", "skipped"),
        ("description", "map"),
        ("Company, by Company domain", "map"),
    ]


def test_a_rule_may_leave_the_target_to_the_header(work: Work) -> None:
    (found,) = match(work, "deal", "Close date", columns={"close_date": {"date": "mdy"}})
    assert (found.prop and found.prop.name, found.how, found.rule.date) == ("closedate", "name", "mdy")


@pytest.mark.parametrize("label", ["child_to_parent", "Parent company", "parent COMPANY"])
def test_a_label_by_its_text_or_its_name_is_seen_from_the_row(work: Work, label: str) -> None:
    (found,) = match(work, "company", "of", columns={"of": {"association": "company", "label": label}})
    assert found.reference
    assert (found.reference.type_ids, found.reference.single) == ((14,), True)


def test_the_record_id_can_be_the_key_and_nothing_else(work: Work) -> None:
    assert targets(match(work, "deal", "Record ID", key="hs_object_id")) == [("hs_object_id", "label")]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"acount": "dealname"}, "a column 'acount', which the file doesn't have; did you mean 'account'?"),
        ({"account": "dealnam"}, "Column account: Deal has no property 'dealnam'; did you mean 'dealname'?"),
        ({"account": "createdate"}, "Column account: Create date is kept by the system"),
        ({"account": "amount"}, "'amount' and 'account' both give Amount; write 'account: skip'"),
        ({"account": {"association": "deal"}}, "Deals can't be associated with Deals"),
        ({"account": {"association": "firm"}}, "There is no object type 'firm'"),
        (
            {"account": {"association": "company", "label": "primry"}},
            "there is no label 'primry'; choose from Primary",
        ),
    ],
)
def test_a_map_that_is_wrong_says_where(work: Work, rules: dict[str, Any], message: str) -> None:
    with pytest.raises((Invalid, Missing)) as refused:
        match(work, "deal", "amount", "account", columns=rules)
    assert message in str(refused.value)


def test_two_columns_for_one_place_are_refused(work: Work) -> None:
    with pytest.raises(Invalid, match="'product' and 'Products' both give Product, by Name"):
        match(work, "deal", "product", "Products")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"sector": {"propert": "x"}}, "columns: sector: Object contains unknown field `propert`"),
        ({"sector": {"options": {"ja": True}}}, "columns: sector: expected text in quotes, got `bool`"),
        ({"sector": {"property": "x", "association": "company"}}, "says both property and association"),
        ({"sector": {"by": "name"}}, "says by or label without association"),
        ({"sector": {"date": "ymd"}}, "Invalid enum value 'ymd' at `.date`"),
    ],
)
def test_what_a_map_may_not_say(said: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping.typed(ImportMapBody("company", columns=said), "accounts")
    assert str(refused.value).startswith("import map accounts, ")
    assert message in str(refused.value)
