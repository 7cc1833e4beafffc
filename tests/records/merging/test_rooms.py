"""What every room makes of a merge and of its undoing: a record that was merged away counts nowhere, and comes back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from psycopg import sql
from tests.attachments.conftest import use

from wonward import wiring
from wonward.attachments import attach
from wonward.blueprints import apply
from wonward.pipelines.models import StageVisit
from wonward.pipelines.stage_history import entered
from wonward.records import history, lists, live, query, search, tally, write
from wonward.records.associate import Link, associate
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.models import DuplicatePair
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.worker import loop

Writing = Callable[[], AbstractContextManager[Work]]
pytestmark = pytest.mark.django_db(transaction=True)


def catch_up() -> None:
    while loop.catch_up():
        pass


class Pair:
    """Two companies that are one, Havn and its double, each with a contact; and deals of theirs, doubled too."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        with writing() as work:
            kinds = work.catalog.object_types
            self.company, self.deal = kinds["company"], kinds["deal"]
            self.kept, self.other = write.create(
                work,
                self.company,
                [{"name": "Havn & Co", "domain": "havn.example"}, {"name": "Havnen Kompagni"}],
            )
            contacts = write.create(work, kinds["contact"], [{"firstname": "Søren"}, {"firstname": "Åse"}])
            for number, company in zip(contacts, (self.kept, self.other), strict=True):
                associate(work, kinds["contact"], self.company, [Link(number, company)])
            self.facade, self.twin = write.create(
                work,
                self.deal,
                [{"dealname": "Facade", "amount": "100"}, {"dealname": "Façade", "amount": "50"}],
            )
        catch_up()

    def merged(self) -> list[int]:
        with self.writing() as work:
            done = merge(work, self.company, self.kept, [self.other])
            done += merge(work, self.deal, self.facade, [self.twin])
        catch_up()
        return [each.merge_id for each in done]

    def undo(self, numbers: list[int]) -> None:
        with self.writing() as work:
            for number in numbers:
                unmerge(work, number)
        catch_up()

    def both_ways(self, read: Callable[[], Any]) -> Iterator[Any]:
        """Yield what is read before a merge, after it, and after its undoing."""
        yield read()
        done = self.merged()
        yield read()
        self.undo(done)
        yield read()


@pytest.fixture
def pair(writing: Writing) -> Pair:
    return Pair(writing)


@pytest.fixture
def reading(starter: str) -> Work:
    return wiring.reading(starter, actor="user:1", source="web")


def test_files_show_at_the_survivor_and_go_back(
    pair: Pair, reading: Work, settings: Any, tmp_path: Path
) -> None:
    use(settings, "", tmp_path)
    for to, name in ((pair.kept, "plan.txt"), (pair.other, "plan.txt"), (pair.other, "tilbud.txt")):
        about = (pair.company, to)
        attach.attach(pair.writing, reading.catalog.portal_id, about, name, ContentFile(b"Malerarbejde"))

    def names() -> list[list[str]]:
        return [
            sorted(each.name for each in attach.of_record(reading, number))
            for number in (pair.kept, pair.other)
        ]

    before, merged, undone = pair.both_ways(names)
    assert before == undone == [["plan.txt"], ["plan.txt", "tilbud.txt"]]
    assert merged == [["plan.txt", "plan.txt", "tilbud.txt"], []], "a merge loses nothing"


