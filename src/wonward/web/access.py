"""Who may call a page: every route declares it with one of four decorators, and a test looks for it.

`@public` lets anyone in, `@signed_in` people, `@member` those who belong to the portal in the address; for
anyone else that portal doesn't exist. `@watching` is for what members' open pages ask every few seconds.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import activate, get_language, gettext

from wonward import wiring
from wonward.accounts.models import Member
from wonward.accounts.sessions import SignedIn, signed_in_with
from wonward.db.transaction import again_after_deadlock
from wonward.errors import Forbidden, Missing, Refusal
from wonward.records import permission
from wonward.records.work import Work
from wonward.schema import load
from wonward.schema.catalog import Catalog, ObjectType
from wonward.schema.roles import Right
from wonward.schema.seen import rights_of
from wonward.web.addresses import url

Rest = ParamSpec("Rest")
View = Callable[..., HttpResponseBase]
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another page; `icon` is a name in icons.svg."""

    label: str
    address: str
    icon: str = ""
    current: bool = False


class Access(Enum):
    """Who may call a route."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    MEMBER = "member"


@dataclass(frozen=True)
class Visit:
    """One request by a member of a portal, and the portal opened for reading.

    `memberships` are those of the person in all portals, this one among them.
    """

    request: HttpRequest
    member: Member
    memberships: Sequence[Member]
    work: Work

    @property
    def catalog(self) -> Catalog:
        """The definitions of the portal."""
        return self.work.catalog

    @property
    def portal(self) -> str:
        """The name of the portal."""
        return self.catalog.portal

    @cached_property
    def partial(self) -> bool:
        """Whether a part of a page was asked for by the page itself."""
        return "HX-Request" in self.request.headers

    @cached_property
    def live(self) -> bool:
        """Whether a page reads itself anew; nothing that is told once belongs into that answer."""
        return "Live" in self.request.headers

    def writing(self, override: str | None = None) -> AbstractContextManager[Work]:
        """Open work that writes the portal; `override` is why it may pass over gates."""
        rights = self.work.rights
        return wiring.writing(
            self.portal, actor=self.work.actor, source="web", rights=rights, override=override
        )

    @property
    def member_id(self) -> int:
        """The id of the member, which is the owner id too."""
        return self.member.pk

    def may(self, right: Right) -> bool:
        """Tell whether the person has a right beside those over records."""
        return self.work.may(right)

    def may_create(self, kind: ObjectType) -> bool:
        """Tell whether the person may create records of a type."""
        return permission.may_create(self.work, kind)

    def may_edit(self, kind: ObjectType) -> bool:
        """Tell whether the person may edit some records of a type; each record says which."""
        role = self.catalog.role
        return role is None or role.on(kind.name).edit != "none"

    def kind(self, plural: str) -> ObjectType:
        """Return the object type with this plural; raise Missing."""
        return kind_with(self.catalog, plural)

    def page(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """Answer with a template, which gets `visit` and the `frame` around the page too."""
        return render(self.request, template, {"visit": self, "frame": Frame(self), **context}, status=status)


@dataclass(frozen=True)
class Frame:
    """What stands around every page of a portal: the ways to its records, and to the person's other portals."""

    visit: "Visit"

    @cached_property
    def records(self) -> list[Link]:
        """The object types that people keep records of; those with pipelines lead to their board."""
        return [self._link(kind) for kind in self.visit.catalog.object_types.values() if not kind.activity]

    @cached_property
    def activities(self) -> list[Link]:
        """The object types of what people do."""
        return [self._link(kind) for kind in self.visit.catalog.object_types.values() if kind.activity]

    @cached_property
    def files(self) -> Link | None:
        """The imports and exports, for those who may have any."""
        if not any(self.visit.may(right) for right in ("import", "export", "people")):
            return None
        root = url("files", self.visit.portal)
        return Link("Imports and exports", root, "upload", self.visit.request.path.startswith(root))

    @cached_property
    def documents(self) -> Link:
        """The documents that are shared by link."""
        root = url("documents", self.visit.portal)
        return Link(gettext("Documents"), root, "file", self.visit.request.path.startswith(root))

    @cached_property
    def dashboards(self) -> Link:
        """The figures of the portal."""
        root = url("dashboards", self.visit.portal)
        here = self.visit.request.path
        current = here.startswith(root) or here == url("goals", self.visit.portal)
        return Link(gettext("Dashboards"), root, "chart", current)

    @cached_property
    def people(self) -> Link | None:
        """The members of the portal, for those who look after them."""
        if not self.visit.may("people"):
            return None
        root = url("people", self.visit.portal)
        return Link(gettext("People"), root, "person", self.visit.request.path.startswith(root))

    @cached_property
    def forms(self) -> Link | None:
        """The forms that people outside fill in, for those who see contacts."""
        if not self.visit.catalog.forms:
            return None
        root = url("submissions", self.visit.portal)
        return Link(gettext("Forms"), root, "list", self.visit.request.path == root)

    @cached_property
    def handbook(self) -> Link:
        """The guideline of the portal."""
        root = url("handbook", self.visit.portal)
        return Link(gettext("Handbook"), root, "book", self.visit.request.path == root)

    @cached_property
    def portals(self) -> list[Link]:
        """The portals the person is a member of."""
        return [
            Link(each.portal.label, url("portal", each.portal.name), "", each is self.visit.member)
            for each in self.visit.memberships
        ]

    def _link(self, kind: ObjectType) -> Link:
        root = url("listing", self.visit.portal, kind.plural)
        path = self.visit.request.path
        address = f"{root}/board" if self.visit.catalog.pipelines_of(kind.name) else root
        return Link(kind.plural_label, address, kind.icon, path == root or path.startswith(f"{root}/"))


