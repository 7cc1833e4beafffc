"""HubSpot's own Python client works with this server as with HubSpot's: contacts, companies, deals and the rest."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import associations, companies, contacts, deals, objects, properties
from hubspot.crm.associations import v4

_numbers = count()

TYPES = {
    "contacts": (
        contacts,
        lambda number: {"email": f"person{number}@nordisk.dk", "firstname": "Søren"},
        "firstname",
    ),
    "companies": (companies, lambda number: {"name": f"Nordisk Måleri {number}", "city": "Århus"}, "city"),
    "deals": (deals, lambda number: {"dealname": f"Facade {number}", "amount": "1200.50"}, "dealname"),
}


class Kind:
    """One of the client's object types, all of which are used alike."""

    def __init__(self, hubspot: HubSpot, name: str) -> None:
        self.shapes, self.values, self.text = TYPES[name]
        self.api: Any = getattr(hubspot.crm, name)

    def fresh(self) -> dict[str, str]:
        """Return values of a record that is not there yet."""
        values: Callable[[int], dict[str, str]] = self.values
        return values(next(_numbers))

    def create(self) -> Any:
        """Create a record."""
        given = self.shapes.SimplePublicObjectInputForCreate(properties=self.fresh(), associations=[])
        return self.api.basic_api.create(simple_public_object_input_for_create=given)


@pytest.fixture(params=sorted(TYPES))
def kind(hubspot: HubSpot, request: pytest.FixtureRequest) -> Kind:
    return Kind(hubspot, request.param)


@pytest.fixture
def pair(hubspot: HubSpot) -> tuple[str, str]:
    """Give the ids of a contact and a company."""
    return Kind(hubspot, "contacts").create().id, Kind(hubspot, "companies").create().id


def test_create_read_update_archive(kind: Kind) -> None:
    made = kind.create()
    assert isinstance(made.created_at, datetime)
    read = kind.api.basic_api.get_by_id(made.id, properties=[kind.text], properties_with_history=[kind.text])
    assert read.id == made.id
    assert read.archived is False
    assert read.properties_with_history[kind.text][0].value == read.properties[kind.text]
    given = kind.shapes.SimplePublicObjectInput(properties={kind.text: "Ærø"})
    changed = kind.api.basic_api.update(made.id, simple_public_object_input=given)
    assert changed.properties[kind.text] == "Ærø"
    assert changed.updated_at >= made.updated_at
    kind.api.basic_api.archive(made.id)
    with pytest.raises(kind.shapes.ApiException) as refused:
        kind.api.basic_api.get_by_id(made.id)
    assert refused.value.status == 404
    archived = kind.api.basic_api.get_by_id(made.id, archived=True)
    assert archived.archived is True
    assert archived.archived_at is not None


def test_pages_and_all(kind: Kind) -> None:
    ids = {kind.create().id for _ in range(3)}
    first = kind.api.basic_api.get_page(limit=2)
    assert len(first.results) == 2
    after = kind.api.basic_api.get_page(limit=2, after=first.paging.next.after)
    assert not {each.id for each in first.results} & {each.id for each in after.results}
    many = [
        kind.shapes.SimplePublicObjectBatchInputForCreate(properties=kind.fresh(), associations=[])
        for _ in range(100)
    ]
    body = kind.shapes.BatchInputSimplePublicObjectBatchInputForCreate(inputs=many)
    ids |= {each.id for each in kind.api.batch_api.create(body).results}
    seen = [each.id for each in kind.api.get_all()]
    assert ids <= set(seen)
    assert len(seen) == len(set(seen))


def test_search(kind: Kind) -> None:
    made = kind.create()
    only = kind.shapes.Filter(property_name="hs_object_id", operator="EQ", value=made.id)
    request = kind.shapes.PublicObjectSearchRequest(
        filter_groups=[kind.shapes.FilterGroup(filters=[only])],
        sorts=["-createdate"],
        properties=[kind.text],
        limit=5,
    )
    found = kind.api.search_api.do_search(public_object_search_request=request)
    assert (found.total, [each.id for each in found.results]) == (1, [made.id])
    assert found.results[0].properties[kind.text] == made.properties[kind.text]