def test_lists_by_hand_follow_and_come_back_exactly(pair: Pair, starter: str) -> None:
    names = ("both", "theirs", "mine")
    apply.define(
        starter, {("list", name): {"label": name, "object": "company"} for name in names}, actor="user:1"
    )
    with pair.writing() as work:
        lists.add(work, "both", [pair.kept, pair.other])
        lists.add(work, "theirs", [pair.other])
        lists.add(work, "mine", [pair.kept])

    def state() -> Any:
        work = wiring.reading(starter, actor="user:1", source="web")
        rows = work.rows(sql.SQL("select * from {} order by 1, 2").format(work.table("_list_member")))
        return rows, {
            name: [row[0] for row in query.rows(work, lists.members(work, name), [])] for name in names
        }

    before, merged, undone = pair.both_ways(state)
    assert before == undone, "when and by whom they were put there too"
    assert merged[1] == {name: [pair.kept] for name in names}
    work = wiring.reading(starter, actor="user:1", source="web")
    told = [each for each in history.of_record(work, pair.kept) if each.kind in ("listed", "unlisted")]
    assert [(each.kind, each.diff["list"]) for each in told][:2] == [
        ("unlisted", "theirs"),
        ("listed", "theirs"),
    ]


def test_a_list_that_the_survivor_left_since_isnt_joined_again(pair: Pair, starter: str) -> None:
    apply.define(starter, {("list", "vip"): {"label": "Særlige", "object": "company"}}, actor="user:1")
    with pair.writing() as work:
        lists.add(work, "vip", [pair.other])
    done = pair.merged()
    with pair.writing() as work:
        assert lists.remove(work, "vip", [pair.kept]) == [pair.kept]
    pair.undo(done)
    work = wiring.reading(starter, actor="user:1", source="web")
    assert [row[0] for row in query.rows(work, lists.members(work, "vip"), [])] == [pair.other]


def test_rollups_count_the_survivors(pair: Pair, reading: Work) -> None:
    def counts() -> list[str | None]:
        found = query.rows(
            reading, Query(pair.company, ids=[pair.kept, pair.other]), ["num_associated_contacts"]
        )
        return [row[1] for row in found]

    assert list(pair.both_ways(counts)) == [["1", "1"], ["2"], ["1", "1"]]


def test_tallies_count_the_live(pair: Pair, reading: Work) -> None:
    def tallied() -> tuple[int, int, int]:
        ((number, amount),) = tally.stages(reading, pair.deal).values()
        return tally.count(reading, pair.company), number, int(amount)

    assert list(pair.both_ways(tallied)) == [(2, 2, 150), (1, 1, 100), (2, 2, 150)]


def test_stage_visits_stay(pair: Pair, reading: Work) -> None:
    def visits() -> Any:
        numbers = [pair.facade, pair.twin]
        found = StageVisit.objects.filter(record_id__in=numbers)
        return sorted(found.values_list("record_id", "stage", "entered_at", "left_at")), entered(
            reading.catalog.portal_id, numbers
        )

    before, merged, undone = pair.both_ways(visits)
    assert len(before[0]) == 2
    assert before == merged == undone


def test_words_lead_to_live_records_alone(pair: Pair, reading: Work) -> None:
    def found() -> list[int]:
        return [hit.record_id for hit in search.find(reading, "kompagnii", [pair.company], limit=5)]

    assert list(pair.both_ways(found)) == [[pair.other], [], [pair.other]]


def test_a_merged_record_is_nobodys_duplicate(pair: Pair, reading: Work) -> None:
    with pair.writing() as work:
        [third] = write.create(work, pair.company, [{"name": "Havnen Kompagni ApS"}])
    catch_up()

    def open_pairs() -> list[tuple[int, int]]:
        return sorted(DuplicatePair.objects.filter(state="open").values_list("low_id", "high_id"))

    before, merged, undone = pair.both_ways(open_pairs)
    assert (pair.other, third) in before
    assert [ids for ids in merged if pair.other in ids] == []
    assert before == undone


def test_open_pages_hear_of_both(pair: Pair, reading: Work) -> None:
    marks = [live.mark(reading)]
    done = pair.merged()
    marks.append(live.mark(reading))
    pair.undo(done)
    for number in (pair.kept, pair.other):
        told = [{each.kind for each in live.of_record(reading, mark, number).entries} for mark in marks]
        assert {"merged", "unmerged"} <= told[0]
        assert "unmerged" in told[1]
        assert "merged" not in told[1]
