"""A member's own page: CON-6's signature from the organisation's template, the language, days away."""

from django.test import Client

from wonward.accounts.models import Member, User
from wonward.blueprints import apply

PAGE = "/p/starter/you"
SAID = {
    "first_name": "Åda",
    "last_name": "Holm",
    "title": "Sælger",
    "phone": "+45 12 34 56 78",
    "language": "da",
    "away_from": "2026-12-24",
    "away_until": "2026-12-31",
}


def signed(starter: str) -> None:
    said = {"da": "Med venlig hilsen\n{{sender.name}}\n{{sender.title}}\n{{sender.phone}}"}
    apply.define(starter, {("portal", "portal"): {"label": "Salg", "mail_signature": said}}, actor="cli")


def test_con_6_what_is_typed_is_kept_and_the_signature_shows_it(
    starter: str, pages: Client, ada: Member
) -> None:
    signed(starter)
    assert "Med venlig hilsen\nAda Holm</pre>" in pages.get(PAGE).content.decode()
    assert pages.post(PAGE, SAID).status_code == 302
    html = pages.get(PAGE).content.decode()
    assert "Med venlig hilsen\nÅda Holm\nSælger\n+45 12 34 56 78</pre>" in html
    ada.refresh_from_db()
    assert (ada.full_name, str(ada.away_until)) == ("Åda Holm", "2026-12-31")
    assert User.objects.get(pk=ada.user_id).full_name == "Åda Holm"


def test_the_language_chosen_goes_before_the_browsers(pages: Client, ada: Member) -> None:
    browser = {"Accept-Language": "en"}
    assert '<html lang="en"' in pages.get(PAGE, headers=browser).content.decode()
    pages.post(PAGE, SAID)
    html = pages.get(PAGE, headers=browser).content.decode()
    assert '<html lang="da"' in html
    assert "Signatur" in html
    pages.post(PAGE, {**SAID, "language": ""})
    assert '<html lang="en"' in pages.get(PAGE, headers=browser).content.decode()


def test_what_will_not_do_stands_at_its_field_and_nothing_is_changed(pages: Client, ada: Member) -> None:
    wrong = {
        **SAID,
        "first_name": " ",
        "language": "tlh",
        "away_from": "2027-01-01",
        "away_until": "i morgen",
    }
    answer = pages.post(PAGE, wrong)
    html = answer.content.decode()
    assert answer.status_code == 422
    for message in ("Write a first name", "Choose from English, Dansk", "Write days as 2026-12-24"):
        assert message in html
    ada.refresh_from_db()
    assert (ada.full_name, ada.title, ada.away_from) == ("Ada Holm", "", None)


def test_nobody_changes_another(pages: Client, ada: Member) -> None:
    other = Member.objects.create(
        portal=ada.portal, first_name="Søren", created_at=ada.created_at, updated_at=ada.updated_at
    )
    pages.post(PAGE, {**SAID, "number": str(other.pk)})
    other.refresh_from_db()
    assert other.first_name == "Søren"
