"""Sensitive properties: whoever may not see them can't read, look for, count by or write them, by any door."""

from decimal import Decimal
from typing import Any

import pytest

from wonward import wiring
from wonward.accounts import memberships, users
from wonward.accounts.models import Portal, User
from wonward.blueprints import apply
from wonward.errors import Forbidden, Invalid, Refusal
from wonward.expressions.compile import condition
from wonward.records import history, json, names, query, related, search, unique, upsert, write
from wonward.records.associate import Link, associate
from wonward.records.exporting.asked import Asked
from wonward.records.exporting.columns import columns_of
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema import load, seen
from wonward.schema.seen import Rights

CPR = "cpr"
SECRET = "010190-1234"


@pytest.fixture
def soren(starter: str) -> int:
    define(
        cpr={"label": "CPR", "type": "text", "sensitive": True, "unique": True},
        salary={"label": "Løn", "type": "currency", "sensitive": True},
        yearly={"label": "Årsløn", "type": "currency", "sensitive": True, "expression": "salary * 12"},
    )
    with wiring.writing(starter, actor="user:1", source="web", rights=Rights(everything)) as work:
        kind = work.catalog.object_type("contact")
        return write.create(work, kind, [{"firstname": "Søren", CPR: SECRET, "salary": "30000"}])[0]


def everything(_: object) -> bool:
    return True


def define(**properties: Any) -> None:
    wanted = {("property", f"contact.{name}"): body for name, body in properties.items()}
    apply.define("starter", wanted, actor="user:1", allow_destructive=True)


def reading(*, sees: bool) -> Work:
    return wiring.reading("starter", actor="user:1", source="web", rights=Rights(lambda _: sees))


def test_values_are_shown_to_those_who_may_see_them_alone(soren: int) -> None:
    for sees, shown in ((True, (SECRET, "30000", "360000")), (False, (None, None, None))):
        work = reading(sees=sees)
        asked = Query(work.catalog.object_type("contact"), ids=[soren])
        assert query.rows(work, asked, [CPR, "salary", "yearly"]) == [(soren, *shown)]
        [(_, text)] = json.objects(work, asked, [CPR, "firstname"], page="/")
        assert (SECRET in text, f'"{CPR}"' in text, "Søren" in text) == (sees, sees, True)
        entry = history.of_record(work, soren)[0]
        assert (CPR in entry.diff, "firstname" in entry.diff) == (sees, True)
        assert bool(history.of_properties(work, [soren], [CPR, "yearly"])) is sees


def test_doors_that_say_nothing_see_nothing(soren: int) -> None:
    for source, sees in (("web", False), ("api", False), ("import", False), ("cli", True), ("worker", True)):
        work = wiring.reading("starter", actor="x", source=source)  # type: ignore[arg-type]
        assert work.catalog.object_type("contact").properties[CPR].masked is not sees


def test_nothing_is_found_or_counted_or_ordered_by_them(soren: int) -> None:
    work = reading(sees=False)
    kind = work.catalog.object_type("contact")
    deal = work.catalog.object_type("deal")
    for text in (f"{CPR} = 'x'", f"{CPR} is null", "yearly > 1", f"has({CPR}, 'x')"):
        with pytest.raises(Invalid, match="is sensitive, and you may not see it"):
            condition(work.catalog, kind, text)
    for text in ("contact.salary > 1", "sum(contacts.salary) > 1"):
        with pytest.raises(Invalid, match="is sensitive"):
            condition(work.catalog, deal, text)
    with pytest.raises(Invalid, match="is sensitive"):
        query.rows(work, Query(kind), [f"{CPR} like '0%'"])
    for asked in (Query(kind, order=((CPR, True),)), Query(kind, equal=((CPR, SECRET),))):
        with pytest.raises(Forbidden, match="is sensitive"):
            query.rows(work, asked, ["firstname"])
    with pytest.raises(Forbidden):
        query.totals(work, Query(kind), CPR, None)
    with pytest.raises(Forbidden):
        query.totals(work, Query(kind), "firstname", "salary")
    with pytest.raises(Forbidden):
        unique.holder_ids(work, kind, kind.properties[CPR], [SECRET])
    full = reading(sees=True)
    assert query.totals(full, Query(full.catalog.object_type("contact")), CPR, "salary") == {
        SECRET: (1, Decimal(30000))
    }


def test_search_never_finds_by_them(soren: int) -> None:
    for sees in (True, False):
        work = reading(sees=sees)
        assert search.find(work, SECRET, list(work.catalog.object_types.values()), limit=5) == []
    for place in ("search", "display"):
        contact = {"label": "Contact", "plural": "contacts", "plural_label": "Contacts", "type_id": "0-1"}
        body = {**contact, "display": ["firstname"], "columns": ["firstname"], place: [CPR]}
        with pytest.raises(Invalid, match="is sensitive, so it can't be in the"):
            apply.define("starter", {("object_type", "contact"): body}, actor="user:1")


