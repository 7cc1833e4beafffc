"""Templates written out: values as people read them, in two languages, as text and as HTML that nothing can break."""

from typing import Any

import pytest

from wonward import wiring
from wonward.blueprints import apply
from wonward.errors import Invalid, Missing, Refusal
from wonward.mail import render, send
from wonward.records import write

from .conftest import INVOICE, PORTAL, Office

pytestmark = pytest.mark.django_db


def define(office: Office, body: dict[str, Any], name: str = "invoice") -> None:
    apply.define(office.portal, {("mail_template", name): body}, actor="user:1")


def written(body: str, subject: str = "Hej") -> dict[str, Any]:
    return {"label": "Prøve", "object": "deal", "languages": {"da": {"subject": subject, "body": body}}}


def test_a_preview_in_danish(office: Office) -> None:
    found = render.preview(office.reading(), "invoice", office.deal)
    assert found.subject == "Faktura: Nyt tag & skorsten"
    assert found.text == (
        "Kære Søren\n\n**Nyt tag & skorsten** hos Havn & Co <A/S> er vundet:\n\n"
        "- Beløb: 125.000,50\N{NO-BREAK SPACE}kr.\n- Dato: 30. nov 2026 12.30\n- Fase: Won\n- Kontakter: 1\n\n"
        f"[Se aftalen](https://crm.nordisk.example/deals/{office.deal}?q=Nyt tag & skorsten)\n\n"
        "-- \nMed venlig hilsen\n**Søren Ågård**\nRådgiver\nsoren@nordisk.example\n"
    )
    assert "<strong>Nyt tag &amp; skorsten</strong> hos Havn &amp; Co &lt;A/S&gt; er vundet" in found.html
    assert (
        f'<a href="https://crm.nordisk.example/deals/{office.deal}?q=Nyt%20tag%20%26%20skorsten">'
        in found.html
    )
    assert '<html lang="da">' in found.html
    assert "Tlf." not in found.html, "he has no phone"


def test_a_preview_in_english(office: Office) -> None:
    found = render.preview(office.reading(), "invoice", office.deal, "en")
    assert found.text.startswith("125,000.50\N{NO-BREAK SPACE}kr. on 30 Nov 2026, 12:30\n")
    with pytest.raises(Invalid, match="isn't written in 'fr' but in da, en"):
        render.preview(office.reading(), "invoice", office.deal, "fr")


def test_a_value_is_never_markup(office: Office) -> None:
    define(office, written("{{dealname}}\n\n<b>fast</b>\n\n![x](https://a.example/p.png)"))
    evil = "**fed** [klik](javascript:alert(1)) <script>alert(1)</script> {{amount}} \ue0000\ue001"
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        write.update(work, work.catalog.object_type("deal"), [(office.deal, {"dealname": evil})])
    html = render.preview(office.reading(), "invoice", office.deal).html
    assert "<p>**fed** [klik](javascript:alert(1)) &lt;script&gt;alert(1)&lt;/script&gt; {{amount}} " in html
    assert "&lt;b&gt;fast&lt;/b&gt;" in html
    assert "<img" not in html