def test_batches(kind: Kind) -> None:
    shapes, api = kind.shapes, kind.api.batch_api
    fresh = [
        shapes.SimplePublicObjectBatchInputForCreate(properties=kind.fresh(), associations=[])
        for _ in range(3)
    ]
    made = api.create(shapes.BatchInputSimplePublicObjectBatchInputForCreate(inputs=fresh))
    assert made.status == "COMPLETE"
    ids = [each.id for each in made.results]
    changes = [shapes.SimplePublicObjectBatchInput(id=each, properties={kind.text: "Ærø"}) for each in ids]
    changed = api.update(shapes.BatchInputSimplePublicObjectBatchInput(inputs=changes))
    assert [each.properties[kind.text] for each in changed.results] == ["Ærø"] * 3
    wanted = [shapes.SimplePublicObjectId(id=each) for each in ids]
    request = shapes.BatchReadInputSimplePublicObjectId(
        inputs=wanted, properties=[kind.text], properties_with_history=[]
    )
    assert {each.id for each in api.read(request).results} == set(ids)
    api.archive(shapes.BatchInputSimplePublicObjectId(inputs=wanted))
    told = api.read(request)
    assert (told.results, told.num_errors) == ([], 1)
    assert told.errors[0].category == "OBJECT_NOT_FOUND"


def test_upsert_and_a_partly_failed_batch(hubspot: HubSpot) -> None:
    api, email = hubspot.crm.contacts.batch_api, f"person{next(_numbers)}@nordisk.dk"

    def row(address: str, trace: str) -> Any:
        return contacts.SimplePublicObjectBatchInputUpsert(
            id=address, id_property="email", properties={"city": "Århus"}, object_write_trace_id=trace
        )

    body = contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[row(email, "a")])
    assert [api.upsert(body).results[0].new for _ in range(2)] == [True, False]
    body = contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[row(email, "a"), row("none", "b")])
    told = api.upsert(body)
    assert told.num_errors == 1
    assert told.errors[0].context["objectWriteTraceId"] == ["b"]
    assert told.results[0].object_write_trace_id == "a"


def test_a_duplicate_is_a_conflict(hubspot: HubSpot) -> None:
    made = Kind(hubspot, "contacts").create()
    given = contacts.SimplePublicObjectInputForCreate(
        properties={"email": made.properties["email"]}, associations=[]
    )
    with pytest.raises(contacts.ApiException) as refused:
        hubspot.crm.contacts.basic_api.create(simple_public_object_input_for_create=given)
    assert refused.value.status == 409
    assert f"Existing ID: {made.id}" in refused.value.body


def test_any_type_by_the_generic_api(hubspot: HubSpot) -> None:
    given = objects.SimplePublicObjectInputForCreate(
        properties={"hs_note_body": "Husk Ærø", "hs_timestamp": "2026-11-30T10:00:00Z"}, associations=[]
    )
    made = hubspot.crm.objects.basic_api.create("notes", simple_public_object_input_for_create=given)
    read = hubspot.crm.objects.basic_api.get_by_id("0-46", made.id, properties=["hs_note_body"])
    assert read.properties["hs_note_body"] == "Husk Ærø"
    assert made.id in {each.id for each in hubspot.crm.objects.notes.basic_api.get_page().results}


def test_a_record_with_its_associations(hubspot: HubSpot) -> None:
    company = Kind(hubspot, "companies").create().id
    to = contacts.PublicAssociationsForObject(
        to=contacts.PublicObjectId(id=company),
        types=[contacts.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=279)],
    )
    given = contacts.SimplePublicObjectInputForCreate(properties={"firstname": "Åse"}, associations=[to])
    made = hubspot.crm.contacts.basic_api.create(simple_public_object_input_for_create=given)
    read = hubspot.crm.contacts.basic_api.get_by_id(made.id, associations=["companies", "deals"])
    assert {each.id for each in read.associations["companies"].results} == {company}


def test_associations_v4(hubspot: HubSpot, pair: tuple[str, str]) -> None:
    contact, company = pair
    one, many = hubspot.crm.associations.v4.basic_api, hubspot.crm.associations.v4.batch_api
    default = one.create_default("contacts", contact, "companies", company)
    assert {each.association_spec.association_type_id for each in default.results} == {279, 280}
    primary = v4.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)
    labelled = one.create("contacts", contact, "companies", company, association_spec=[primary])
    assert (labelled.from_object_id, labelled.to_object_id, labelled.labels) == (
        contact,
        company,
        ["Primary"],
    )
    page = one.get_page("contacts", contact, "companies", limit=10)
    assert [each.to_object_id for each in page.results] == [company]
    assert {each.type_id for each in page.results[0].association_types} == {1, 279}

    inputs = [v4.PublicFetchAssociationsBatchRequest(id=contact)]
    request = v4.BatchInputPublicFetchAssociationsBatchRequest(inputs=inputs)
    assert many.get_page("contacts", "companies", request).results[0].to[0].to_object_id == company
    one.archive("contacts", contact, "companies", company)
    assert many.get_page("contacts", "companies", request).errors[0].category == "OBJECT_NOT_FOUND"

    start, end = v4.PublicObjectId(id=contact), v4.PublicObjectId(id=company)
    posts = [v4.PublicAssociationMultiPost(_from=start, to=end, types=[primary])]
    made = many.create("contacts", "companies", v4.BatchInputPublicAssociationMultiPost(inputs=posts))
    assert made.results[0].labels == ["Primary"]
    fans = [v4.PublicAssociationMultiArchive(_from=start, to=[end])]
    many.archive("contacts", "companies", v4.BatchInputPublicAssociationMultiArchive(inputs=fans))
    assert one.get_page("contacts", contact, "companies").results == []
    labels = hubspot.crm.associations.v4.schema.definitions_api.get_all("contacts", "companies")
    assert {each.type_id for each in labels.results} == {1, 279}


