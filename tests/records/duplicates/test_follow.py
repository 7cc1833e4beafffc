"""The queue of pairs: filled by the feed and by scans, kept in step, and never with what was decided."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from wonward import wiring
from wonward.accounts.models import Portal
from wonward.records import write
from wonward.records.changes import consume
from wonward.records.duplicates import check, pairs, scan
from wonward.records.duplicates.follow import DUPLICATES
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.models import DuplicatePair, DuplicateScan
from wonward.records.work import Work

pytestmark = pytest.mark.django_db(transaction=True)


def working(portal: str) -> Any:
    return wiring.writing(portal, actor="user:1", source="web")


def follow(portal: str) -> None:
    while consume(portal, DUPLICATES, wiring.GUARDS):
        pass


def waiting() -> list[tuple[int, int, int, list[str]]]:
    return list(
        DuplicatePair.objects.filter(state="open")
        .order_by("-score", "id")
        .values_list("low_id", "high_id", "score", "reasons")
    )


def people(work: Work, *rows: dict[str, str]) -> list[int]:
    return write.create(work, work.catalog.object_type("contact"), list(rows))


def test_pairs_come_and_go_with_the_values(starter: str) -> None:
    with working(starter) as work:
        contact = work.catalog.object_type("contact")
        one, two, _ = people(
            work,
            {"firstname": "Søren", "lastname": "Ågård", "company": "Nordisk Måleri", "email": "s@x.example"},
            {"firstname": "Sören", "lastname": "Aagård", "company": "Nordisk Maleri", "email": "t@x.example"},
            {"firstname": "Åse", "lastname": "Holm", "company": "Nordisk Måleri"},
        )
    follow(starter)
    [(low, high, score, reasons)] = waiting()
    assert (low, high, reasons) == (one, two, ["company+firstname+lastname"])
    with working(starter) as work:
        write.update(work, contact, [(two, {"email": "S+nyt@x.example"})])
    follow(starter)
    [(_, _, better, reasons)] = waiting()
    assert better > score
    assert reasons[0] == "email"
    with working(starter) as work:
        write.archive(work, contact, [two])
    follow(starter)
    assert waiting() == []
    with working(starter) as work:
        write.restore(work, contact, [two])
    follow(starter)
    assert len(waiting()) == 1


def test_what_was_told_apart_doesnt_come_back(starter: str) -> None:
    with working(starter) as work:
        contact = work.catalog.object_type("contact")
        one, _ = people(work, {"phone": "+45 12345678"}, {"phone": "12 34 56 78"})
    follow(starter)
    with working(starter) as work:
        pairs.dismiss(work, DuplicatePair.objects.get().pk)
        write.update(work, contact, [(one, {"phone": "12345678"})])
    follow(starter)
    assert waiting() == []
    assert DuplicatePair.objects.get().decided_by == "user:1"


def test_a_merged_pair_is_open_again_when_that_is_undone(starter: str) -> None:
    with working(starter) as work:
        contact = work.catalog.object_type("contact")
        one, two = people(work, {"phone": "+45 12345678"}, {"phone": "12 34 56 78"})
    follow(starter)
    with working(starter) as work:
        [done] = merge(work, contact, one, [two])
    follow(starter)
    assert DuplicatePair.objects.get().state == "merged"
    with working(starter) as work:
        unmerge(work, done.merge_id)
    follow(starter)
    assert [row[:2] for row in waiting()] == [(one, two)]


def test_companies_match_by_domain_and_name_but_not_by_a_mail_provider(starter: str) -> None:
    with working(starter) as work:
        company = work.catalog.object_type("company")
        a, b, *_ = write.create(
            work,
            company,
            [
                {"name": "Nordisk Måleri A/S", "domain": "nordisk.example"},
                {"name": "Nordisk Maleri", "domain": "www.Nordisk.example"},
                {"name": "Havn & Co", "domain": "gmail.com"},
                {"name": "Kyst og Klit", "domain": "gmail.com"},
            ],
        )
    follow(starter)
    assert [row[:2] for row in waiting()] == [(a, b)]


def test_what_a_crowd_shares_tells_nothing(starter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "CROWD", 3)
    with working(starter) as work:
        people(work, *({"phone": "12345678"} for _ in range(4)))
    follow(starter)
    assert waiting() == []


def test_a_scan_goes_through_all_in_batches_and_again_when_the_rules_change(
    starter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "BATCH", 2)
    with working(starter) as work:
        people(work, *({"phone": f"1234567{row}"} for row in range(4)), {"phone": "+4512345670"})

    def whole() -> int:
        batches = 0
        while True:
            with working(starter) as work:
                if not scan.next_batch(work):
                    return batches
            batches += 1

    first = whole()
    assert first >= 3
    assert len(waiting()) == 1
    assert whole() == 0
    DuplicateScan.objects.filter(object_type="contact").update(rules="others")
    DuplicatePair.objects.all().delete()
    assert whole() == 3
    assert len(waiting()) == 1


def test_two_at_once_find_a_pair_once(starter: str, in_threads: Callable[..., list[Any]]) -> None:
    with working(starter) as work:
        ids = people(work, {"phone": "+45 12345678"}, {"phone": "12 34 56 78"})

    def look(_: int) -> None:
        with working(starter) as work:
            check.check(work, work.catalog.object_type("contact"), ids)

    in_threads(look, range(3))
    assert len(waiting()) == 1


def test_portals_know_nothing_of_each_others_pairs(starter: str) -> None:
    with working(starter) as work:
        contact = work.catalog.object_type("contact")
        people(work, {"phone": "+45 12345678"}, {"phone": "12 34 56 78"})
    follow(starter)
    with working(starter) as work:
        assert pairs.counts(work) == {"contact": 1}
        elsewhere = replace(work, catalog=replace(work.catalog, portal_id=work.catalog.portal_id + 1))
        assert pairs.counts(elsewhere) == {}
    portal = Portal.objects.get(name=starter)
    assert pairs.after(portal.pk + 1, contact, None) is None
