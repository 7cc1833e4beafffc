"""A form that somebody sends becomes a contact, once; what a stranger sends changes little of one that is known."""

from datetime import timedelta
from typing import Any

import pytest

from wonward import clock, wiring
from wonward.errors import Invalid
from wonward.marketing.models import Submission
from wonward.records import write
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge

from .conftest import SOREN, START, Office

pytestmark = pytest.mark.django_db
NAMES = ("email", "firstname", "lastname", "phone", "lifecyclestage", "emner", "kampagne", "nyhedsbrev")


def refused(office: Office, **more: Any) -> dict[str | None, str]:
    with pytest.raises(Invalid) as found:
        office.send(**more)
    return {each.property: each.code for each in found.value.problems}


def test_a_new_address_becomes_a_contact_with_what_was_said(office: Office) -> None:
    made = office.send(
        texts={**SOREN, "phone": "+45 12 34 56 78", "emner": "tag;facade"},
        consents={"vilkaar", "nyhedsbrev"},
        query={"utm_campaign": "forår"},
        utm={"utm_source": "brev", "utm_medium": "email", "utm_campaign": "forår"},
        page="https://os.example/f/starter/kontakt",
    )
    assert office.values("contact", *NAMES) == [
        (
            "soren@nordisk.example",
            "Søren",
            "Ågård",
            "+45 12 34 56 78",
            "lead",
            "tag;facade",
            "forår",
            "true",
        )
    ]
    made.refresh_from_db()
    assert (made.form, made.at, made.source, made.language) == ("kontakt", START, "EMAIL_MARKETING", "da")
    assert made.values["emner"] == "tag;facade"
    assert [(each["name"], each["given"]) for each in made.consents] == [
        ("vilkaar", True),
        ("nyhedsbrev", True),
    ]
    assert made.consents[1]["text"] == "Ja tak til nyhedsbrevet."
    assert made.definition.document.name == "kontakt"
    [submitted, created] = office.log(made.contact_id or 0)
    assert (submitted.kind, submitted.actor, submitted.source) == ("submitted", "form:kontakt", "form")
    assert submitted.diff == {
        "form": "kontakt",
        "label": "Kontakt os",
        "submission": made.pk,
        "source": "EMAIL_MARKETING",
    }
    assert (created.kind, created.diff["hs_lifecyclestage_lead_date"][1]) == (
        "created",
        "2026-01-05T09:00:00.000Z",
    )


def test_the_same_page_sent_twice_is_one_submission(office: Office) -> None:
    answers = office.answers()
    first, again = office.send(answers=answers), office.send(answers=answers)
    assert first.pk == again.pk
    assert [each.kind for each in office.log(first.contact_id or 0)] == ["submitted", "created"]
    corrected = office.send(answers=office.answers(nonce=answers.nonce, texts={**SOREN, "lastname": "Ågard"}))
    assert corrected.pk != first.pk, "who goes back and mends an answer is heard"
    assert corrected.contact_id == first.contact_id


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_contact_and_one_submission(office: Office, in_threads: Any) -> None:
    answers = office.answers()
    made = in_threads(lambda _: office.send(answers=answers).pk, range(4))
    assert len(set(made)) == 1
    in_threads(lambda _: office.send().pk, range(3))
    assert Submission.objects.count() == 4
    assert office.values("contact", "num_conversion_events") == [("4",)]


def test_a_known_contact_gets_what_it_lacks_and_what_the_form_overwrites(office: Office) -> None:
    known = office.create("contact", **SOREN, phone="+45 11 11 11 11", emner="tag", lifecyclestage="customer")
    office.update(known, lastname="")
    sent = {**SOREN, "firstname": "Sjov", "phone": "+45 99 99 99 99", "emner": "facade"}
    made = office.send(texts=sent)
    assert made.contact_id == known
    assert office.values("contact", *NAMES) == [
        (
            "soren@nordisk.example",
            "Søren",
            "Ågård",
            "+45 11 11 11 11",
            "customer",
            "facade",
            None,
            None,
        )
    ], "nobody takes a telephone number over, and no form takes a customer back"
    assert made.values["phone"] == "+45 99 99 99 99", "the seller sees what was said"


def test_an_address_that_is_known_by_a_merge_is_found(office: Office) -> None:
    kept = office.create("contact", email="soren@gammel.example", firstname="Søren")
    other = office.create("contact", email="soren@nordisk.example")
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        merge(work, work.catalog.object_type("contact"), kept, [other])
    assert office.send().contact_id == kept


def test_wrong_answers_are_refused_all_at_once_and_nothing_is_kept(office: Office) -> None:
    wrong = refused(
        office,
        texts={"email": "soren at nordisk", "phone": "ring", "emner": "kælder", "lastname": "Å"},
        consents=(),
    )
    assert wrong == {
        "firstname": "REQUIRED_PROPERTY",
        "vilkaar": "CONSENT_MISSING",
        "email": "INVALID_EMAIL",
        "phone": "INVALID_PHONE_NUMBER",
        "emner": "INVALID_OPTION",
    }
    assert not Submission.objects.exists()
    assert office.values("contact", "email") == []


