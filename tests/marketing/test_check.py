"""A form is checked when it is defined: what can't be filled from outside is refused with the reason."""

from typing import Any

import pytest

from wonward.blueprints import apply
from wonward.errors import Invalid

from .conftest import FORM, Office

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"fields": [{"property": "firstname"}]}, "ask for email"),
        ({"fields": [{"property": "email"}, {"property": "email"}]}, "email stands there twice"),
        ({"fields": [{"property": "email", "hidden": True, "value": "x"}]}, "ask for email"),
        ({"fields": [{"property": "email"}, {"property": "phone", "value": "1"}]}, "make it hidden: true"),
        ({"fields": [{"property": "email"}, {"property": "phone", "hidden": True}]}, "give it a value"),
        ({"fields": [{"property": "email"}, {"property": "farve"}]}, "farve is no property"),
        ({"fields": [{"property": "email"}, {"property": "hubspot_owner_id"}]}, "for the portal's people"),
        ({"fields": [{"property": "email"}, {"property": "createdate"}]}, "kept by the system"),
        ({"fields": [{"property": "email"}, {"property": "num_conversion_events"}]}, "kept by the system"),
        ({"fields": [{"property": "email"}, {"property": "closedate"}]}, "ask for a date"),
        (
            {"fields": [{"property": "email"}, {"property": "emner", "hidden": True, "value": "loft"}]},
            "has a value that is none",
        ),
        (
            {"fields": [{"property": "email"}, {"property": "company.name", "overwrite": True}]},
            "nobody outside overwrites",
        ),
        ({"consents": [{"name": "a", "label": "Ja", "sets": "phone"}]}, "no yes or no that can be set"),
        ({"consents": [{"name": "phone", "label": "Ja"}]}, "the name of a field"),
        ({"go_to": "javascript:alert(1)"}, "go_to"),
        ({"go_to": "http://os.example"}, "go_to"),
    ],
)
def test_what_does_not_fit_is_told(office: Office, body: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        office.form("ny", **body)


def test_what_a_contact_must_have_is_asked_for(office: Office) -> None:
    with pytest.raises(Invalid, match="a contact must have jobtitle"):
        office.define(property__contact__jobtitle={"label": "Stilling", "type": "text", "required": True})


def test_a_form_and_its_properties_stay_while_they_are_used(office: Office) -> None:
    trigger = {"form": "kontakt"}
    office.define(
        workflow__contact__tak={"label": "Auto | Tak", "trigger": trigger, "steps": [{"stop": "sendt"}]}
    )
    for key, by in (
        (("form", "kontakt"), "workflow contact.tak"),
        (("property", "contact.emner"), "form kontakt"),
    ):
        with pytest.raises(Invalid, match=by):
            apply.define(office.portal, {}, frozenset([key]), actor="user:1", allow_destructive=True)


def test_a_workflow_names_a_form_that_is_there_and_stands_on_contacts(office: Office) -> None:
    steps = [{"stop": "sendt"}]
    for name, trigger, said in (
        ("contact__x", {"form": "nej"}, "there is no form 'nej'"),
        ("deal__x", {"form": "kontakt"}, "sent by contacts"),
        ("contact__x", {"form": "kontakt", "when": "phone is null"}, "give one of"),
        ("contact__x", {"form": "kontakt", "where": "farve = 1"}, "no property 'farve'"),
    ):
        with pytest.raises(Invalid, match=said):
            office.define(**{f"workflow__{name}": {"label": "X", "trigger": trigger, "steps": steps}})


def test_a_form_speaks_the_language_of_a_translation(office: Office) -> None:
    from wonward.schema import load
    from wonward.schema.translate import spoken

    texts = {"Kontakt os": "Contact us", "Send til os": "Send it", "Så vi kan ringe": "So that we can call"}
    office.define(translation__en={"texts": texts})
    form = spoken(load.current(office.portal), "en").forms["kontakt"]
    assert (form.label, form.button) == ("Contact us", "Send it")
    assert form.fields[3].description == "So that we can call"
    assert FORM["label"] == "Kontakt os"
