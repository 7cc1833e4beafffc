"""The handbook tells what the definitions do: everything a stage asks for, in the language of who reads."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.blueprints.test_consultancy import FOLDER

from wonward.accounts import users
from wonward.accounts.models import Portal
from wonward.blueprints import apply
from wonward.errors import Conflict
from wonward.handbook import site
from wonward.handbook.guide import written
from wonward.schema import load
from wonward.schema.seen import cut
from wonward.schema.translate import shipped, spoken

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultancy(db: None) -> Portal:
    apply.create_portal("consultancy", FOLDER, actor="system")
    return Portal.objects.get(name="consultancy")


def test_every_stage_with_all_that_it_asks_for_and_why(consultancy: Portal) -> None:
    catalog = spoken(load.current("consultancy"), "da")
    text = written(catalog, "da")
    deal = catalog.object_types["deal"]
    [salg] = catalog.pipelines_of("deal")
    for stage in salg.stages:
        gate = stage.gate
        said = [stage.label, stage.purpose, gate.why, *stage.activities]
        said += [criterion.message for criterion in gate.criteria]
        said += [deal.properties[name].label for name in (*gate.requires, *gate.optional, *gate.copies)]
        for each in said:
            assert each in text, each
    for workflow in catalog.workflows.values():
        assert workflow.label in text
        assert workflow.description in text
    assert "Virksomhed › Fakturamail" in text, "copies say where from"
    assert "40 %" in text


def test_views_as_whoever_reads_has_them(consultancy: Portal) -> None:
    catalog = load.current("consultancy")
    text = written(catalog, "da")
    assert "Deals: Mine åbne deals" in text
    assert "hubspot_owner_id = me() and dealstage not in" in unescape(text)
    assert "The list opens with it for: Seller" in " ".join(written(catalog, "en").split())
    assert "Deals: Til fakturering" in text
    assert "Deals: Til fakturering" not in written(cut(catalog, "marketing", frozenset()), "da")
    role = {"label": "Gæst", "default": {"view": "everyone"}, "types": {"deal": {"hidden": ["hs_next_step"]}}}
    apply.define("consultancy", {("role", "gaest"): role}, actor="user:1")
    guest = written(cut(load.current("consultancy"), "gaest", frozenset()), "da")
    assert "Uden næste skridt" in guest
    assert "hs_next_step" not in guest, "a filter that names what is hidden isn't told"


def test_in_danish_nothing_shipped_is_left_in_english(consultancy: Portal) -> None:
    text = written(load.current("consultancy"), "da")
    assert "Lukkedato" in text
    seen = {unescape(each).strip() for each in re.split(r"<[^>]*>|›", text)}
    assert {each for each in seen if shipped("da").get(each, each) != each} == set()


def test_in_english_nothing_danish_is_left(consultancy: Portal) -> None:
    text = written(load.current("consultancy"), "en")
    assert "Meeting booked / proposal sent" in text
    assert "The invoices must add up to the deal&#39;s amount" in text
    for danish in ("Møde booket", "Alle nye dialoger", "Produkttype", "kører af sig selv"):
        assert danish not in text


def test_a_changed_definition_changes_the_handbook(consultancy: Portal) -> None:
    before = written(load.current("consultancy"), "da")
    body = {"label": "Søgte vi forgæves?", "type": "text", "description": "Æblegrød", "group": "salg"}
    stages = load.current("consultancy").pipelines_of("deal")[0].stages
    wanted = {
        ("property", "deal.forgaeves"): body,
        ("pipeline", "deal.salg"): {
            "label": "Pipeline | Salg",
            "stages": [
                {"name": stage.name, "label": stage.label, "gate": {"requires": ["forgaeves"]}}
                for stage in stages
            ],
        },
    }
    apply.define("consultancy", wanted, actor="cli")
    after = written(load.current("consultancy"), "da")
    assert "Søgte vi forgæves?" in after
    assert "Søgte vi forgæves?" not in before


def test_the_page_speaks_the_language_of_who_reads(consultancy: Portal) -> None:
    users.create("soren@konsulenthuset.example", "Søren Ågård", "Blåbærgrød på Ærø 7", [consultancy])
    client = Client()
    assert client.login(username="soren@konsulenthuset.example", password="Blåbærgrød på Ærø 7")
    for language, said in (("da", "Hvad der kører af sig selv"), ("en", "What runs by itself")):
        page = client.get("/p/consultancy/handbook", headers={"accept-language": language})
        assert said in page.content.decode()
        assert 'id="stage-tilbud_sendt"' in page.content.decode()


def test_the_site_is_a_page_a_language_and_leaves_other_files_alone(
    consultancy: Portal, tmp_path: Path, capsys: Any
) -> None:
    folder = tmp_path / "håndbog"
    catalog = load.current("consultancy")
    files = site.write(catalog, "Konsulenthuset", folder)
    assert [file.name for file in files] == ["en.html", "da.html", "handbook.css"]
    assert '<html lang="da">' in (folder / "da.html").read_text(encoding="utf-8")
    assert site.write(catalog, "Konsulenthuset", folder) == files, "it is written anew over itself"
    (folder / "noter.txt").write_text("Mine")
    with pytest.raises(Conflict, match="holds other files"):
        site.write(catalog, "Konsulenthuset", folder)
