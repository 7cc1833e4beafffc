"""What makes two records likely the same: values in one spelling, the keys alike records share, a score. Pure.

Only records that share a key are ever compared, so that a million of them never meet in pairs.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from wonward.schema.catalog import DuplicateRule, ObjectType, Property

ALIKE = 0.5
"""From which similarity on, 0 to 1, two names may be the same."""

SHORTEST_PHONE, PHONE_DIGITS, PART = 7, 8, 6
MORE = 2
"""What each further rule that agrees adds to the score of the best one."""

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_JOINED = re.compile(r"[./'’&]")
_APART = re.compile(r"[^a-z0-9]+")
_LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aps",
        "as",
        "asa",
        "bv",
        "co",
        "corp",
        "gmbh",
        "inc",
        "is",
        "ivs",
        "kg",
        "ks",
        "llc",
        "llp",
        "ltd",
        "nv",
        "oy",
        "oyj",
        "plc",
        "sa",
        "sarl",
        "sas",
        "spa",
        "srl",
    ]
)
_MAIL_PROVIDERS = frozenset(
    [
        "aol.com",
        "gmail.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.dk",
        "icloud.com",
        "jubii.dk",
        "live.com",
        "live.dk",
        "mail.com",
        "mail.dk",
        "me.com",
        "msn.com",
        "ofir.dk",
        "online.no",
        "outlook.com",
        "outlook.dk",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "stofanet.dk",
        "telia.com",
        "tdcadsl.dk",
        "web.de",
        "yahoo.co.uk",
        "yahoo.com",
        "yahoo.dk",
        "ymail.com",
    ]
)

Values = Mapping[str, str | None]
Match = tuple[int, list[str]]
"""A score up to 100, and for each rule that agrees its properties, joined by plus signs."""


def rules(kind: ObjectType) -> Sequence[DuplicateRule]:
    """Return the rules of a type that its properties allow; a portal's own types go by their names otherwise."""
    given = kind.duplicates
    if not given and not kind.activity and kind.type_id.startswith("2-"):
        given = (DuplicateRule((), kind.display, False, 70),)
    return [rule for rule in given if all(name in kind.properties for name in (*rule.same, *rule.similar))]


def names(kind: ObjectType) -> list[str]:
    """Return the properties that the rules of a type look at."""
    return list(dict.fromkeys(name for rule in rules(kind) for name in (*rule.same, *rule.similar)))


def keys(kind: ObjectType, values: Values) -> set[int]:
    """Return the numbers that a record shares with those it has to be compared with."""
    found = set()
    for rule in rules(kind):
        about = "+".join(rule.same or rule.similar)  # so that rules about the same values share their keys
        for key in _blocks(kind, rule, values):
            digest = hashlib.blake2b(f"{kind.name}.{about}.{key}".encode(), digest_size=8).digest()
            found.add(int.from_bytes(digest, "big", signed=True))
    return found


def match(kind: ObjectType, one: Values, other: Values) -> Match | None:
    """Return how likely two records are the same, and why; None when no rule says so."""
    found: list[tuple[int, str]] = []
    for rule in rules(kind):
        score = _score(kind, rule, one, other)
        if score:
            found.append((score, "+".join((*rule.same, *rule.similar))))
    if not found:
        return None
    best = max(score for score, _ in found)
    return min(100, best + MORE * (len(found) - 1)), [reason for _, reason in sorted(found, reverse=True)]


def spelled(prop: Property, text: str | None, *, domain: bool = False) -> str | None:
    """Return a value in the one spelling by which it is compared, None for what tells nothing.

    Addresses lose their tag (`ada+news@`), telephone numbers all but their last digits, texts case and accents.
    """
    if not text:
        return None
    if domain:
        return _domain(text)
    if prop.type == "email":
        local, _, host = text.lower().partition("@")
        return f"{local.partition('+')[0]}@{host}"
    if prop.type == "phone":
        digits = re.sub(r"\D", "", text)
        return digits[-PHONE_DIGITS:] if len(digits) >= SHORTEST_PHONE else None
    return fold(text) or None


def fold(text: str) -> str:
    """Return text without case, accents and signs: `Nordisk Måleri A/S` as `nordisk maleri as`."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return _APART.sub(" ", _JOINED.sub("", plain.encode("ascii", "ignore").decode())).strip()


def similarity(one: str, other: str) -> float:
    """Return how alike two folded names are, 0 to 1: the share of three-letter parts that both have."""
    mine, theirs = _trigrams(one), _trigrams(other)
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _trigrams(text: str) -> set[str]:
    padded = [f"  {word} " for word in text.split()]
    return {word[place : place + 3] for word in padded for place in range(len(word) - 2)}


def _domain(text: str) -> str | None:
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower())
    host = re.split(r"[/?#:]", host.rpartition("@")[2])[0].strip(".").removeprefix("www.")
    return None if host in _MAIL_PROVIDERS or "." not in host else host


def _same(kind: ObjectType, rule: DuplicateRule, values: Values) -> tuple[str, ...] | None:
    """Return the values that have to be equal; None when one of them is empty."""
    parts = [spelled(kind.properties[name], values.get(name), domain=rule.domain) for name in rule.same]
    return None if None in parts else tuple(part for part in parts if part)


def _name(rule: DuplicateRule, values: Values) -> str:
    words = fold(" ".join(values.get(name) or "" for name in rule.similar)).split()
    if len(rule.similar) == 1:
        while len(words) > 1 and words[-1] in _LEGAL_FORMS:
            words.pop()
    return " ".join(words)


def _blocks(kind: ObjectType, rule: DuplicateRule, values: Values) -> Iterator[str]:
    same = _same(kind, rule, values)
    if same is None:
        return
    if rule.same:
        yield "=".join(same)
    if not rule.similar:
        return
    name = _name(rule, values)
    if rule.same and name:  # where very many share a value, such as a large employer
        yield f"{'='.join(same)}={''.join(sorted(word[0] for word in name.split()))}"
    elif len(name) > PART // 2:
        joined = name.replace(" ", "")
        yield f"^{joined[:PART]}"
        yield f"{joined[-PART:]}$"


def _score(kind: ObjectType, rule: DuplicateRule, one: Values, other: Values) -> int:
    same = _same(kind, rule, one)
    if same is None or same != _same(kind, rule, other):
        return 0
    if not rule.similar:
        return rule.score
    alike = similarity(_name(rule, one), _name(rule, other))
    return round(rule.score * alike) if alike >= ALIKE else 0