def test_associations_v3(hubspot: HubSpot, pair: tuple[str, str]) -> None:
    api = hubspot.crm.associations.batch_api
    start, end = (associations.PublicObjectId(id=each) for each in pair)
    links = [associations.PublicAssociation(_from=start, to=end, type="contact_to_company")]
    body = associations.BatchInputPublicAssociation(inputs=links)
    assert api.create("contacts", "companies", body).results[0].to.id == end.id
    read = api.read("contacts", "companies", associations.BatchInputPublicObjectId(inputs=[start]))
    assert {each.id for each in read.results[0].to} == {end.id}
    api.archive("contacts", "companies", body)
    named = hubspot.crm.associations.schema.types_api.get_all("contacts", "companies")
    assert "contact_to_company" in {each.name for each in named.results}


def test_properties(hubspot: HubSpot) -> None:
    api = hubspot.crm.properties.core_api
    assert {"email", "firstname"} <= {each.name for each in api.get_all("contacts").results}
    stage = api.get_by_name("deals", "dealstage")
    assert "closedwon" in {option.value for option in stage.options}
    given = properties.PropertyCreate(
        name="paint", label="Farve", type="string", field_type="text", group_name="contactinformation"
    )
    assert api.create("contacts", given).name == "paint"
    change = properties.PropertyUpdate(label="Yndlingsfarve")
    assert api.update("contacts", "paint", change).label == "Yndlingsfarve"
    api.archive("contacts", "paint")
    assert "paint" not in {each.name for each in api.get_all("contacts").results}
    groups = hubspot.crm.properties.groups_api.get_all("contacts").results
    assert "contactinformation" in {each.name for each in groups}
    names = [properties.PropertyName(name="email")]
    request = properties.BatchReadInputPropertyName(archived=False, inputs=names)
    assert hubspot.crm.properties.batch_api.read("contacts", request).results[0].has_unique_value is True


def test_pipelines(hubspot: HubSpot) -> None:
    (sales,) = hubspot.crm.pipelines.pipelines_api.get_all("deals").results
    assert [stage.id for stage in sales.stages] == ["prospecting", "engaging", "closedwon", "closedlost"]
    assert hubspot.crm.pipelines.pipelines_api.get_by_id("deals", sales.id).label == "Sales"
    stages = hubspot.crm.pipelines.pipeline_stages_api
    assert len(stages.get_all("deals", sales.id).results) == 4
    assert stages.get_by_id("deals", sales.id, "closedwon").metadata["isClosed"] == "true"


def test_owners(hubspot: HubSpot) -> None:
    api = hubspot.crm.owners.owners_api
    assert [each.first_name for each in hubspot.crm.owners.get_all()] == ["Søren", "Åse"]
    (soren,) = api.get_page(email="søren@nordisk.dk").results
    assert api.get_by_id(soren.id).last_name == "Ågård"


def test_a_token_that_is_none(address: str) -> None:
    with pytest.raises(contacts.ApiException) as refused:
        HubSpot(access_token="nonsense", host=address).crm.contacts.basic_api.get_page()
    assert refused.value.status == 401


def test_a_property_defined_elsewhere_is_known_to_the_running_server_at_once(
    hubspot: HubSpot, django_db_blocker: Any
) -> None:
    from wonward.blueprints import apply

    with django_db_blocker.unblock():
        body = {"label": "Farve på døren", "type": "text"}
        apply.define("contract", {("property", "company.door_colour"): body}, actor="cli")
    given = companies.SimplePublicObjectInputForCreate(
        properties={"name": "Ågård & Søn", "door_colour": "blå"}, associations=[]
    )
    made = hubspot.crm.companies.basic_api.create(simple_public_object_input_for_create=given)
    read = hubspot.crm.companies.basic_api.get_by_id(made.id, properties=["door_colour"])
    assert read.properties["door_colour"] == "blå"
