"""Who may call: the bearer of a token, and the scopes a route asks of it for each object type it touches.

The API knows bearer tokens alone; a session's cookie opens nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from wonward.accounts import tokens
from wonward.accounts.tokens import Bearer
from wonward.errors import Forbidden, Invalid, Missing
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.seen import Rights


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks for: any of `scopes`, for each object type in turn; `writes` opens a transaction."""

    scopes: tuple[str, ...]
    writes: bool = False


READ = Access(("crm.objects.{}.read",))
WRITE = Access(("crm.objects.{}.write",), writes=True)
READ_SCHEMA = Access(("crm.schemas.{}.read", "crm.objects.{}.read"))
WRITE_SCHEMA = Access(("crm.schemas.{}.write",))
READ_OWNERS = Access(("crm.objects.owners.read",))
READ_CALLERS = Access(("crm.objects.contacts.read", "crm.objects.companies.read"))

_OWN_SCOPES = {
    "company": "companies",
    "contact": "contacts",
    "deal": "deals",
    "line_item": "line_items",
    "product": "products",
    "ticket": "tickets",
}


def bearer(request: HttpRequest) -> Bearer:
    """Return who a request's token speaks for; raise Forbidden when it speaks for nobody."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Forbidden(
            "Authentication credentials not found; send a token as: Authorization: Bearer TOKEN",
            code="INVALID_AUTHENTICATION",
        )
    found = tokens.bearer(token.strip())
    if found is None:
        raise Forbidden(
            "Authentication credentials are invalid or were revoked", code="INVALID_AUTHENTICATION"
        )
    return found


def object_type(catalog: Catalog, spelling: str) -> ObjectType:
    """Return the object type of any spelling; raise Missing in HubSpot's words."""
    try:
        return catalog.object_type(spelling)
    except Missing as error:
        raise Invalid(
            f"Unable to infer object type from: {spelling}", code="OBJECT_TYPE_NOT_FOUND"
        ) from error


def require(bearer: Bearer, access: Access, kinds: Sequence[ObjectType]) -> None:
    """Raise Forbidden unless the bearer has what the route asks for, for each of `kinds`."""
    names = dict.fromkeys(_scope_name(kind) for kind in kinds)
    for wanted in [[scope.format(name) for scope in access.scopes] for name in names] or [
        list(access.scopes)
    ]:
        if not any(bearer.may(scope) for scope in wanted):
            raise Forbidden(
                f"This token hasn't been granted a scope that this call needs: {' or '.join(wanted)}",
                code="MISSING_SCOPES",
                context={"requiredGranularScopes": wanted},
            )


def may_read(bearer: Bearer, kind: ObjectType) -> bool:
    """Tell whether the bearer may read records of a type."""
    return bearer.may(f"crm.objects.{_scope_name(kind)}.read")


def rights(bearer: Bearer, access: Access) -> Rights:
    """Return whose sensitive properties a call reads, or one that writes both reads and writes."""
    right = "write" if access.writes else "read"
    return Rights(lambda kind: bearer.may(f"crm.objects.{_scope_name(kind)}.sensitive.{right}"))


def _scope_name(kind: ObjectType) -> str:
    """Return the name that a type goes by in scopes; activities go with contacts, as in HubSpot."""
    return _OWN_SCOPES.get(kind.name, "contacts" if kind.activity else "custom")
