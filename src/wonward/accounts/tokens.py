"""Bearer tokens: made once and shown once, kept hashed, looked up by their hash."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from wonward import clock
from wonward.accounts.models import Portal, Token
from wonward.db import transaction
from wonward.errors import Invalid, Missing

ALL_SCOPES = "all"
_OBJECTS = ("contacts", "companies", "deals", "tickets", "products", "line_items", "custom", "owners")
SCOPES = (
    ALL_SCOPES,
    *(f"crm.objects.{name}.{right}" for name in _OBJECTS for right in ("read", "write")),
    *(f"crm.objects.{name}.sensitive.{right}" for name in _OBJECTS[:-1] for right in ("read", "write")),
    *(f"crm.schemas.{name}.{right}" for name in _OBJECTS for right in ("read", "write")),
)
"""Every scope a token can carry: HubSpot's names, and `all`."""

_LOOK_UP = """
    select t.id, p.name, t.scopes, p.id, p.catalog_version
    from accounts_token t join accounts_portal p on p.id = t.portal_id
    where t.digest = %(digest)s and t.revoked_at is null"""
# Every call of the API asks this; written by the ORM it would cost more than the rest of reading a record.


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token speaks for, and at which version the catalog of their portal is."""

    token_id: int
    portal: str
    scopes: frozenset[str]
    portal_id: int
    catalog_version: int

    def may(self, scope: str) -> bool:
        """Tell whether the token carries `scope`."""
        return scope in self.scopes or ALL_SCOPES in self.scopes


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def create(portal: Portal, name: str, scopes: Iterable[str] = (ALL_SCOPES,)) -> str:
    """Make a token and return it; it can't be read again. Raise Invalid for an unknown scope."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown:
        raise Invalid(f"There is no scope {', '.join(unknown)}; choose from {', '.join(SCOPES)}")
    token = f"ww-{secrets.token_urlsafe(32)}"
    Token.objects.create(
        portal=portal, name=name, digest=_digest(token), scopes=wanted, created_at=clock.now()
    )
    return token


def bearer(token: str) -> Bearer | None:
    """Return who `token` speaks for, or None when it is unknown or revoked."""
    for token_id, portal, scopes, *known in transaction.rows(_LOOK_UP, {"digest": _digest(token)}):
        return Bearer(token_id, portal, frozenset(scopes), *known)
    return None


def working(portal: Portal) -> list[Token]:
    """Return the tokens of a portal that aren't revoked, in the order they were made."""
    return list(Token.objects.filter(portal=portal, revoked_at=None).order_by("id"))


def revoke(portal: Portal, number: int) -> None:
    """Revoke a token of a portal; raise Missing when it has none of that number that works."""
    if not Token.objects.filter(portal=portal, id=number, revoked_at=None).update(revoked_at=clock.now()):
        raise Missing(f"There is no token {number} that works in this portal", code="TOKEN_NOT_FOUND")
