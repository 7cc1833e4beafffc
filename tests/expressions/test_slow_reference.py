"""PostgreSQL and the slow reference agree, on random worlds and random expressions of the whole language."""

import inspect
import sys
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql
from tests.expressions.conftest import CATALOG, NOW, SCHEMA
from tests.expressions.reference import TODAY, Reference, as_date, as_moment
from tests.expressions.world import TEAMS, World, make, store

from wonward.accounts.models import Member, Portal, Team, User
from wonward.errors import Invalid
from wonward.expressions.compile import compile_value
from wonward.expressions.functions import FUNCTIONS
from wonward.expressions.parse import parse

THERE = replace(CATALOG, time_zone="Europe/Copenhagen")
Texts = st.SearchStrategy[str]


def w(form: str, *parts: Texts) -> Texts:
    return st.builds(form.format, *parts)


def one_of(*texts: str) -> Texts:
    return st.sampled_from(texts)


order = one_of("=", "!=", "<", "<=", ">", ">=")
lengths = one_of("'1 day'", "'20 days'", "'2 weeks'", "'1 month'", "'5 months'", "'1 year'")
short = one_of("'30 minutes'", "'36 hours'")

on_deals = st.recursive(
    one_of(
        "amount > 5", "dealstage = 'closedwon'", "closedate <= today()", "dealname is null", "amount in (5, 1000)",
        "days_until(closedate) between -30 and 30", "contains(dealname, 'b')", "in_list('hot')",
    ),
    lambda of: w("({} and {})", of, of) | w("({} or {})", of, of) | w("not {}", of),
    max_leaves=3,
)  # fmt: skip
deals = st.builds("{}{}".format, one_of("", " as 'Primary'"), st.just("") | w(" where {}", on_deals))
aggregates = (
    w("count(deals{})", deals)
    | w("sum(deals.amount{})", deals)
    | w("round(avg(deals.amount{}), 2)", deals)
    | w("{}(deals.amount{})", one_of("min", "max", "latest"), deals)
    | w("latest(deals.amount by {}{})", one_of("closedate", "amount"), deals)
    | one_of("count(contacts)", "count(contacts as 'Primary')")
)
log_numbers = (
    w("increase({}, {})", one_of("mrr", "seats"), lengths | short)
    | w(
        "value_at({}, {})",
        one_of("mrr", "seats"),
        one_of("'2026-01-15'", "today()", "signed_on", "last_seen"),
    )
    | w("{}({})", one_of("pushed", "times_pushed"), one_of("renewal_date", "last_seen"))
)

