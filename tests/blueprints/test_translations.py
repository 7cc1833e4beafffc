"""Definitions in another language: what people read is translated, what programs read stays."""

from pathlib import Path

import pytest
from django.test import Client
from tests.blueprints.test_consultancy import FOLDER

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Portal
from wonward.blueprints import apply, export, translations
from wonward.expressions import compile as expressions
from wonward.records import write
from wonward.schema import load, seen
from wonward.schema.translate import spoken

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultancy(db: None) -> Portal:
    apply.create_portal("consultancy", FOLDER, actor="system")
    return Portal.objects.get(name="consultancy")


def test_every_text_of_the_consultancy_is_there_in_english(consultancy: Portal) -> None:
    assert translations.untranslated(consultancy.pk, "en") == []


def test_what_is_missing_is_listed(consultancy: Portal) -> None:
    missing = translations.untranslated(consultancy.pk, "da")
    assert "Produkttype" in missing
    assert "Company name" not in missing, "shipped definitions are nobody's own"


def test_labels_stages_gates_and_options_are_spoken(consultancy: Portal) -> None:
    catalog = load.current("consultancy")
    english = spoken(catalog, "en")
    deal = english.object_types["deal"]
    assert deal.properties["produkttype"].label == "Product type"
    assert deal.properties["produkttype"].option_label("karriereraadgivning") == "Career counselling"
    assert deal.properties["dealstage"].option_label("tilbud_sendt") == "Quote sent"
    assert deal.groups["faktura"] == "Invoice"
    [sales] = english.pipelines_of("deal")
    stage = sales.stage("til_fakturering")
    assert stage
    assert stage.gate.criteria[0].message == "The invoices must add up to the deal's amount"
    assert (
        stage.gate.criteria[0].condition
        == catalog.pipelines_of("deal")[0].stages[4].gate.criteria[0].condition
    )
    assert english.workflows["deal.til_fakturering"].steps == catalog.workflows["deal.til_fakturering"].steps
    assert spoken(catalog, "en") is english, "it is put into a language once"
    assert english.defined is catalog
    assert spoken(english, "da") is spoken(catalog, "da"), (
        "a catalog is put into a language from how it was defined"
    )


def test_shipped_definitions_are_danish_to_who_reads_danish(consultancy: Portal) -> None:
    danish = spoken(load.current("consultancy"), "da")
    deal, company = danish.object_types["deal"], danish.object_types["company"]
    assert (deal.label, company.plural_label) == ("Deal", "Virksomheder")
    assert deal.properties["closedate"].label == "Lukkedato"
    assert company.properties["lifecyclestage"].option_label("evangelist") == "Ambassadør"
    assert deal.properties["produkttype"].label == "Produkttype", "its own texts are Danish already"
    assert "Lukkedato" not in translations.untranslated(consultancy.pk, "da")


def test_a_portals_own_translation_goes_before_the_shipped_one(consultancy: Portal) -> None:
    own = {"texts": {"Close date": "Forventet lukkedato"}}
    apply.define("consultancy", {("translation", "da"): own}, actor="cli")
    deal = spoken(load.current("consultancy"), "da").object_types["deal"]
    assert deal.properties["closedate"].label == "Forventet lukkedato"
    assert deal.properties["amount"].label == "Beløb"


def test_an_expression_means_the_same_in_every_language(consultancy: Portal) -> None:
    danish = spoken(load.current("consultancy"), "da")
    company = danish.object_types["company"]
    [child] = [each for each in danish.associations("company", "company") if each.label == "Datterselskab"]
    rollup = company.properties["hs_num_child_companies"].expression or ""
    told = expressions.value(danish, company, rollup)
    assert child.type_id in told.params.values()


def test_who_may_not_see_a_property_sees_it_in_no_language(consultancy: Portal) -> None:
    name, body = "deal.loen", {"label": "Salary", "type": "number", "group": "salg", "sensitive": True}
    apply.define("consultancy", {("property", name): {**body, "description": "Løn."}}, actor="cli")
    danish = seen.cut(spoken(load.current("consultancy"), "da"), None, frozenset({"deal"}))
    assert danish.defined
    for each in (danish, danish.defined, spoken(danish, "da"), spoken(danish, "en")):
        assert each.object_types["deal"].properties["loen"].masked


def test_pages_follow_the_language_of_who_reads(consultancy: Portal) -> None:
    users.create("soren@konsulenthuset.example", "Søren Ågård", "Blåbærgrød på Ærø 7", [consultancy])
    client = Client()
    assert client.login(username="soren@konsulenthuset.example", password="Blåbærgrød på Ærø 7")
    for language, said, not_said in (
        ("da", "Pipeline | Salg", "Pipeline | Sales"),
        ("en", "Pipeline | Sales", "Pipeline | Salg"),
    ):
        page = client.get(
            "/p/consultancy/deals/board/salg", headers={"accept-language": language}
        ).content.decode()
        assert said in page
        assert not_said not in page


def test_what_a_gate_refuses_is_said_in_the_language_of_who_asked(consultancy: Portal) -> None:
    users.create("soren@konsulenthuset.example", "Søren Ågård", "Blåbærgrød på Ærø 7", [consultancy])
    with wiring.writing("consultancy", actor="cli", source="cli") as work:
        (deal,) = write.create(work, work.catalog.object_type("deal"), [{"dealname": "Økonomichef"}])
    client = Client(headers={"accept-language": "en"})
    assert client.login(username="soren@konsulenthuset.example", password="Blåbærgrød på Ærø 7")
    asked = {"pipeline": "salg", "stage": "moede_booket"}
    page = client.post(f"/p/consultancy/deals/{deal}/stage", asked).content.decode()
    assert "Product type is needed in Meeting booked / proposal sent" in page


def test_every_kind_of_page_is_there_in_danish(consultancy: Portal) -> None:
    users.create("soren@konsulenthuset.example", "Søren Ågård", "Blåbærgrød på Ærø 7", [consultancy])
    client = Client(headers={"accept-language": "da"})
    assert client.login(username="soren@konsulenthuset.example", password="Blåbærgrød på Ærø 7")
    form = {"name": "Nordisk Måleri A/S", "domain": "nordisk.example"}
    made = client.post("/p/consultancy/companies/new", form)
    assert made.status_code == 302, "rollups that name associations are written under a Danish catalog too"
    for address, said in (
        ("companies", "Virksomhedsnavn"),
        ("companies/new", "Livscyklusfase"),
        ("companies/export", "Antal medarbejdere"),
        ("deals/board/salg", "Deals"),
        ("handbook", "Lukkedato"),
    ):
        assert said in client.get(f"/p/consultancy/{address}").content.decode(), address
    record = client.get(made["Location"]).content.decode()
    assert "Virksomhedsoplysninger" in record


def test_an_exported_portal_keeps_its_translations(consultancy: Portal, tmp_path: Path) -> None:
    export.export("consultancy", tmp_path / "out")
    assert apply.planned("consultancy", tmp_path / "out").changes == ()


def test_a_translation_is_named_by_a_language(consultancy: Portal) -> None:
    with pytest.raises(Exception, match="a translation is named by its language, one of da, en"):
        apply.define("consultancy", {("translation", "xx"): {"texts": {"Pris": "Priz"}}}, actor="cli")
