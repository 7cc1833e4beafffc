"""The addresses of pages."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=4_000)
def url(name: str, *parts: object) -> str:
    """Return the address of a page by its name in `urls.py` and the parts of its address in their order.

    Those made lately are remembered: every page has two dozen, and Django takes 50 µs for one.
    """
    return reverse(name, args=parts)
