"""Makes a file's name harmless: it is shown and offered for saving, never used as a path."""

import re
import unicodedata

LONGEST = 150
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def clean(name: str) -> str:
    """Return the name without its path, what can't be seen and what file systems forbid; letters stay.

    Marks that turn the direction of writing are taken out too: they make `gpj.exe` look like `exe.jpg`.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    spaced = re.sub(r"\s+", " ", last)
    seen = "".join(letter for letter in spaced if not unicodedata.category(letter).startswith("C"))
    stem, dot, tail = _FORBIDDEN.sub("_", seen).rstrip(" .").rpartition(".")
    if not dot:
        stem, tail = tail, ""
    ending = f".{tail}" if tail else ""
    return f"{(stem.strip(' .') or 'file')[: LONGEST - len(ending[:20])].strip()}{ending[:20]}"


def ending(name: str) -> str:
    """Return what follows the last dot, in small letters; empty when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""
