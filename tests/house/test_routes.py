"""Every route says who may call it: pages by a decorator, the API in its table of operations."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from wonward.api.access import Access as Scope
from wonward.api.door import Route
from wonward.api.routes import ROUTES
from wonward.web.access import Access

ONLY_PUBLIC = {
    "account_login",
    "account_logout",
    "account_inactive",
    "forgotten_password",
    "health",
    "invitation",  # its link is the proof
    "mfa_authenticate",  # the second step of signing in, after the password
    "mfa_login_webauthn",
    "sso",  # the way to the provider of single sign-on, and back
    "sso_back",
    "new_password",  # its link is the proof
    "form",  # takes only what a page of its own was shown with
    "form_thanks",
    "meet",
    "meeting_file",
    "booking",
    "document",  # its address is the proof, with a code or a password where its maker wanted that
    "document_file",
    "document_view",
    "agenda",  # its address is the proof
}
"""What anyone may call without having signed in."""


def patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in found:
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns)
        else:
            yield each


PAGES = [
    each
    for each in patterns(get_resolver().url_patterns)
    if not each.callback.__module__.startswith("wonward.api")
]


def test_there_are_pages_and_operations() -> None:
    assert len(PAGES) > 20
    assert len(ROUTES) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_a_page_declares_who_may_call_it(page: URLPattern) -> None:
    access = getattr(page.callback, "access", None)
    assert isinstance(access, Access), "put @public, @signed_in or @member on the view"
    if access is Access.PUBLIC:
        assert page.name in ONLY_PUBLIC, "a page for everyone is entered in ONLY_PUBLIC, on purpose"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.area} {route.path}")
def test_an_operation_names_its_scope(route: Route) -> None:
    assert isinstance(route.access, Scope)
    assert route.access.scopes
    assert all(scope.startswith("crm.") for scope in route.access.scopes)
    if route.method in ("PUT", "PATCH", "DELETE"):
        assert all(scope.endswith(".write") for scope in route.access.scopes)


def test_doors_for_people_and_programs_say_whose_rights_their_work_has() -> None:
    """Without `rights` all may be done; so whoever opens work for the pages, the API or an import says them."""
    opened, without = 0, []
    for path in sorted((Path(__file__).parents[2] / "src" / "wonward").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("wiring.reading", "wiring.writing"):
                given = {each.arg: ast.unparse(each.value) for each in node.keywords}
                if given.get("source") in ("'web'", "'api'", "'import'"):
                    opened += 1
                    without += [] if "rights" in given else [f"{path.name}:{node.lineno}"]
    assert opened >= 6
    assert without == []
