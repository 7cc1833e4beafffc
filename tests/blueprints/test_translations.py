"""Definitions in another language: what people read is translated, what programs read stays."""

from pathlib import Path

import pytest
from django.test import Client
from tests.blueprints.test_consultancy import FOLDER

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Portal
from wonward.blueprints import apply, export, translations
from wonward.records import write
from wonward.schema import load
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
    assert spoken(english, "da") is spoken(catalog, "da"), "a catalog is put into a language from how it was defined"


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


def test_an_exported_portal_keeps_its_translations(consultancy: Portal, tmp_path: Path) -> None:
    export.export("consultancy", tmp_path / "out")
    assert apply.planned("consultancy", tmp_path / "out").changes == ()


def test_a_translation_is_named_by_a_language(consultancy: Portal) -> None:
    with pytest.raises(Exception, match="a translation is named by its language, one of da, en"):
        apply.define("consultancy", {("translation", "xx"): {"texts": {"Pris": "Priz"}}}, actor="cli")