def test_a_batch_costs_the_same_as_one(office: Office, django_assert_num_queries: Any) -> None:
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        deal = work.catalog.object_type("deal")
        owner = {"hubspot_owner_id": str(office.soren.pk)}
        ids = write.create(work, deal, [{"dealname": f"Facade {n}", **owner} for n in range(50)])
    with wiring.writing(office.portal, actor="user:1", source="web") as work, django_assert_num_queries(5):
        # members, earlier mails, the outbox, the job; records are read past Django's own cursors
        assert len(send.enqueue(work, "invoice", deal, ids, to="faktura@nordisk.example")) == 50


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Hej\n\n{{company.nam}}", "da body line 3 column 3: there is no property 'nam' on Company"),
        ("Hej {{ naem }}", "da body line 1 column 8: there is no property 'naem' on Deal"),
        (
            "{{owner.shoe_size}}",
            "column 3: 'owner.shoe_size' isn't known; of owner there are name, first_name",
        ),
        ("{{invoices.number}}", "there is no object type 'invoices'"),
        ("{{amount", "column 1: '{{' has no other end"),
        ("a }} b", "column 3: '}}' has no other end"),
        ("{{amount +}}", "da body line 1"),
        ("[her]({{dealname}})", "the address of a link begins with https:// or mailto:"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_when_it_is_applied(office: Office, body: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        define(office, written(body), "proeve")
    assert said in str(refused.value)
    assert "mail_template proeve" in str(refused.value)


def test_a_subject_is_one_line_and_a_sender_an_address(office: Office) -> None:
    with pytest.raises(Invalid, match="it is one line"):
        define(office, written("Hej", "Hej\nBcc: alle@nordisk.example"))
    for wrong in ("Nordisk", "a@b", "salg@nordisk.example\nBcc: x@y.example", "a@x.example, b@x.example"):
        with pytest.raises(Invalid, match="mail_from"):
            apply.define(
                office.portal, {("portal", "portal"): {**PORTAL, "mail_from": wrong}}, actor="user:1"
            )
    signature = {**PORTAL, "mail_signature": {"da": "{{amount}}"}}
    with pytest.raises(Invalid, match="mail_signature da line 1 column 3: 'amount' isn't known"):
        apply.define(office.portal, {("portal", "portal"): signature}, actor="user:1")


def test_what_is_sensitive_cant_stand_in_mail(office: Office) -> None:
    secret = {"label": "Margin", "type": "number", "sensitive": True}
    apply.define(office.portal, {("property", "deal.margin"): secret}, actor="user:1")
    for body in ("{{margin}}", "{{coalesce(margin, 0)}}"):
        with pytest.raises(Invalid, match="Margin is sensitive, so it can't stand in mail"):
            define(office, written(body))


def test_a_property_in_a_template_cant_be_removed(office: Office) -> None:
    tombstone = frozenset({("property", "company.name")})
    with pytest.raises(Refusal, match=r"company\.name is still used by .*mail_template invoice \(da body\)"):
        apply.define(office.portal, {}, tombstone, actor="user:1", allow_destructive=True)


def test_a_line_break_in_a_subject_is_refused_with_its_row(office: Office) -> None:
    with wiring.writing(office.portal, actor="user:1", source="web") as work:
        deal = work.catalog.object_type("deal")
        [evil] = write.create(work, deal, [{"dealname": "Tag\r\nBcc: alle@ond.example"}])
    with (
        pytest.raises(Invalid) as refused,
        wiring.writing(office.portal, actor="user:1", source="web") as work,
    ):
        send.enqueue(work, "invoice", deal, [office.deal, evil], to="faktura@nordisk.example")
    [problem] = refused.value.problems
    assert (problem.row, problem.code) == (1, "MAIL_SUBJECT")


def test_who_or_what_isnt_there(office: Office) -> None:
    reading = office.reading()
    with pytest.raises(Missing, match="There is no mail template 'faktura'; this portal has invoice"):
        render.preview(reading, "faktura", office.deal)
    with pytest.raises(Missing, match="There is no deal 99"):
        render.preview(reading, "invoice", 99)
    with pytest.raises(Missing, match="There is no member 12345"):
        office.enqueue(sender=12345)
    with pytest.raises(Invalid, match="has no address to go to; fill it in"):
        office.enqueue("{{company.domain}}")
    with pytest.raises(Invalid, match="'Havn & Co <A/S>' is none"):
        office.enqueue("{{company.name}}")


def test_templates_come_back_from_an_export(office: Office, tmp_path: Any) -> None:
    from wonward.blueprints import export

    export.export(office.portal, tmp_path / "out")
    assert (tmp_path / "out" / "mail_templates" / "invoice.yaml").exists()
    assert not apply.planned(office.portal, tmp_path / "out").changes
    assert INVOICE["label"] in (tmp_path / "out" / "mail_templates" / "invoice.yaml").read_text()