def test_writing_them_takes_the_right_and_the_rest_is_written_by_the_whole_rules(soren: int) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        kind = work.catalog.object_type("contact")
        with pytest.raises(Invalid, match="you may not set it") as refused:
            write.create(work, kind, [{CPR: "020290-1234"}])
        assert refused.value.problems[0].code == "SENSITIVE_PROPERTY"
        with pytest.raises(Refusal, match="sensitive"):
            upsert.upsert(work, kind, kind.properties[CPR], [(SECRET, {})])
        assert write.update(work, kind, [(soren, {"firstname": "Søren A."})]) == [True]
    with wiring.writing("starter", actor="user:1", source="web", rights=Rights(everything)) as work:
        kind = work.catalog.object_type("contact")
        with pytest.raises(Refusal) as taken:
            write.create(work, kind, [{CPR: SECRET}])
        assert SECRET not in str(taken.value.problems)
        write.update(work, kind, [(soren, {"salary": "31000"})])
    work = reading(sees=True)
    asked = Query(work.catalog.object_type("contact"), ids=[soren])
    assert query.rows(work, asked, [CPR, "yearly"]) == [(soren, SECRET, "372000")]


def test_guards_know_everything_whoever_writes(soren: int) -> None:
    rule = {"expression": f"{CPR} is not null", "message": "CPR mangler"}
    define(jobtitle={"label": "Job title", "type": "text", "validation": [rule]})
    with wiring.writing("starter", actor="user:1", source="web") as work:
        kind = work.catalog.object_type("contact")
        write.update(work, kind, [(soren, {"jobtitle": "Maler"})])
        with pytest.raises(Invalid, match="CPR mangler"):
            write.create(work, kind, [{"jobtitle": "Maler"}])


def test_what_is_calculated_from_them_is_sensitive_too(soren: int) -> None:
    with pytest.raises(Invalid, match=r"reads the sensitive contact\.salary; make it sensitive too"):
        define(monthly={"label": "M", "type": "currency", "expression": "salary / 2"})


def test_their_values_show_nowhere_beside_the_record(soren: int) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        deal, contact = work.catalog.object_type("deal"), work.catalog.object_type("contact")
        [facade] = write.create(work, deal, [{"dealname": "Facade"}])
        associate(work, deal, contact, [Link(facade, soren)])
    work = reading(sees=False)
    deal, contact = work.catalog.object_type("deal"), work.catalog.object_type("contact")
    [group] = related.groups(work, deal, facade, [(contact, ["firstname", "salary"])], limit=5)
    assert group.records[0].values == ("Søren", None)
    assert names.names(work, contact, [soren]) == {soren: "Søren"}


def test_merging_loses_nothing_that_whoever_merges_may_not_see(soren: int) -> None:
    with wiring.writing("starter", actor="user:1", source="web") as work:
        kind = work.catalog.object_type("contact")
        [double] = write.create(work, kind, [{"firstname": "Søren", "lastname": "Ågård"}])
        with pytest.raises(Forbidden, match="is sensitive"):
            merge(work, kind, double, [soren], {CPR: soren})
        [merged] = merge(work, kind, double, [soren])
    work = reading(sees=True)
    asked = Query(work.catalog.object_type("contact"), ids=[double])
    assert query.rows(work, asked, ["lastname", CPR, "yearly"]) == [(double, "Ågård", SECRET, "360000")]
    with wiring.writing("starter", actor="user:1", source="web") as work:
        unmerge(work, merged.merge_id)
    assert query.rows(work, asked, [CPR]) == [(double, None)]


def test_the_past_and_exports_keep_them_hidden_too(soren: int) -> None:
    work = reading(sees=False)
    kind = work.catalog.object_type("contact")
    with pytest.raises(Forbidden, match="is sensitive"):
        history.as_of(work, kind, [soren], [CPR], work.now)
    [*_, column] = columns_of(work, Asked("contact", (CPR,)))
    assert SECRET not in str(work.rows(query.selection(work.catalog, Query(kind), column.text)))
    full = reading(sees=True)
    [*_, column] = columns_of(full, Asked("contact", (CPR,)))
    assert full.rows(query.selection(full.catalog, Query(kind), column.text)) == [(SECRET,)]


def test_work_left_to_the_worker_sees_what_its_giver_may_see(starter: str) -> None:
    users.create(
        "ada@example.com", "Ada Holm", "correct horse battery staple", [Portal.objects.get(name=starter)]
    )
    actor = f"user:{User.objects.get(email='ada@example.com').pk}"
    contact = load.current(starter).object_types["contact"]
    assert not seen.acting(starter, actor).sees(contact)
    memberships.let_see_sensitive(Portal.objects.get(name=starter), "ada@example.com", True)
    assert seen.acting(starter, actor).sees(contact)
    assert seen.acting(starter, "cli").sees(contact)
    assert not seen.acting(starter, "token:1").sees(contact)


def test_rollups_of_them_are_sensitive_and_duplicates_are_not_found_by_them(soren: int) -> None:
    body = {"label": "Løn i alt", "type": "currency", "expression": "sum(contacts.salary)"}
    with pytest.raises(Invalid, match=r"company\.pay reads the sensitive contact\.salary"):
        apply.define("starter", {("property", "company.pay"): body}, actor="user:1")
    apply.define("starter", {("property", "company.pay"): {**body, "sensitive": True}}, actor="user:1")
