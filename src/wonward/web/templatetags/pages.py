"""Icons, people's initials and moments, as every page writes them."""

from datetime import datetime
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from wonward.web import amounts, moments, people

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=200)
def asset(path: str) -> str:
    """Return the address of a static file; looked up once, since every page has twenty."""
    return static(path)


@register.simple_tag
@lru_cache(maxsize=200)
def icon(name: str) -> SafeString:
    """Draw an icon of icons.svg; it says nothing to screen readers."""
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name or "record",
    )


@register.simple_tag
def avatar(name: str) -> SafeString:
    """Show a person as a disc with initials; the name must stand beside it."""
    return format_html(
        '<span class="avatar" data-tone="{}" aria-hidden="true">{}</span>',
        people.tone(name),
        people.initials(name),
    )


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """Write a moment in little room, the whole of it in its tooltip."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), moments.full(at), moments.short(at)
    )


@register.filter
def grouped(number: int) -> str:
    """Write a count with the separators of the person's language."""
    return amounts.number(str(number))
