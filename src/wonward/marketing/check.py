"""Checks forms against the catalog: that their fields can be filled from outside, and make a contact."""

from collections.abc import Iterator

from wonward.errors import Problem
from wonward.records.validate import canonical
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.schema.form import COMPANY, CONTACT, EMAIL, Form, FormField


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield what is wrong with each form of a catalog."""
    for form in catalog.forms.values():
        for wrong in _of_form(catalog, form):
            yield Problem(f"form {form.name}: {wrong}", "INVALID_DEFINITION")


def _of_form(catalog: Catalog, form: Form) -> Iterator[str]:
    contact = catalog.object_types[CONTACT]
    email = contact.properties.get(EMAIL)
    if email is None or not email.unique:
        yield "the contact's email must be unique, so that it says who sends the form"
    for field in form.fields:
        wrong = _of_field(catalog.object_types.get(field.object_type), field)
        if wrong:
            yield f"fields: {field.name} {wrong}"
    yield from _unanswered(catalog, form)
    yield from _of_consents(contact, form)


def _unanswered(catalog: Catalog, form: Form) -> Iterator[str]:
    """Yield what records must have and the form doesn't ask for."""
    for name in (CONTACT, COMPANY):
        given = {each.own_name for each in form.fields if each.object_type == name and _sure(each)}
        kind = catalog.object_types.get(name)
        for prop in kind.properties.values() if kind and (given or name == CONTACT) else ():
            if prop.required and prop.default is None and prop.name not in given:
                yield f"a {name} must have {prop.name}; ask for it with required: true"
    of_company = any(each.object_type == COMPANY for each in form.fields)
    if of_company and not catalog.associations(CONTACT, COMPANY):
        yield "contacts have no companies in this portal; ask about the contact alone"


def _of_consents(contact: ObjectType, form: Form) -> Iterator[str]:
    for consent in form.consents:
        prop = contact.properties.get(consent.sets) if consent.sets else None
        if consent.sets and (prop is None or prop.type != "boolean" or _closed(prop)):
            yield f"consents: {consent.name} sets {consent.sets}, which is no yes or no that can be set"
        if any(consent.name == field.name for field in form.fields):
            yield f"consents: {consent.name} is the name of a field; call it something else"


def _sure(field: FormField) -> bool:
    return field.required or field.value is not None


def _of_field(kind: ObjectType | None, field: FormField) -> str:
    prop = kind.properties.get(field.own_name) if kind else None
    if prop is None:
        return "is no property of this portal"
    if field.object_type == COMPANY and field.overwrite:
        return "is the company's, which nobody outside overwrites; leave overwrite out"
    closed = _closed(prop)
    if closed:
        return f"can't be filled from outside: it is {closed}"
    if field.value is not None:
        try:
            canonical(prop, field.value)
        except FieldError as error:
            return f"has a value that is none of its property: {error}"
    return ""


def _closed(prop: Property) -> str:
    """Return why nobody outside may fill a property, if so."""
    if prop.read_only or prop.system:
        return "kept by the system"
    if prop.sensitive:
        return "sensitive"
    if prop.unique and prop.name != EMAIL:
        return "unique, and an answer would tell who has it"
    if prop.type == "datetime":
        return "a moment, which differs with where somebody is; ask for a date"
    if prop.type == "owner" or prop.options_from:
        return "for the portal's people alone"
    return "" if prop.form_field else "kept out of forms (form_field: false)"
