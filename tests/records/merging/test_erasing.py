"""Nothing of an erased person is left in what merges and likely duplicates keep."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from psycopg import sql

from wonward.errors import Conflict
from wonward.records import write
from wonward.records.associate import Link, associate
from wonward.records.duplicates.check import check
from wonward.records.merging.erasing import erase
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.models import DuplicatePair
from wonward.records.work import Work

Writing = Callable[[], AbstractContextManager[Work]]


def test_merged_records_undo_data_keys_and_pairs_go(writing: Writing) -> None:
    with writing() as work:
        person, deal = work.catalog.object_type("contact"), work.catalog.object_type("deal")
        kept, other, twin, bo = write.create(
            work,
            person,
            [
                {"firstname": "Søren", "phone": "12345678"},
                {"firstname": "Ågård", "email": "soren@nordisk.example"},
                {"firstname": "Sören", "phone": "+45 12345678"},
                {"firstname": "Bo"},
            ],
        )
        [facade] = write.create(work, deal, [{"dealname": "Facade"}])
        associate(work, person, deal, [Link(other, facade), Link(bo, facade)])
        check(work, person, [kept, other, twin, bo])
        [done] = merge(work, person, kept, [other])
        found = erase(work, person, [kept])
        assert found == {"merged_records": 1, "merges": 1, "duplicate_pairs": 1}
        for table, column in (("contact", "_id"), ("_association", "from_id"), ("_association", "to_id")):
            statement = sql.SQL("select 1 from {} where {} = %(id)s").format(
                work.table(table), sql.Identifier(column)
            )
            assert work.rows(statement, {"id": other}) == []
        for table in ("_change", "_merge"):
            text = sql.SQL("select t::text from {} t").format(work.table(table))
            assert not [row for (row,) in work.rows(text) if "Ågård" in row]
        assert not DuplicatePair.objects.exists()
        with pytest.raises(Conflict):
            unmerge(work, done.merge_id)
