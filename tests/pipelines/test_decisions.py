"""Approvals and ticks at gates: who is asked, who decides, and that every way in waits for it."""

from typing import Any

import pytest
from tests.salg import SALG

from wonward import wiring
from wonward.accounts import users
from wonward.accounts.models import Member, Portal
from wonward.blueprints import apply
from wonward.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal
from wonward.notifications.models import Notification
from wonward.pipelines import decisions, headway
from wonward.pipelines.models import Decision
from wonward.records import history, query, write
from wonward.records.merging.merge import merge
from wonward.records.merging.undo import unmerge
from wonward.records.query import Query
from wonward.records.work import Work
from wonward.schema.seen import acting

PASSWORD = "correct horse battery staple"
EVERYONE = {"view": "everyone", "edit": "everyone", "delete": "everyone", "create": True}
RABAT = {
    "name": "rabat",
    "by": "leder",
    "message": "Rabatten er godkendt af lederen",
    "watches": ["amount"],
}
REFERENCE = {"name": "reference", "by": "konsulent", "label": "Referencen er ringet op"}


@pytest.fixture
def godkendt(salg: str) -> str:
    """The gated pipeline, with an approval and a tick before Møde booket."""
    pipeline: dict[str, Any] = {**SALG, "stages": [dict(stage) for stage in SALG["stages"]]}
    pipeline["stages"][1]["gate"] = {"criteria": [{"approval": RABAT}, {"tick": REFERENCE}]}
    roles = {
        ("role", name): {"label": name.capitalize(), "default": EVERYONE}
        for name in ("leder", "konsulent", "saelger")
    }
    apply.define(salg, {**roles, ("pipeline", "deal.salg"): pipeline}, actor="cli")
    portal = Portal.objects.get(name=salg)
    for name, role in (("Lis Leder", "leder"), ("Kim Konsulent", "konsulent"), ("Søren Ågård", "saelger")):
        users.create(f"{role}@nordisk.example", name, PASSWORD, [portal], role)
    return salg


class Person:
    """Somebody at Nordisk Måleri with a role, who works on the page of a record."""

    def __init__(self, role: str) -> None:
        self.member = Member.objects.get(email=f"{role}@nordisk.example")
        self.actor = f"user:{self.member.user_id}"

    def work(self) -> Any:
        return wiring.writing("starter", actor=self.actor, source="web", rights=acting("starter", self.actor))

    def ask(self, deal: int) -> None:
        with self.work() as work:
            decisions.ask(work, work.catalog.object_type("deal"), deal, "moede", "rabat")

    def decide(self, deal: int, name: str = "rabat", *, approved: bool = True, reason: str = "") -> None:
        with self.work() as work:
            kind = work.catalog.object_type("deal")
            decisions.decide(work, kind, deal, "moede", name, approved=approved, reason=reason)

    def put(self, deal: int, **values: str) -> None:
        with self.work() as work:
            write.update(work, work.catalog.object_type("deal"), [(deal, values)])

    def told(self) -> list[str]:
        return list(
            Notification.objects.filter(member=self.member).order_by("id").values_list("text", flat=True)
        )


def make() -> int:
    with wiring.writing("starter", actor="cli", source="cli") as work:
        given = {"dealname": "Tårnet", "pipeline": "salg", "dealstage": "dialog", "amount": "100"}
        return write.create(work, work.catalog.object_type("deal"), [given])[0]


def refused(deal: int) -> list[Problem]:
    with pytest.raises(Refusal) as refusal:
        Person("saelger").put(deal, dealstage="moede")
    return list(refusal.value.problems)


def stage(deal: int) -> str | None:
    work = reading()
    [(_, found)] = query.rows(work, Query(work.catalog.object_type("deal"), ids=[deal]), ["dealstage"])
    return str(found)


def reading() -> Work:
    return wiring.reading("starter", actor="cli", source="cli")


def test_bey_2_a_gate_waits_for_an_approval_and_a_tick_and_says_so(godkendt: str) -> None:
    deal = make()
    assert [(each.code, each.message, each.context["criterion"]) for each in refused(deal)] == [
        ("GATE_NOT_APPROVED", "Rabatten er godkendt af lederen", "rabat"),
        ("GATE_NOT_TICKED", "Referencen er ringet op", "reference"),
    ]
    Person("saelger").ask(deal)
    assert len(refused(deal)) == 2
    Person("leder").decide(deal)
    assert [each.code for each in refused(deal)] == ["GATE_NOT_TICKED"]
    Person("konsulent").decide(deal, "reference")
    Person("saelger").put(deal, dealstage="moede")
    assert stage(deal) == "moede"


