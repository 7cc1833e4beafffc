"""How a portal names its definitions: rules over labels, in which `…` stands for any text. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wonward.errors import Problem


@dataclass(frozen=True, slots=True)
class NamingRule:
    """What the labels of a kind of document look like, one of `like`; `system` keeps to the locked ones."""

    kind: str
    like: tuple[str, ...]
    system: bool = False
    why: str = ""

    def fits(self, label: str) -> bool:
        """Tell whether a label looks as the rule says."""
        return any(re.fullmatch(re.escape(each).replace("…", ".+"), label) for each in self.like)


def rules(portal: Mapping[str, Any]) -> tuple[NamingRule, ...]:
    """Return the rules that a portal's body holds."""
    return tuple(
        NamingRule(each["kind"], tuple(each["like"]), each.get("system", False), each.get("why", ""))
        for each in portal.get("naming", ())
    )


def problems(documents: Mapping[tuple[str, str], Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield a problem for each definition that isn't named by the portal's rules."""
    held = rules(documents.get(("portal", "portal"), {}))
    for (kind, name), body in documents.items():
        label = str(body.get("label", ""))
        for rule in held:
            if rule.kind == kind and (not rule.system or body.get("system")) and not rule.fits(label):
                shapes = " or ".join(f"'{each}'" for each in rule.like)
                message = f"{kind} {name} is called '{label}'; here they are called like {shapes}. {rule.why}"
                yield Problem(message.strip(), "NAMING_RULE", context={"rule": list(rule.like)})
