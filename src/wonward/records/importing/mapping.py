"""An import map: what a document or file says on how columns are read, checked and typed. Pure.

Everything a map doesn't say is found out from the file's header and values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from msgspec import Struct

from wonward.errors import Invalid, Problem, Refusal
from wonward.records.importing import template
from wonward.records.importing.template import Template
from wonward.schema.definitions import ImportMapBody

Mode = Literal["create_or_update", "create", "update"]
"""What rows may do."""

SKIP = "skip"
"""Said of a column that isn't imported."""

NO_KEY = "none"
"""Said instead of a key: every row makes a new record."""


class Rule(Struct, forbid_unknown_fields=True, frozen=True, rename={"target": "property"}):
    """What a map says of one column; what it leaves out is matched by the header.

    target: its cells are the values of this property.
    association, by, label: its cells name records of this type by that property, to associate with.
    options: what cells say, and what is meant instead. date, number: how they are written.
    """

    target: str | None = None
    association: str | None = None
    by: str | None = None
    label: str | None = None
    options: dict[str, str] = {}
    date: Literal["dmy", "mdy"] | None = None
    number: Literal["point", "comma"] | None = None

    @property
    def skipped(self) -> bool:
        """Whether the column is left out on purpose."""
        return self.target == SKIP


@dataclass(frozen=True)
class ImportMap:
    """How a file is read: object type, key, rules by header, and templates by property.

    `said` is what all of it was read from, kept with the run.
    """

    object_type: str | None = None
    key: str | None = None
    columns: Mapping[str, Rule] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    mode: Mode = "create_or_update"
    said: Mapping[str, Any] = field(default_factory=dict)


def typed(body: ImportMapBody, name: str) -> ImportMap:
    """Return a map's body checked and typed; raise Invalid with a problem for each thing wrong in it."""
    problems: list[Problem] = []
    columns: dict[str, Rule] = {}
    templates: dict[str, Template] = {}
    for header, said in body.columns.items():
        try:
            columns[header] = _rule(said)
        except (msgspec.ValidationError, Refusal) as error:
            problems.append(_at(name, f"columns: {header}", error))
    for target, text in body.set.items():
        try:
            templates[target] = template.parse(text)
        except Refusal as error:
            problems.append(_at(name, f"set: {target}", error))
    if problems:
        raise Invalid(problems)
    return ImportMap(body.object, body.key, columns, templates, body.mode, msgspec.to_builtins(body))


def _rule(said: Any) -> Rule:
    if isinstance(said, str):
        said = {"property": said}
    rule = msgspec.convert(said, Rule)
    if rule.target and rule.association:
        raise Invalid("says both property and association; a column is one of the two")
    if rule.association is None and (rule.by or rule.label):
        raise Invalid("says by or label without association; say what to associate with")
    return rule


def _at(name: str, place: str, error: Exception) -> Problem:
    reason = (
        str(error).replace(" - at `$", " at `").replace("Expected `str`, got", "expected text in quotes, got")
    )
    return Problem(f"import map {name}, {place}: {reason}", "INVALID_IMPORT_MAP", context={"map": name})
