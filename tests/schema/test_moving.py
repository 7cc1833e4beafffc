"""The step to Citus, simulated: a portal's schema lives in another database, beside copies of the shared tables alone.

docs/explanation/growing.md promises that reading and writing go on there as before, with the same statements.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.array import ListBinaryDumper
from tests.statements import SHARED

from wonward import wiring
from wonward.db import programs
from wonward.db.programs import Programs
from wonward.pipelines import board
from wonward.records import associate, history, json, query, search, tally, write
from wonward.records.associate import Link
from wonward.records.merging.merge import merge
from wonward.records.query import Query
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]
NODE = "test_node_of_its_own"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def fill(work: Work) -> None:
    """Write what there is before the portal moves."""
    company, contact, deal = map(work.catalog.object_type, ("company", "contact", "deal"))
    nordisk, _ = write.create(
        work, company, [{"name": "Nordisk Måleri A/S", "domain": "nordisk.example"}, {"name": "Havn & Co"}]
    )
    people = write.create(work, contact, [{"firstname": "Søren", "lastname": "Ågård"}, {"firstname": "Åse"}])
    deals = write.create(
        work, deal, [{"dealname": f"Facade {n}", "dealstage": "engaging", "amount": n} for n in range(4)]
    )
    associate.associate(work, contact, company, [Link(each, nordisk) for each in people])
    associate.associate(work, deal, company, [Link(each, nordisk) for each in deals])
    write.archive(work, deal, deals[3:])


def go_on(work: Work) -> None:
    """Write on: create, update, associate, archive, restore and merge."""
    company, contact, deal = map(work.catalog.object_type, ("company", "contact", "deal"))
    [havn] = ids(work, "company", "name = 'Havn & Co'")
    [soren] = ids(work, "contact", "firstname = 'Søren'")
    *live, last = ids(work, "deal", "amount >= 0")
    [sorens_twin] = write.create(work, contact, [{"firstname": "Sören", "phone": "+45 12 34 56 78"}])
    write.update(work, deal, [(each, {"dealstage": "closedwon", "amount": "99.50"}) for each in live])
    associate.associate(work, contact, company, [Link(sorens_twin, havn)])
    write.archive(work, deal, [last])
    write.restore(work, deal, [last])
    merge(work, contact, soren, [sorens_twin])


def ids(work: Work, name: str, where: str) -> list[int]:
    kind = work.catalog.object_type(name)
    wanted = Query(kind, query.condition(work, kind, where), order=(("hs_object_id", False),), limit=20)
    return [row[0] for row in query.rows(work, wanted, [])]


def everything(work: Work) -> list[object]:
    """Return what every way of reading says of the portal."""
    kinds = [work.catalog.object_type(name) for name in ("company", "contact", "deal")]
    deal = kinds[-1]
    [pipeline] = work.catalog.pipelines_of("deal")
    said: list[object] = [
        search.find(work, "ågård", kinds, limit=5),
        search.find(work, "nordsik", kinds, limit=5),
        board.columns(work, deal, pipeline),
        board.columns(work, deal, pipeline, query.condition(work, deal, "amount > 1")),
        tally.stages(work, deal),
    ]
    for kind in kinds:
        order = (("hs_object_id", False),)
        wanted = Query(kind, order=order, limit=20)
        found = query.rows(work, wanted, list(kind.properties))
        said += [tally.count(work, kind), found, json.objects(work, wanted, list(kind.properties), page="")]
        said += [history.of_record(work, row[0]) for row in found]
    return said


@pytest.fixture
def node(starter: str, writing: Writing, tmp_path: Path) -> Iterator[Work]:
    """Work on the portal in a database of its own, where it was moved with what `fill` wrote."""
    with writing() as work:
        fill(replace(work, now=START))
    named = connection.get_connection_params()
    kept = ("host", "port", "user", "password", "dbname")
    first = make_conninfo(**{key: named[key] for key in kept if key in named})
    second = make_conninfo(first, dbname=NODE)
    with psycopg.connect(first, autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(NODE)))
        server.execute(
            sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(NODE))
        )
        other: Any = connection.copy()
        other.settings_dict = {**connection.settings_dict, "NAME": NODE}
        try:
            move(Programs(programs._bin_folder(), tmp_path), first, second, f"portal_{starter}")
            other.ensure_connection()
            cursor = psycopg.Cursor(other.connection)
            cursor.adapters.register_dumper(list, ListBinaryDumper)
            yield replace(wiring.reading(starter, actor="user:1", source="web"), cursor=cursor)
        finally:
            other.close()
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(NODE)))


def move(tools: Programs, first: str, second: str, schema: str) -> None:
    """Copy the shared tables, without what they refer to, and the portal's schema with all that is in it."""
    with psycopg.connect(second, autocommit=True) as there:
        there.execute("create extension unaccent; create extension pg_trgm")
    shared = [f"--table=public.{name}" for name in sorted(SHARED)]
    for what in (["--section=pre-data", "--section=data", *shared], [f"--schema={schema}"]):
        tools.run("pg_dump", f"--dbname={first}", "--no-owner", "--file=moved.sql", *what)
        tools.run(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            f"--dbname={second}",
            "--file=moved.sql",
        )


def test_a_portal_reads_and_writes_on_a_node_of_its_own(node: Work, writing: Writing, starter: str) -> None:
    stays = wiring.reading(starter, actor="user:1", source="web")
    assert everything(node) == everything(stays)
    later = START + timedelta(days=1)
    with writing() as work:
        go_on(replace(work, now=later))
        go_on(replace(work, now=later, cursor=node.cursor))
    said = everything(node)
    assert said == everything(stays)
    assert "99.5" in str(said), "what was written last is there"


def test_there_is_nothing_of_the_house_on_the_node_but_the_shared_tables(node: Work) -> None:
    found = node.rows(sql.SQL("select tablename::text from pg_tables where schemaname = 'public'"))
    assert {name for (name,) in found} == SHARED


def test_no_foreign_key_leaves_or_enters_a_portals_schema(starter: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.conname, a.oid::regclass::text, b.oid::regclass::text from pg_constraint c"
            " join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid"
            " where c.contype = 'f' and a.relnamespace <> b.relnamespace"
        )
        assert cursor.fetchall() == []
        cursor.execute("select count(*) from pg_constraint where contype = 'f'")
        assert cursor.fetchone()[0] > 5, "there are foreign keys at all"
