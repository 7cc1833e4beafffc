"""The table of the API's operations: method, path, who may call, what answers. Nothing else opens a path.

Each stands under every spelling of its area (`AREAS`): HubSpot's numbered versions and its dated ones.
In a path, `{type}` and `{to}` are object types in any of their spellings.
"""

from wonward.api import (
    associations,
    associations_v3,
    batch,
    callers,
    merging,
    objects,
    owners,
    pipelines,
    properties,
    search,
)
from wonward.api.access import READ, READ_CALLERS, READ_OWNERS, READ_SCHEMA, WRITE, WRITE_SCHEMA
from wonward.api.door import Route

AREAS = {
    "objects": ("crm/v3/objects", "crm/v4/objects", "crm/objects/2026-03", "crm/objects/2026-09"),
    "object associations": ("crm/v4/objects", "crm/objects/2026-03", "crm/objects/2026-09"),
    "object associations v3": ("crm/v3/objects",),
    "associations": ("crm/v4/associations", "crm/associations/2026-03", "crm/associations/2026-09"),
    "associations v3": ("crm/v3/associations",),
    "properties": ("crm/v3/properties", "crm/properties/2026-03", "crm/properties/2026-09"),
    "pipelines": ("crm/v3/pipelines", "crm/pipelines/2026-03", "crm/pipelines/2026-09"),
    "owners": ("crm/v3/owners", "crm/owners/2026-03", "crm/owners/2026-09"),
    "callers": ("crm/v3/callers", "crm/callers/2026-03", "crm/callers/2026-09"),
}

FOLDERS = ("crm", "crm-object-schemas", "account-info")
"""What stands under these is the API's, and JSON even where nothing stands."""

_BETWEEN = "{type}/{id}/associations/{to}"
_PROPERTY = "{type}/{property}"
_STAGES = "{type}/{pipeline}/stages"

ROUTES: tuple[Route, ...] = (
    Route("GET", "objects", "{type}", READ, objects.list_page),
    Route("POST", "objects", "{type}", WRITE, objects.create),
    Route("POST", "objects", "{type}/search", READ, search.search),
    Route("POST", "objects", "{type}/batch/create", WRITE, batch.create),
    Route("POST", "objects", "{type}/batch/read", READ, batch.read),
    Route("POST", "objects", "{type}/batch/update", WRITE, batch.update),
    Route("POST", "objects", "{type}/batch/upsert", WRITE, batch.upsert_all),
    Route("POST", "objects", "{type}/batch/archive", WRITE, batch.archive),
    Route("POST", "objects", "{type}/gdpr-delete", WRITE, objects.gdpr_delete),
    Route("POST", "objects", "{type}/merge", WRITE, merging.merge),
    Route("POST", "objects", "{type}/batch/merge", WRITE, merging.merge_batch),
    Route("GET", "objects", "{type}/{id}", READ, objects.read),
    Route("PATCH", "objects", "{type}/{id}", WRITE, objects.update),
    Route("DELETE", "objects", "{type}/{id}", WRITE, objects.archive),
    Route("POST", "objects", "{type}/{id}/unmerge", WRITE, merging.undo),
    Route("GET", "object associations", _BETWEEN, READ, associations.list_page),
    Route(
        "PUT",
        "object associations",
        "{type}/{id}/associations/default/{to}/{to_id}",
        WRITE,
        associations.put_default,
    ),
    Route("PUT", "object associations", f"{_BETWEEN}/{{to_id}}", WRITE, associations.put_labels),
    Route("DELETE", "object associations", f"{_BETWEEN}/{{to_id}}", WRITE, associations.remove),
    Route("GET", "object associations v3", _BETWEEN, READ, associations_v3.list_page),
    Route("PUT", "object associations v3", f"{_BETWEEN}/{{to_id}}/{{label}}", WRITE, associations_v3.put),
    Route(
        "DELETE", "object associations v3", f"{_BETWEEN}/{{to_id}}/{{label}}", WRITE, associations_v3.remove
    ),
    Route("POST", "associations", "{type}/{to}/batch/read", READ, associations.read_batch),
    Route("POST", "associations", "{type}/{to}/batch/create", WRITE, associations.create_batch),
    Route(
        "POST",
        "associations",
        "{type}/{to}/batch/associate/default",
        WRITE,
        associations.create_default_batch,
    ),
    Route("POST", "associations", "{type}/{to}/batch/archive", WRITE, associations.archive_batch),
    Route(
        "POST", "associations", "{type}/{to}/batch/labels/archive", WRITE, associations.archive_labels_batch
    ),
    Route("GET", "associations", "{type}/{to}/labels", READ_SCHEMA, associations.labels),
    Route("POST", "associations v3", "{type}/{to}/batch/read", READ, associations_v3.read_batch),
    Route("POST", "associations v3", "{type}/{to}/batch/create", WRITE, associations_v3.create_batch),
    Route("POST", "associations v3", "{type}/{to}/batch/archive", WRITE, associations_v3.archive_batch),
    Route("GET", "associations v3", "{type}/{to}/types", READ_SCHEMA, associations_v3.types),
    Route("GET", "properties", "{type}", READ_SCHEMA, properties.list_all),
    Route("POST", "properties", "{type}", WRITE_SCHEMA, properties.create),
    Route("POST", "properties", "{type}/batch/read", READ_SCHEMA, properties.read_batch),
    Route("POST", "properties", "{type}/batch/create", WRITE_SCHEMA, properties.create_batch),
    Route("POST", "properties", "{type}/batch/archive", WRITE_SCHEMA, properties.archive_batch),
    Route("GET", "properties", "{type}/groups", READ_SCHEMA, properties.list_groups),
    Route("GET", "properties", "{type}/groups/{group}", READ_SCHEMA, properties.read_group),
    Route("GET", "properties", _PROPERTY, READ_SCHEMA, properties.read),
    Route("PATCH", "properties", _PROPERTY, WRITE_SCHEMA, properties.update),
    Route("DELETE", "properties", _PROPERTY, WRITE_SCHEMA, properties.archive),
    Route("GET", "pipelines", "{type}", READ_SCHEMA, pipelines.list_all),
    Route("GET", "pipelines", "{type}/{pipeline}", READ_SCHEMA, pipelines.read),
    Route("GET", "pipelines", _STAGES, READ_SCHEMA, pipelines.list_stages),
    Route("GET", "pipelines", f"{_STAGES}/{{stage}}", READ_SCHEMA, pipelines.read_stage),
    Route("GET", "owners", "", READ_OWNERS, owners.list_page),
    Route("GET", "owners", "{id}", READ_OWNERS, owners.read),
    Route("GET", "callers", "", READ_CALLERS, callers.look_up),
)
