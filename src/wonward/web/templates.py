"""What the templates of the pages are read with: Jinja2, and what every page may call besides its own values.

The templates stand in the folder `jinja2`; TEMPLATES in the settings says so. A name that a template was not given
is an error, and whatever isn't marked as HTML is escaped.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.defaultfilters import filesizeformat, linebreaksbr, pluralize
from django.templatetags.static import static
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext
from jinja2 import BaseLoader, Environment, StrictUndefined

from wonward.web import amounts, moments, people
from wonward.web.addresses import url


def environment(loader: BaseLoader, *, auto_reload: bool, **_defaults: object) -> Environment:
    """Return what Django's backend reads templates with: it says where they are, and this how they are read."""
    made = Environment(
        loader=loader,
        auto_reload=auto_reload,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The texts of an environment are Django's, in the language of the person who asks.
    translating: Any = made  # whose types leave out what the extension brings
    translating.install_gettext_callables(
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals |= {
        "asset": asset,
        "avatar": avatar,
        "icon": icon,
        "moment": moment,
        "spoken": get_language,
        "url": url,
    }
    made.filters |= {
        "date_of": moments.day,
        "day": day,
        "filesizeformat": filesizeformat,
        "grouped": grouped,
        "in_full": moments.full,
        "linebreaksbr": linebreaksbr,
        "pluralize": pluralize,
        "runs": runs,
    }
    return made


def form_token(request: HttpRequest) -> dict[str, object]:
    """Return the token that forms send back, made once for all forms of a page, and only where there are any."""
    token = SimpleLazyObject(lambda: get_token(request))
    field = SimpleLazyObject(
        lambda: format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)
    )
    return {"csrf_token": token, "csrf_input": field}


# -- What a template calls --------------------------------------------------------------------------


@lru_cache(maxsize=200)
def asset(path: str) -> str:
    """Return the address of a static file; looked up once, since every page has twenty."""
    return static(path)


@lru_cache(maxsize=200)
def icon(name: str) -> SafeString:
    """Draw an icon of icons.svg; it says nothing to screen readers."""
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name or "record",
    )


def avatar(name: str) -> SafeString:
    """Show a person as a disc with initials; the name must stand beside it."""
    return format_html(
        '<span class="avatar" data-tone="{}" aria-hidden="true">{}</span>',
        people.tone(name),
        people.initials(name),
    )


def moment(at: datetime) -> SafeString:
    """Write a moment in little room, the whole of it in its tooltip."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), moments.full(at), moments.short(at)
    )


# -- Filters ----------------------------------------------------------------------------------------


def grouped(number: int) -> str:
    """Write a count with the separators of the person's language."""
    return amounts.number(str(number))


def day(at: datetime) -> str:
    """Write the day of a moment."""
    return moments.day(moments.local(at).date())


def runs(items: Iterable[object], attribute: str) -> list[tuple[object, Sequence[object]]]:
    """Part items where an attribute changes, in the order they stand; Jinja's own `groupby` sorts them."""
    return [(value, list(run)) for value, run in groupby(items, attrgetter(attribute))]