dates = st.recursive(
    one_of("renewal_date", "signed_on", "today()", "max(deals.closedate)", "contact.birthday", "deal.closedate",
           "value_at(renewal_date, '2026-02-20')", "latest(deals.closedate by amount)"),
    lambda of: w("({} {} {})", of, one_of("+", "-"), lengths)
    | w("coalesce({}, '2026-01-31')", of)
    | w("{}({}, {})", one_of("greatest", "least"), of, of),
    max_leaves=3,
)  # fmt: skip
moments = st.recursive(
    one_of("last_seen", "now()", "value_at(last_seen, now() - '3 days')"),
    lambda of: w("({} {} {})", of, one_of("+", "-"), lengths | short),
    max_leaves=2,
)
times = dates | moments
texts = st.recursive(
    one_of("name", "domain", "sector", "contact.firstname", "latest(deals.dealname)", "'Ærø is'", "'x'",
           "value_at(sector, '2026-01-20')"),
    lambda of: w("{}({})", one_of("lower", "upper", "trim"), of)
    | w("left({}, {})", of, one_of("0", "2", "40"))
    | w("concat({}, '-', {})", of, of)
    | w("replace({}, {}, 'øå')", of, one_of("'e'", "''", "'ær'"))
    | w("coalesce({}, {})", of, of),
    max_leaves=3,
)  # fmt: skip
numbers = st.recursive(
    one_of("mrr", "seats", "0", "-3", "0.25", "500", "deal.amount") | aggregates | log_numbers
    | w("length({})", texts)
    | w("{}({})", one_of("year", "month", "day", "days_until", "days_since"), times)
    | w("round({} - {}, 3)", times, times),
    lambda of: w("({} {} {})", of, one_of("+", "-", "*"), of)
    | w("round({} / {}, 2)", of, of)
    | w("-({})", of)
    | w("abs({})", of)
    | w("round({})", of)
    | w("coalesce({}, {})", of, of)
    | w("{}({}, {})", one_of("greatest", "least"), of, of),
    max_leaves=3,
)  # fmt: skip
of_people = st.recursive(
    w("{} {} me()", st.just("hubspot_owner_id"), one_of("=", "!="))
    | one_of("hubspot_owner_id in my_teams()", "hubspot_owner_id not in my_teams()", "me() is null"),
    lambda of: w("not ({})", of) | w("({} or {})", of, of),
    max_leaves=2,
)
of_log = (
    w("changed({})", one_of("mrr", "sector", "interests", "active"))
    | w("changed({}, {})", one_of("mrr", "renewal_date"), lengths | short)
    | w("changed(sector, {}, {})", one_of("null", "'energy'"), one_of("null", "'public'"))
    | w("changed(mrr, 0, 1000, {})", lengths)
    | w("changed_to(active, {})", one_of("true", "null"))
    | w("changed_to(mrr, 1200.50, {})", lengths)
)
tests = st.one_of(
    w("{} {} {}", numbers, order, numbers),
    w("{} {} {}", times, order, times),
    w("{} {} '2026-02-28'", times, order),
    w("{} in ({}, {})", numbers, numbers, numbers),
    w("{} not in ({}, {})", texts, texts, texts),
    w("{} between {} and {}", numbers, numbers, numbers),
    w("{} not between {} and {}", times, times, times),
    w("{} {} {}", texts, one_of("=", "!="), texts),
    w("{} {} {}", texts, one_of("like", "ilike", "not like"), one_of("'%e%'", "'_\\%_'", "'a\\_b%'", "'Æ%'", "''")),
    w("{}({}, {})", one_of("contains", "starts_with"), texts, texts),
    w("{} is null", texts | numbers | times),
    w("contains_token(name, '{}')", one_of("is", "nord*", "ærø is", "*s", "a_b", "&")),
    w("equals_ignoring_case(name, {})", one_of("'ÆRØ is'", "'', 'a%B'")),
    w("associated(deals{})", deals),
    of_log,
    of_people,
    w("has({}, 'golf')", one_of("interests")),
    one_of(
        "active", "trial", "active = trial", "has(interests, 'chess', 'sailing')", "interests is not null",
        "sector in ('energy', 'public')", "associated(contacts, 11, 12)", "hubspot_owner_id = 72",
        "in_list('partners')", "in_list('big_customers')",
        "value_at(active, '2026-02-01')", "value_at(hubspot_owner_id, today()) = 71", "true", "false",
    ),
)  # fmt: skip
conditions = st.recursive(
    tests,
    lambda of: (
        w("({} and {})", of, of)
        | w("({} or {})", of, of)
        | w("(not {})", of)
        | w("case when {} then {} else {} end", of, of, of)
    ),
    max_leaves=4,
)
cases = (
    w("case when {} then {} when {} then null else {} end", tests, numbers, tests, numbers)
    | w("case when {} then {} end", tests, texts)
    | w("case when {} then {} else '2026-02-02' end", tests, dates)
)
about_deals = st.recursive(
    one_of(
        "company.mrr > 400", "company.sector = 'energy'", "company.active", "count(companies) = 2", "amount >= 10",
        "closedate is null", "company.name = contact.firstname", "latest(companies.seats) > 3", "in_list('hot')",
    ),
    lambda of: w("({} and {})", of, of) | w("({} or {})", of, of) | w("(not {})", of),
    max_leaves=4,
)  # fmt: skip


