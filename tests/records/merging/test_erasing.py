"""Nothing of an erased person is left in what merges and likely duplicates keep."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from psycopg import sql

from wonward import wiring
from wonward.errors import Missing
from wonward.records import erase, write
from wonward.records.associate import Link, associate
from wonward.records.duplicates.check import check
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.models import DuplicatePair, Erasure
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
        wiring.erase(work, person, [other])
        proofs = {proof.record_id: proof for proof in Erasure.objects.all()}
        assert proofs.keys() == {kept, other}, "its number means the one it went into"
        assert proofs[kept].counts.items() >= {"merged_records": 1, "merges": 1, "duplicate_pairs": 1}.items()
        assert erase.proofs(work.catalog.portal_id, "soren@nordisk.example")
        for table, column in (("contact", "_id"), ("_association", "from_id"), ("_association", "to_id")):
            statement = sql.SQL("select 1 from {} where {} = %(id)s").format(
                work.table(table), sql.Identifier(column)
            )
            assert work.rows(statement, {"id": other}) == []
        for table in ("_change", "_merge"):
            text = sql.SQL("select t::text from {} t").format(work.table(table))
            assert not [row for (row,) in work.rows(text) if "Ågård" in row]
        assert not DuplicatePair.objects.exists()
        with pytest.raises(Missing):
            unmerge(work, done.merge_id)
