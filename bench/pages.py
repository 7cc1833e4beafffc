"""The list page as a person gets it: session, permission, catalog, 80 rows, the whole HTML."""

from collections.abc import Iterator

from bench.figure import Figure
from bench.load import Server
from wonward import clock
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal, User

LIMIT_MS = 12.0


def measure(portal: str, mine: Server, before: dict[str, float]) -> Iterator[Figure]:
    """Measure the first page of deals and one further on; the limit is absolute, as nothing bare compares."""
    paths = [f"/p/{portal}/deals", f"/p/{portal}/deals?page=3"]
    signed_in = Server(mine.port, mine.process, mine.name, {"Cookie": f"sessionid={session(portal)}"})
    cost = signed_in.cost(lambda n: ("GET", paths[n % 2], None), 300)
    grown = cost.cpu / before["list"] if "list" in before else 1.0
    before["list"] = cost.cpu
    yield Figure(
        "list page HTML, 80 rows",
        str(cost) + (f"; {grown:.1f} x its cost before" if grown != 1 else ""),
        "–",
        f"CPU of the application ≤ {LIMIT_MS:g} ms, ≤ 2 x before",
        cost.application <= LIMIT_MS and grown <= 2,
    )


def session(portal: str) -> str:
    """Return the key of a session of a member of the portal, made for the occasion."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from wonward.accounts.sessions import SessionStore

    user, new = User.objects.get_or_create(email="bench@wonward.example", full_name="Bente Målsen")
    if new:
        Member.objects.create(
            role=SUPER_ADMIN,
            portal=Portal.objects.get(name=portal),
            user=user,
            first_name="Bente",
            last_name="Målsen",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)
