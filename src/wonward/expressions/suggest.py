"""Finds the name that was probably meant by one that doesn't exist; wording for messages only."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'sector'?` with the nearest of `known`, or an empty text when none is near."""
    by_lower_case = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.6)
    return f"; did you mean '{by_lower_case[near[0]]}'?" if near else ""


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names with commas between, cut short after `most`."""
    all_names = list(names)
    return ", ".join(all_names[:most]) + (", …" if len(all_names) > most else "")
