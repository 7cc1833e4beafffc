"""The colours an option or a stage can have: a hexadecimal one, or the name of one of these."""

import re

COLOURS = {
    "grey": "#7b8794",
    "red": "#b94a48",
    "orange": "#c9803d",
    "yellow": "#c2a66b",
    "green": "#5f9470",
    "teal": "#4b9a97",
    "blue": "#4f7cac",
    "purple": "#8467a8",
    "pink": "#b9698f",
    "brown": "#8a6d57",
}
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def colour(said: str | None) -> str | None:
    """Return a colour as hexadecimal text, or None for what is none."""
    if said is None:
        return None
    return said if _HEX.fullmatch(said) else COLOURS.get(said.lower())
