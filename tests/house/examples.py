"""An example of a request to every route: `BODIES` of the API's, `PAGES` with what stands in address and form."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.attachments.samples import PDF

from .world import FILE, World

Body = Callable[[World], Any]

PARTS: dict[str, Callable[[World], object]] = {
    "portal": lambda w: "starter",
    "plural": lambda w: "deals",
    "type": lambda w: "contacts",
    "id": lambda w: w.contacts[0],
    "to": lambda w: "companies",
    "to_id": lambda w: w.companies[1],
    "label": lambda w: "contact_to_company",
    "property": lambda w: "favourite_paint",
    "group": lambda w: "contactinformation",
    "pipeline": lambda w: "default",
    "stage": lambda w: "engaging",
    "record_id": lambda w: w.deals[0],
    "name": lambda w: "amount",
    "activity": lambda w: "notes",
    "number": lambda w: w.files[0],
    "other": lambda w: "companies",
    "other_id": lambda w: w.companies[0],
    "run_id": lambda w: w.imports[0],
    "action": lambda w: "cancel",
    "merge_id": lambda w: w.merge,
    "link": lambda w: w.link,
    "mark": lambda w: "0123456789abcdef",
    "pk": lambda w: 1,
    "uidb64": lambda w: "MQ",
    "token": lambda w: w.invitation,
    "secret": lambda w: w.agenda,
    "view_id": lambda w: w.view,
}
"""What stands in an address where an example says nothing else."""


def inputs(body: Callable[[World, int], Any]) -> Body:
    """Return a batch of as many inputs as there are contacts; `body` makes each from its place."""
    return lambda w: {"inputs": [body(w, place) for place in range(len(w.contacts))]}


def _id(w: World, place: int) -> dict[str, Any]:
    return {"id": str(w.contacts[place])}


def _pair(w: World, place: int) -> dict[str, Any]:
    return {"from": _id(w, place), "to": {"id": str(w.companies[place])}}


TYPE = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
PAINT = {
    "name": "paint",
    "label": "Maling",
    "type": "string",
    "fieldType": "text",
    "groupName": "contactinformation",
}

BODIES: Mapping[str, Body] = {
    "POST objects {type}": lambda w: {
        "properties": {"firstname": "Åse"},
        "associations": [{"to": {"id": str(w.companies[0])}, "types": [TYPE]}],
    },
    "POST objects {type}/search": lambda w: {
        "filterGroups": [{"filters": [{"propertyName": "firstname", "operator": "EQ", "value": "Søren"}]}],
        "query": "Ågård",
        "limit": 100,
    },
    "POST objects {type}/batch/create": inputs(
        lambda w, n: {"properties": {"email": f"ny{n}@nordisk.example"}}
    ),
    "POST objects {type}/batch/read": inputs(_id),
    "POST objects {type}/batch/update": inputs(lambda w, n: {**_id(w, n), "properties": {"city": "Århus"}}),
    "POST objects {type}/batch/upsert": inputs(
        lambda w, n: {
            "id": f"soren{n}@nordisk.example",
            "idProperty": "email",
            "properties": {"city": "Ribe"},
        }
    ),
    "POST objects {type}/batch/archive": inputs(_id),
    "POST objects {type}/gdpr-delete": lambda w: {"objectId": str(w.contacts[0])},
    "POST objects {type}/merge": lambda w: {
        "primaryObjectId": w.contacts[0],
        "objectIdToMerge": w.contacts[1],
    },
    "POST objects {type}/batch/merge": lambda w: {
        "inputs": [{"primaryObjectId": w.contacts[0], "objectIdToMerge": w.contacts[1]}]
    },
    "PATCH objects {type}/{id}": lambda w: {"properties": {"city": "Århus"}},
    "PUT object associations {type}/{id}/associations/{to}/{to_id}": lambda w: [TYPE],
    "POST associations {type}/{to}/batch/read": inputs(_id),
    "POST associations {type}/{to}/batch/create": inputs(lambda w, n: {**_pair(w, n), "types": [TYPE]}),
    "POST associations {type}/{to}/batch/associate/default": inputs(_pair),
    "POST associations {type}/{to}/batch/archive": inputs(
        lambda w, n: {"from": _id(w, n), "to": [{"id": str(w.companies[0])}]}
    ),
    "POST associations {type}/{to}/batch/labels/archive": inputs(
        lambda w, n: {**_pair(w, n), "types": [TYPE]}
    ),
    "POST associations v3 {type}/{to}/batch/read": inputs(_id),
    "POST associations v3 {type}/{to}/batch/create": inputs(
        lambda w, n: {**_pair(w, n), "type": "contact_to_company"}
    ),
    "POST associations v3 {type}/{to}/batch/archive": inputs(
        lambda w, n: {**_pair(w, n), "type": "contact_to_company"}
    ),
    "POST properties {type}": lambda w: PAINT,
    "POST properties {type}/batch/read": lambda w: {
        "inputs": [{"name": "email"}, {"name": "favourite_paint"}]
    },
    "POST properties {type}/batch/create": lambda w: {"inputs": [PAINT, {**PAINT, "name": "other_paint"}]},
    "POST properties {type}/batch/archive": lambda w: {"inputs": [{"name": "favourite_paint"}]},
    "PATCH properties {type}/{property}": lambda w: {"label": "Yndlingsfarve"},
}
QUERIES: Mapping[str, str] = {
    "GET objects {type}": "?limit=100&properties=city&associations=companies,deals",
    "GET objects {type}/{id}": "?properties=city&associations=companies,deals&propertiesWithHistory=firstname",
    "GET object associations {type}/{id}/associations/{to}": "?limit=500",
    "GET callers ": "?number=%2B4512345678",
}

FORM = {"pipeline": "default", "stage": "closedwon"}
COLUMNS = {"key": "domain", "mode": "create_or_update", "column-0": "p:name", "column-1": "p:domain"}
Page = tuple[Mapping[str, Callable[[World], object]], Body]


def page(form: Body = lambda w: {}, **parts: Callable[[World], object]) -> Page:
    """Return the example of a page: what it is asked with or posted, and parts of its address."""
    return parts, form


def _member(w: World) -> dict[str, Any]:
    return {"role": "super_admin", "role.was": "super_admin", "team": "Aarhus", "title": "Rådgiver"}


def _file(w: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("Tilbud.pdf", PDF + b"new")}


def _booking(w: World) -> str:
    return w.booking


def _secret(w: World) -> str:
    return w.secret


def _document(w: World) -> int:
    return w.document


def _kontakt(_: World) -> str:
    return "kontakt"


def _samtale(_: World) -> str:
    return "samtale"


def _own_dashboard(w: World) -> str:
    return w.dashboard


def _shipped_dashboard(_: World) -> str:
    return "sales"


OWN_DASHBOARD = {
    "label": "Mit",
    "sharing": "team",
    "version": "1",
    "period": "this_year",
    "tiles": "1",
    "tile.0.kind": "number",
    "tile.0.metrics": "won_amount",
    "tile.0.size": "small",
}
GOALS = {"metric": "won_amount", "year": "2026", "by": "month", "was.all": "|" * 11, "all.2026-11": "500"}
GUEST = {"name": "Lone Bøgh", "email": "lone@havn.example", "phone": "+45 12 34 56 78"}
OWN_PAGE = {
    "name": "kaffe",
    "label": "Kaffe",
    "lengths": "15, 30",
    "begins": "13:00",
    "ends": "15:00",
    "days": ["monday"],
}
PAGES: Mapping[str, Page] = {
    "GET record": page(),
    "GET record: a company": page(plural=lambda w: "companies", record_id=lambda w: w.companies[0]),
    "POST edit": page(lambda w: {"dealname": "Tag", "dealname.was": "Facade 0"}),
    "POST stage": page(lambda w: FORM),
    "POST decide": page(lambda w: {"stage": "godkendt", "name": "rabat", "do": "ask"}),
    "POST restore": page(plural=lambda w: "companies", record_id=lambda w: w.archived),
    "GET merge": page(lambda w: {"with": w.deals[1]}),
    "POST merge": page(lambda w: {"with": w.deals[1]}),
    "GET merge_candidates": page(lambda w: {"q": "Facade"}),
    "POST property": page(lambda w: {"amount": "1300"}),
    "POST enter": page(lambda w: {"hs_note_body": "Ring til Åse"}),
    "POST files": page(_file),
    "POST restore_file": page(number=lambda w: w.files[-1]),
    "POST associations": page(lambda w: {"to": w.companies[1], "label": "5"}),
    "GET candidates": page(lambda w: {"q": "Nordisk"}),
    "GET listing: filtered and searched": page(lambda w: {"where": "amount >= 0", "q": "Facade"}),
    "GET listing: a view": page(lambda w: {"view": w.view}),
    "GET pipeline: a view": page(lambda w: {"view": w.view}),
    "POST views": page(lambda w: {"view": w.view, "do": "unpin"}),
    "GET new_view: a copy": page(lambda w: {"from": w.view}),
    "POST new_view": page(lambda w: {"label": "Store", "sharing": "private", "where": "amount > 1000"}),
    "POST view": page(lambda w: {"label": "Store", "sharing": "private"}),
    "POST view: what it shows": page(lambda w: {"do": "show", "where": "amount > 7"}),
    "POST view: the end": page(lambda w: {"do": "delete"}),
    "POST columns": page(lambda w: {"do": "show", "chosen": ["amount"]}),
    "POST key_properties": page(lambda w: {"do": "show", "chosen": ["amount"], "record": w.deals[0]}),
    "POST key_properties: for everyone": page(lambda w: {"do": "everyone", "chosen": ["amount"]}),
    "POST create": page(lambda w: {"dealname": "Trappe", "dealstage": "default/engaging"}),
    "POST new_import": page(
        lambda w: {"file": SimpleUploadedFile("nye.csv", FILE + b"x;y\n")}, plural=lambda w: "companies"
    ),
    "POST new_export": page(lambda w: {"columns": ["dealname"], "form": "csv"}),
    "GET live": page(lambda w: {"type": "deals", "mark": "1-1:1:", "by": w.ada.user_id}),
    "GET bell": page(lambda w: {"by": w.ada.user_id}),
    "GET search": page(lambda w: {"q": "Nordisk"}),
    "GET suggestions": page(lambda w: {"q": "Nordisk"}),
    "POST act": page(run_id=lambda w: w.imports[1]),
    "POST match_columns": page(lambda w: COLUMNS),
    "GET export": page(run_id=lambda w: w.export_run),
    "POST cancel_export": page(run_id=lambda w: w.export_run),
    "GET export_file": page(run_id=lambda w: w.export_run),
    "GET form": page(name=_kontakt),
    "POST form": page(
        lambda w: {"note": w.form, "f-email": "ny@nordisk.example", "f-firstname": "Åse"}, name=_kontakt
    ),
    "POST form: by a known contact": page(
        lambda w: {"note": w.form, "f-email": "soren0@nordisk.example", "f-company.name": "Havn & Co"},
        name=_kontakt,
    ),
    "GET form_thanks": page(name=_kontakt),
    "GET record: marketing": page(lambda w: {"timeline": "marketing"}),
    "GET record: a contact's marketing": page(
        lambda w: {"timeline": "marketing"},
        plural=lambda w: "contacts",
        record_id=lambda w: w.contacts[0],
    ),
    "GET timeline: marketing": page(lambda w: {"timeline": "marketing"}),
    "GET meet": page(name=_samtale),
    "GET meet: a time": page(lambda w: {"start": w.free}, name=_samtale),
    "POST meet": page(lambda w: {**GUEST, "start": w.free}, name=_samtale),
    "GET booking": page(name=_samtale, token=_booking),
    "GET booking: other times": page(lambda w: {"move": "1"}, name=_samtale, token=_booking),
    "POST booking": page(lambda w: {"start": w.free}, name=_samtale, token=_booking),
    "POST booking: the end": page(name=_samtale, token=_booking),
    "GET meeting_file": page(name=_samtale, token=_booking),
    "GET document": page(token=_secret),
    "POST document": page(lambda w: {"do": "email", "email": "soren@nordisk.example"}, token=_secret),
    "GET document_file": page(token=_secret),
    "POST document_file": page(lambda w: {"visit": w.visit}, token=_secret),
    "POST document_view": page(lambda w: {"visit": w.visit}, token=_secret),
    "POST documents": page(_file),
    "GET documents: for a deal": page(lambda w: {"for": f"deals/{w.deals[0]}"}),
    "GET library_document": page(number=_document),
    "GET library_document: for a contact": page(
        lambda w: {"for": f"contacts/{w.contacts[0]}"}, number=_document
    ),
    "GET library_file": page(number=_document),
    "POST replace_document": page(_file, number=_document),
    "POST remove_document": page(number=_document),
    "POST share_document": page(
        lambda w: {
            "who": "public",
            "emails": f"soren{len(w.contacts) - 1}@nordisk.example",
            "about": f"deals/{w.deals[0]}",
        },
        number=_document,
    ),
    "POST revoke_document_link": page(number=_document),
    "POST calendar_feed": page(lambda w: {"url": "https://calendar.example/a.ics"}),
    "POST new_meeting_page": page(lambda w: OWN_PAGE),
    "GET dashboard": page(name=_shipped_dashboard),
    "GET dashboard: one's own, filtered": page(
        lambda w: {"owner": "me", "period": "this_year"}, name=_own_dashboard
    ),
    "POST clone_dashboard": page(name=_shipped_dashboard),
    "POST pin_dashboard": page(name=_own_dashboard),
    "GET edit_dashboard": page(name=_own_dashboard),
    "POST edit_dashboard": page(lambda w: OWN_DASHBOARD, name=_own_dashboard),
    "POST remove_dashboard": page(name=_own_dashboard),
    "POST goals": page(lambda w: GOALS),
    "GET colleague": page(number=lambda w: w.ada.pk),
    "GET colleague: who left": page(number=lambda w: w.left),
    "POST enrolments": page(lambda w: {"do": "start", "workflow": "deal.by_hand"}),
    "POST yourself": page(lambda w: {"first_name": "Ada", "last_name": "Holm", "title": "Sælger"}),
    "POST colleague": page(_member, number=lambda w: w.ada.pk),
    "GET leave": page(number=lambda w: w.ada.pk),
    "POST leave": page(number=lambda w: w.left),
    "GET hand_over": page(number=lambda w: w.left),
    "POST come_back": page(number=lambda w: w.left),
    "POST renew_invitation": page(number=lambda w: w.invited),
    "POST withdraw_invitation": page(number=lambda w: w.invited),
    "POST invite": page(
        lambda w: {"people": "ib@nordisk.example\naase@nordisk.example", "role": "super_admin"}
    ),
    "GET queue": page(plural=lambda w: "contacts"),
    "POST queue": page(
        lambda w: {"pair": w.pair.pk, "do": "merge", "keep": w.pair.low_id, "with": w.pair.high_id},
        plural=lambda w: "contacts",
    ),
}
"""Where nothing is said, a page is asked with its address alone."""