def test_who_approves_is_told_once_and_who_asked_hears_the_answer(godkendt: str) -> None:
    deal = make()
    Person("saelger").ask(deal)
    Person("saelger").ask(deal)
    assert Person("leder").told() == ["Tårnet → Møde booket: Rabatten er godkendt af lederen"]
    with pytest.raises(Invalid, match="Say why"):
        Person("leder").decide(deal, approved=False)
    Person("leder").decide(deal, approved=False, reason="For stor")
    assert Person("saelger").told() == ["✗ Tårnet → Møde booket: Rabatten er godkendt af lederen – For stor"]
    assert "GATE_NOT_APPROVED" in {each.code for each in refused(deal)}
    with pytest.raises(Conflict, match="any more"):
        Person("leder").decide(deal)
    Person("saelger").ask(deal)
    Person("leder").decide(deal, reason="Så er den bedre")
    told = [each.diff["state"] for each in history.of_record(reading(), deal) if each.kind == "decided"]
    assert told == ["approved", "asked", "declined", "asked"]


def test_only_who_has_the_role_decides_and_super_admins(godkendt: str) -> None:
    deal = make()
    Person("saelger").ask(deal)
    for name in ("rabat", "reference"):
        with pytest.raises(Forbidden, match="decides this"):
            Person("saelger").decide(deal, name)
    Member.objects.filter(email="saelger@nordisk.example").update(role="super_admin")
    Person("saelger").decide(deal)
    assert [each.code for each in refused(deal)] == ["GATE_NOT_TICKED"]


def test_a_new_value_makes_an_approval_void_in_the_write_that_moves_too(godkendt: str) -> None:
    deal = make()
    Person("saelger").ask(deal)
    Person("leder").decide(deal)
    Person("konsulent").decide(deal, "reference")
    with pytest.raises(Invalid, match="Rabatten"):
        Person("saelger").put(deal, dealstage="moede", amount="50")
    Person("saelger").put(deal, description="Uden betydning for rabatten")
    assert Decision.objects.get(name="rabat").state == "approved"
    Person("saelger").put(deal, amount="50")
    assert Decision.objects.get(name="rabat").state == "void"
    assert [each.code for each in refused(deal)] == ["GATE_NOT_APPROVED"]


def test_a_tick_is_taken_back(godkendt: str) -> None:
    deal = make()
    Person("konsulent").decide(deal, "reference")
    Person("konsulent").decide(deal, "reference", approved=False)
    assert "GATE_NOT_TICKED" in {each.code for each in refused(deal)}


def test_the_checklist_says_how_it_stands_and_who_may_decide(godkendt: str) -> None:
    deal = make()
    Person("saelger").ask(deal)
    with Person("leder").work() as work:
        kind = work.catalog.object_type("deal")
        [pipeline] = [each for each in work.catalog.pipelines_of("deal") if each.name == "salg"]
        rabat, reference = headway.of_record(work, kind, deal, pipeline, "dialog").checks
    assert (rabat.met, rabat.decides, rabat.decision and rabat.decision.state) == (False, True, "asked")
    assert (reference.met, reference.decides, reference.decision) == (False, False, None)


def test_decisions_go_with_an_erased_record_and_move_with_a_merged_one(godkendt: str) -> None:
    kept, merged = make(), make()
    Person("konsulent").decide(merged, "reference")
    with wiring.writing("starter", actor="cli", source="cli") as work:
        kind = work.catalog.object_type("deal")
        [done] = merge(work, kind, kept, [merged])
        assert Decision.objects.get().record_id == kept
        unmerge(work, done.merge_id)
        assert Decision.objects.get().record_id == merged
        wiring.erase(work, kind, [merged])
    assert not Decision.objects.exists()


def test_who_does_not_see_a_record_decides_nothing_about_it(godkendt: str) -> None:
    deal = make()
    hidden = {"label": "Leder", "default": {**EVERYONE, "view": "own", "edit": "own", "delete": "own"}}
    Person("saelger").ask(deal)
    apply.define("starter", {("role", "leder"): hidden}, actor="cli")
    with pytest.raises(Missing):
        Person("leder").decide(deal)


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        ({"approval": {**RABAT, "by": "chef"}}, "chef"),
        ({"approval": {**RABAT, "watches": ["rabatsats"]}}, "rabatsats"),
        ({"approval": RABAT, "condition": "amount > 0", "message": "Beløb"}, "one of condition"),
        ({"message": "Beløb"}, "one of condition"),
    ],
)
def test_a_definition_that_cannot_be_is_refused(godkendt: str, criterion: dict[str, Any], said: str) -> None:
    pipeline = {
        "label": "Andet",
        "stages": [{"name": "ny", "label": "Ny", "gate": {"criteria": [criterion]}}],
    }
    with pytest.raises(Refusal, match=said):
        apply.define("starter", {("pipeline", "deal.andet"): pipeline}, actor="cli")
