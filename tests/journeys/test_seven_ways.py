"""BEY-1: one gate on every way in. The same deal is moved in every way there is, and is told the same each time."""

import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.api.caller import Caller
from tests.salg import PROPERTIES, SALG

from wonward import wiring
from wonward.accounts import tokens, users
from wonward.accounts.models import Portal, User
from wonward.automation.models import Enrolment, Status
from wonward.blueprints import apply
from wonward.errors import Refusal
from wonward.records import query, write
from wonward.records.importing import mapping, run
from wonward.records.query import Query
from wonward.schema.definitions import ImportMapBody
from wonward.worker.loop import catch_up, tend_workflows

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
AUTO = {
    "label": "Auto | Flyt",
    "trigger": {"when": "description = 'Flyt mig'"},
    "again": "always",
    "steps": [{"set": {"dealstage": "tilbud"}}, {"set": {"description": ""}}],
}


class House:
    """The portal with the gated pipeline, one deal in Møde booket, and every way to move it to Tilbud sendt."""

    def __init__(self, folder: Path) -> None:
        stages = [dict(stage) for stage in SALG["stages"]]
        stages[2]["gate"] = {**stages[2]["gate"], "criteria": stages[2]["gate"]["criteria"][:1]}
        definitions = {**PROPERTIES, ("pipeline", "deal.salg"): {**SALG, "stages": stages}}
        apply.define("starter", {**definitions, ("workflow", "deal.flyt"): AUTO}, actor="cli")
        portal = Portal.objects.get(name="starter")
        users.create("soren@nordisk.example", "Søren Ågård", "correct horse battery staple", [portal])
        self.pages = Client()
        self.pages.force_login(User.objects.get(email="soren@nordisk.example"), backend=BACKEND)
        self.api = Caller(tokens.create(portal, "et program", ["all"]))
        self.folder = folder
        with wiring.writing("starter", actor="cli", source="cli") as work:
            kind = work.catalog.object_type("deal")
            [self.deal] = write.create(work, kind, [{"dealname": "Tårnet", "pipeline": "salg"}])
            write.update(work, kind, [(self.deal, {"dealstage": "moede", "dealtype": "newbusiness"})])
        self.address = f"/p/starter/deals/{self.deal}"

    @property
    def stage(self) -> str:
        work = wiring.reading("starter", actor="cli", source="cli")
        [(_, stage)] = query.rows(
            work, Query(work.catalog.object_type("deal"), ids=[self.deal]), ["dealstage"]
        )
        return str(stage)

    def fill(self, **values: str) -> None:
        with wiring.writing("starter", actor="cli", source="cli") as work:
            write.update(work, work.catalog.object_type("deal"), [(self.deal, values)])

    def lacks(self) -> list[str]:
        """Return what the write path says that lacks."""
        with (
            pytest.raises(Refusal) as refused,
            wiring.writing("starter", actor="cli", source="cli") as work,
        ):
            write.update(work, work.catalog.object_type("deal"), [(self.deal, {"dealstage": "tilbud"})])
        return [problem.message for problem in refused.value.problems]

    def drag(self) -> str:
        to = {"pipeline": "salg", "stage": "tilbud", "where": ""}
        return self._said(self.pages.post(f"{self.address}/stage", to, headers={"HX-Request": "true"}))

    def stage_bar(self) -> str:
        return self._said(self.pages.post(f"{self.address}/stage", {"pipeline": "salg", "stage": "tilbud"}))

    def form(self) -> str:
        return self._said(self.pages.post(f"{self.address}/edit", {"dealstage": "salg/tilbud"}))

    def inline(self) -> str:
        typed = {"dealstage": "salg/tilbud"}
        return self._said(
            self.pages.post(f"{self.address}/properties/dealstage", typed, headers={"HX-Request": "true"})
        )

    def over_api(self) -> str:
        body = {"properties": {"dealstage": "tilbud"}}
        return self._said(self.api("PATCH", f"/crm/v3/objects/deals/{self.deal}", body))

    def in_bulk(self) -> str:
        body = {"inputs": [{"id": str(self.deal), "properties": {"dealstage": "tilbud"}}]}
        return self._said(self.api("POST", "/crm/v3/objects/deals/batch/update", body))

    def from_a_file(self) -> str:
        file = self.folder / "deals.csv"
        file.write_text(f"hs_object_id,stage\n{self.deal},Tilbud sendt\n", encoding="utf-8")
        said = mapping.typed(
            ImportMapBody("deal", key="hs_object_id", columns={"stage": "dealstage"}), "test"
        )
        done = run.run(
            lambda: wiring.writing("starter", actor="import:1", source="import"), file, "deal", said
        )
        return "\n".join(problem.message for problem in done.problems)

    def by_workflow(self) -> str:
        self.fill(description="Flyt mig")
        while catch_up() + tend_workflows():
            pass
        failed = Enrolment.objects.filter(status=Status.FAILED)
        said = "\n".join(problem["message"] for each in failed for problem in each.problems)
        failed.delete()
        self.fill(description="")
        return said

    @staticmethod
    def _said(answer: Any) -> str:
        text = answer.content.decode()
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            return json.dumps(json.loads(text), ensure_ascii=False)
        return html.unescape(text)


WAYS: dict[str, Callable[[House], str]] = {
    "drag": House.drag,
    "stage bar": House.stage_bar,
    "form": House.form,
    "inline": House.inline,
    "API": House.over_api,
    "bulk": House.in_bulk,
    "import": House.from_a_file,
    "workflow": House.by_workflow,
}


@pytest.fixture
def house(transactional_db: None, starter: str, tmp_path: Path) -> Iterator[House]:
    return House(tmp_path)


def test_bey_1_every_way_in_is_told_the_same_and_moves_nothing(house: House) -> None:
    lacks = house.lacks()
    assert len(lacks) == 2
    for way, move in WAYS.items():
        said = move(house)
        assert [each for each in lacks if each not in said] == [], way
        assert house.stage == "moede", way


@pytest.mark.parametrize("way", WAYS)
def test_bey_1_every_way_in_moves_what_has_all(house: House, way: str) -> None:
    house.fill(closedate="2026-12-31", amount="1200")
    WAYS[way](house)
    assert house.stage == "tilbud"