@pytest.fixture
def users(db: None) -> dict[int, int]:
    """The users of the owners 71, 72, 73; north is below sales."""
    named = {"name": "people", "label": "People", "schema": "none", "created_at": NOW}
    portal, _ = Portal.objects.get_or_create(id=CATALOG.portal_id, defaults=named)
    sales = Team.objects.create(portal=portal, name="sales")
    teams = {
        "sales": sales,
        "north": Team.objects.create(portal=portal, name="north", parent=sales),
        "support": Team.objects.create(portal=portal, name="support"),
    }
    for number, team in TEAMS.items():
        Member.objects.create(
            id=number,
            portal=portal,
            user=User.objects.create(email=f"{number}@nordlys.dk") if team else None,
            first_name=f"Owner {number}",
            team=teams.get(team or ""),
            created_at=NOW,
            updated_at=NOW,
        )
    with connection.cursor() as cursor:
        cursor.execute("select id, user_id from accounts_member where user_id is not null")
        return dict(cursor.fetchall())


def asked(portal: psycopg.Connection[Any], kind: str, text: str, user: int | None) -> dict[int, Any]:
    """Return what PostgreSQL says, by record."""
    compiled = compile_value(THERE, THERE.object_types[kind], parse(text))
    statement = sql.SQL("select r._id, {} from {} r where r._archived_at is null").format(
        compiled.sql, sql.Identifier(SCHEMA, kind)
    )
    params = {"today": TODAY, "now": NOW, "_user": user, **compiled.params}
    try:
        with portal.transaction():
            return dict(psycopg.Cursor(portal).execute(statement, params).fetchall())
    except psycopg.Error as error:
        raise AssertionError(f"{text}\nPostgreSQL can't answer: {error}") from error


def told(world: World, kind: str, text: str) -> dict[int, Any]:
    """Return what the slow reference says, by record."""
    node = parse(text)
    return {record.id: Reference(world, record).value(node) for record in world.of(kind)}


def same(found: Any, expected: Any) -> bool:
    if isinstance(found, date) and expected is not None:
        expected = as_date(expected)
        if isinstance(found, datetime):
            expected = as_moment(expected)
    if isinstance(found, int | Decimal) and not isinstance(found, bool):
        return isinstance(expected, Decimal) and Decimal(found) == expected
    return type(found) is type(expected) and found == expected


@settings(
    deadline=None,
    max_examples=75,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # the message has the one expression that differs
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    about_companies=st.tuples(conditions, numbers | texts | times | cases, of_log, log_numbers, of_people),
    about_a_deal=about_deals,
)
def test_postgresql_and_the_slow_reference_agree(
    about_companies: tuple[str, ...],
    about_a_deal: str,
    portal: psycopg.Connection[Any],
    users: dict[int, int],
) -> None:
    questions = [*(("company", text) for text in about_companies), ("deal", about_a_deal)]
    for turn in range(2):
        world = make(crc32(f"{turn} {questions}".encode()))  # hypothesis draws the same numbers too often
        store(portal, world)
        for kind, text in questions:
            try:
                found = asked(portal, kind, text, users.get(world.me or 0))
            except Invalid as error:
                assert "split it up" in str(error)  # noqa: PT017 - only what is too large may be refused
                continue
            expected = told(world, kind, text)
            assert found.keys() == expected.keys()
            wrong = {
                number: (found[number], expected[number])
                for number in expected
                if not same(found[number], expected[number])
            }
            assert not wrong, f"{text}\n(PostgreSQL, reference) by record: {wrong}"


def test_every_function_takes_part() -> None:
    """A function that no strategy writes would never be compared."""
    source = inspect.getsource(sys.modules[__name__])
    assert [name for name in FUNCTIONS if f'"{name}"' not in source and f"{name}(" not in source] == []