def kind_with(catalog: Catalog, plural: str) -> ObjectType:
    """Return the object type with a plural; raise Missing."""
    found = next((kind for kind in catalog.object_types.values() if kind.plural == plural), None)
    if found is None:
        raise Missing(f"There is no object type '{plural}'", code="OBJECT_TYPE_NOT_FOUND")
    return found


def person(request: HttpRequest) -> SignedIn | None:
    """Return who asks and what they are a member of, if they have signed in; the request knows them from then on."""
    found = signed_in_with(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    if found:
        request.user = found.user
        if found.user.language:
            activate(found.user.language)
    return found


def public(view: View) -> View:
    """Let anyone call the view."""
    return _declared(view, Access.PUBLIC)


def signed_in(view: Callable[Concatenate[HttpRequest, SignedIn, Rest], HttpResponseBase]) -> View:
    """Let people who have signed in call the view; it gets who they are."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        asking = person(request)
        return view(request, asking, *args, **kwargs) if asking else _to_sign_in(request)

    return _declared(guarded, Access.SIGNED_IN)


def member(
    *methods: str,
) -> Callable[[Callable[Concatenate[Visit, Rest], HttpResponseBase]], View]:
    """Let members of the portal in the address call the view by these methods; it gets a Visit.

    What isn't there answers 404, what the person may not do 403, and what is refused otherwise without the view
    showing it, 400.
    """

    def declare(view: Callable[Concatenate[Visit, Rest], HttpResponseBase]) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest, portal: str, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponseBase:
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                return HttpResponseNotAllowed(methods)
            asking = person(request)
            if asking is None:
                return _to_sign_in(request)
            visit = _visit(request, asking, portal)
            if visit.member.portal.second_factor and not asking.second_factor:
                return _to(request, url("mfa_index"))
            with timezone.override(ZoneInfo(visit.catalog.time_zone)):
                response = _answered(
                    visit, lambda: again_after_deadlock(lambda: view(visit, *args, **kwargs))
                )
            patch_cache_control(response, private=True, no_cache=True)
            patch_vary_headers(response, ["Cookie", "HX-Request"])
            return response

        vars(guarded)["methods"] = methods
        return _declared(guarded, Access.MEMBER)

    return declare


def watching(view: Callable[[HttpRequest, Work], HttpResponse]) -> View:
    """Let pages that members have open ask, again and again; the person's id stands in `by`.

    Who doesn't match it and the session gets 401 and isn't sent anywhere: the page may hold what they have typed.
    """

    @wraps(view)
    def guarded(request: HttpRequest, portal: str) -> HttpResponseBase:
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        asking = person(request)
        member = asking.of(portal) if asking and str(asking.user.pk) == request.GET.get("by") else None
        if asking is None or member is None or (member.portal.second_factor and not asking.second_factor):
            return HttpResponse(status=401, content_type=PLAIN)
        try:
            response = view(request, _reading(asking, member))
        except Missing as missing:
            response = HttpResponse(str(missing), status=404, content_type=PLAIN)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return _declared(guarded, Access.MEMBER)


def _declared(view: View, access: Access) -> View:
    vars(view)["access"] = access
    return view


def _visit(request: HttpRequest, asking: SignedIn, portal: str) -> Visit:
    member = asking.of(portal)
    if member is None:
        raise Http404
    return Visit(request, member, asking.memberships, _reading(asking, member))


def _reading(asking: SignedIn, member: Member) -> Work:
    """Open a member's portal for reading, with their rights."""
    language = get_language() or settings.LANGUAGE_CODE
    rights = rights_of(member, asking.teammates[member.pk], language)
    return wiring.reading(_catalog(member), actor=f"user:{member.user_id}", source="web", rights=rights)


def _catalog(member: Member) -> Catalog:
    return load.at_version(member.portal.pk, member.portal.catalog_version)


def _answered(visit: Visit, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    try:
        return view()
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refused:
        template = "problems.html" if visit.partial else "403.html"
        return render(visit.request, template, {"problems": refused.problems}, status=403)
    except Refusal as refusal:
        template = "problems.html" if visit.partial else "400.html"
        return render(visit.request, template, {"problems": refusal.problems}, status=400)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to sign-in and back; a part of a page can't show it, so the whole page goes there."""
    if "HX-Request" not in request.headers:
        return redirect_to_login(request.get_full_path())
    page = request.headers.get("HX-Current-URL-AutoEncoded", "") or request.headers.get("HX-Current-URL", "")
    return _to(request, redirect_to_login(_path_of(page)).url)


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the whole page to an address, also when a part of it asked."""
    if "HX-Request" not in request.headers:
        return redirect(address)
    response = HttpResponse(status=401)
    response["HX-Redirect"] = address
    return response


def _path_of(address: str) -> str:
    """Return the path and query of a page's address, so that no other site is returned to."""
    without_scheme = address.partition("://")[2]
    _, slash, path = without_scheme.partition("/")
    return f"/{path}" if slash else "/"
