"""Which regular expressions a validation rule may have: PostgreSQL's, without what takes more than linear time.

PostgreSQL matches by automaton, except for references back and looking around; those two are refused.
"""

import re

LONGEST = 500
_FORBIDDEN = re.compile(r"\\(?P<escaped>[1-9])|\\.|(?P<around>\(\?(?!:))|(?P<director>^\*\*\*)", re.DOTALL)
_IGNORE_CASE = "(?i)"


def wrong_regex(pattern: str) -> str:
    """Return why a rule can't have this pattern, or nothing. PostgreSQL judges the rest of its grammar."""
    if not pattern or len(pattern) > LONGEST or "\0" in pattern:
        return f"a regex has 1 to {LONGEST} characters"
    for found in _FORBIDDEN.finditer(pattern.removeprefix(_IGNORE_CASE)):
        if found["escaped"]:
            return f"the regex refers back with \\{found['escaped']}, which can take forever; write it out"
        if found["around"] or found["director"]:
            return "a regex has no (?…) but (?:…), and (?i) at its start to ignore case"
    return ""


def whole(pattern: str) -> str:
    """Return a pattern that holds for a whole value, as people mean a rule, in PostgreSQL's words."""
    own = pattern.removeprefix(_IGNORE_CASE)
    return f"{_IGNORE_CASE if own != pattern else ''}^(?:{own})$"
