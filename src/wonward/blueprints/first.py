"""The default of the properties that stand first on records' pages, as an admin sets it for a type."""

from collections.abc import Sequence

from wonward.blueprints import apply
from wonward.documents import store
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.views import key_properties


def set_default(work: Work, kind: ObjectType, names: Sequence[str]) -> None:
    """Have properties stand first for everyone who hasn't chosen others, and whose role says none of its own.

    What the default has that whoever sets it may not see stays, at the end. Raise Invalid for too many.
    """
    wanted = key_properties.known(kind, names)
    key = ("object_type", kind.name)
    body = store.read(work.catalog.portal_id)[key]
    unseen = [name for name in body.get("key_properties", ()) if name not in kind.properties]
    apply.define(work.catalog.portal, {key: {**body, "key_properties": [*wanted, *unseen]}}, actor=work.actor)
