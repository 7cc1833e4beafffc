"""What the definition of a form may say, and what is wrong with one taken for itself."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from wonward.schema.form import EMAIL, Consent, Form, FormField
from wonward.schema.property_body import Name

Text = Annotated[str, Meta(min_length=1, max_length=300)]
FieldName = Annotated[str, Meta(pattern=r"^(company\.)?[a-z][a-z0-9_]{0,62}$")]
Parameter = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Address = Annotated[str, Meta(pattern=r"^(https://[^\s\"'<>]{1,1000})?$")]


class FormFieldBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One property that a form fills: asked, or hidden with a value of its own or from the page's address."""

    property: FieldName
    label: Annotated[str, Meta(max_length=300)] = ""
    description: Annotated[str, Meta(max_length=1_000)] = ""
    required: bool = False
    hidden: bool = False
    value: Text | None = None
    query: Parameter | None = None
    overwrite: bool = False


class ConsentBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Something that people agree to by a tick."""

    name: Name
    label: Annotated[str, Meta(min_length=1, max_length=2_000)]
    required: bool = False
    sets: Name | None = None


class FormBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A form that people outside fill in, about themselves as a contact."""

    label: Text
    fields: Annotated[list[FormFieldBody], Meta(min_length=1, max_length=40)]
    consents: Annotated[list[ConsentBody], Meta(max_length=10)] = []
    description: Annotated[str, Meta(max_length=2_000)] = ""
    button: Annotated[str, Meta(max_length=60)] = ""
    message: Annotated[str, Meta(max_length=2_000)] = ""
    go_to: Address = ""


def form_of(name: str, stored: Mapping[str, Any]) -> Form:
    """Return a form from the body of its document."""
    body = msgspec.convert(stored, FormBody)
    return Form(
        name=name,
        label=body.label,
        fields=tuple(
            FormField(
                each.property,
                each.label,
                each.description,
                each.required or each.property == EMAIL,
                each.hidden,
                each.value,
                each.query,
                each.overwrite,
            )
            for each in body.fields
        ),
        consents=tuple(Consent(each.name, each.label, each.required, each.sets) for each in body.consents),
        description=body.description,
        button=body.button,
        message=body.message,
        go_to=body.go_to,
    )


def wrong_form(body: FormBody) -> str:
    """Return what is wrong with a form's body taken for itself, or nothing."""
    return next(_wrong(body), "")


def _wrong(body: FormBody) -> Iterator[str]:
    for what, names in (
        ("fields", [each.property for each in body.fields]),
        ("consents", [each.name for each in body.consents]),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            yield f"{what}: {', '.join(twice)} stands there twice"
    if not any(each.property == EMAIL and not each.hidden for each in body.fields):
        yield "fields: ask for email, which says who fills the form in"
    for each in body.fields:
        given = (each.value is not None) + (each.query is not None)
        if each.hidden and given != 1:
            yield f"fields: {each.property} is hidden; give it a value, or the query parameter it comes from"
        elif not each.hidden and given:
            yield f"fields: {each.property} has a value or a query parameter; make it hidden: true"