def test_answers_are_refused_alike_whether_the_address_is_known_or_not(office: Office) -> None:
    short = {"min_length": 2, "message": "Skriv hele navnet"}
    office.define(
        property__contact__lastname={"label": "Efternavn", "type": "text", "validation": [short]},
        property__contact__phone={
            "label": "Telefon",
            "type": "phone",
            "validation": [{"expression": "phone is null or kampagne is null", "message": "Kun ét"}],
        },
    )
    office.create("contact", email="kendt@nordisk.example", kampagne="gammel")
    for address in ("kendt@nordisk.example", "ukendt@nordisk.example"):
        texts = {**SOREN, "email": address, "lastname": "Å"}
        assert refused(office, texts=texts) == {"lastname": "INVALID_LENGTH"}
        texts |= {"lastname": "Ågård", "phone": "+45 12 34 56 78"}
        assert office.send(texts=texts).contact_id, "a rule over what is stored stays between us"
    assert office.values("contact", "email", "phone", "num_conversion_events") == [
        ("kendt@nordisk.example", None, "1"),
        ("ukendt@nordisk.example", "+45 12 34 56 78", "1"),
    ]


def test_a_parameter_that_does_not_fit_is_left_out(office: Office) -> None:
    fields = [
        {"property": "email"},
        {"property": "emner", "hidden": True, "query": "emne"},
        {"property": "kampagne", "hidden": True, "query": "kampagne"},
    ]
    office.form(fields=fields, consents=[])
    office.send(query={"emne": "' or 1=1 --", "kampagne": "<b>forår</b>"})
    assert office.values("contact", "emner", "kampagne") == [(None, "<b>forår</b>")]


def test_the_company_is_found_or_made_and_never_changed(office: Office) -> None:
    asked = [{"property": "email"}, {"property": "company.name"}, {"property": "company.city"}]
    office.form(fields=asked, consents=[])
    nordisk = office.create("company", name="Nordisk Måleri A/S", city="Ribe")

    def sent(person: str, name: str) -> list[tuple[Any, ...]]:
        texts = {"email": f"{person}@x.example", "company.name": name, "company.city": "Ærø"}
        office.send(texts=texts)
        return office.values("contact", "company.name", "company.city")[-1:]

    assert sent("a", "Nordisk Måleri A/S") == [("Nordisk Måleri A/S", "Ribe")]
    assert sent("b", "Havn & Co") == [("Havn & Co", "Ærø")]
    assert sent("c", "Havn & Co") == [("Havn & Co", "Ærø")]
    office.create("company", name="Havn & Co")
    assert sent("d", "Havn & Co") == [(None, None)], "which of two it is, a colleague decides"
    assert len(office.values("company", "name")) == 3
    assert sent("a", "Overtaget ApS") == [(None, None)]
    assert office.values("contact", "company.name")[0] == ("Nordisk Måleri A/S",)
    assert nordisk


def test_conversions_and_sources_are_kept_up(office: Office) -> None:
    office.form("guide", label="Hent guide")
    office.send(referrer="https://www.google.dk/search?q=tag")
    office.at(START + timedelta(days=2))
    office.send("guide", utm={"utm_source": "linkedin", "utm_medium": "cpc", "utm_campaign": "tag"})
    office.send("guide", own_host="os.example", referrer="https://os.example/andet")
    names = (
        "hs_analytics_source",
        "hs_analytics_source_data_1",
        "hs_latest_source",
        "hs_latest_source_data_1",
        "num_conversion_events",
        "num_unique_conversion_events",
        "first_conversion_event_name",
        "first_conversion_date",
        "recent_conversion_event_name",
        "recent_conversion_date",
    )
    assert office.values("contact", *names) == [
        (
            "ORGANIC_SEARCH",
            "www.google.dk",
            "DIRECT_TRAFFIC",
            None,
            "3",
            "2",
            "Kontakt os",
            "2026-01-05T09:00:00.000Z",
            "Hent guide",
            "2026-01-07T09:00:00.000Z",
        )
    ]
    assert [each.source for each in Submission.objects.order_by("id")] == [
        "ORGANIC_SEARCH",
        "PAID_SOCIAL",
        "DIRECT_TRAFFIC",
    ]


def test_what_was_sent_goes_with_the_contact(office: Office) -> None:
    first = office.send().contact_id or 0
    second = office.send(texts={**SOREN, "email": "soren@privat.example"}).contact_id or 0
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        contact = work.catalog.object_type("contact")
        [done] = merge(work, contact, first, [second])
    assert {each.contact_id for each in Submission.objects.all()} == {first}
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        unmerge(work, done.merge_id)
    assert [each.contact_id for each in Submission.objects.order_by("id")] == [first, second]
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        write.archive(work, contact, [second])
    office.at(clock.now() + timedelta(days=91))
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        wiring.purge(work, clock.now() - timedelta(days=90))
        wiring.erase(work, contact, [first])
    assert not Submission.objects.exists()
