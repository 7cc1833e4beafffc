"""People's own views as where-used reads them: bodies as those of definitions, under what each is called."""

from collections.abc import Mapping
from typing import Any

from wonward.views.models import SavedView

KIND = "saved_view"


def bodies(portal_id: int) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return what each saved view of a portal names; they keep nothing from being removed, but are told of."""
    found = SavedView.objects.filter(portal=portal_id).select_related("member").order_by("pk")
    return {
        (KIND, f"{view.pk} '{view.label}' of {view.member.full_name}"): {
            "object": view.object_type,
            "filter": view.filter,
            "columns": view.columns,
            "sort": view.sort,
        }
        for view in found
    }
