"""The pseudo object type `owner`: rows become members of the portal, with their team and manager."""

from collections.abc import Mapping, Sequence

from wonward.accounts import people
from wonward.accounts.people import Entered, Person
from wonward.errors import Problem
from wonward.records.importing.batch import Outcome, drafted, outcome_of, salvaged
from wonward.records.importing.cells import Cells, Draft
from wonward.records.importing.plan import Plan
from wonward.records.importing.table import Row
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType, Property

SPELLINGS = ("owner", "owners")


def _property(name: str, label: str, kind: str = "text") -> Property:
    return Property(name, label, kind, name)


_PROPERTIES: Mapping[str, Property] = {
    each.name: each
    for each in (
        _property("name", "Name"),
        _property("first_name", "First name"),
        _property("last_name", "Last name"),
        _property("email", "Email", "email"),
        _property("team", "Team"),
        _property("manager", "Manager"),
    )
}

OWNER = ObjectType(
    name="owner",
    plural="owners",
    label="Owner",
    plural_label="Owners",
    type_id="",
    table="",
    properties=_PROPERTIES,
    display=("name",),
    search=(),
    key="name",
)
"""Owners as a file may have them; a name is given whole or as first and last name."""


class OwnerRows:
    """Enters rows as owners."""

    def __init__(self, plan: Plan, cells: Cells) -> None:
        self._plan, self._cells = plan, cells

    def write(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Enter a chunk; what is wrong with a row is told, and the others are entered all the same."""
        drafts = [self._draft(row) for row in rows]
        entered = salvaged(drafts, lambda some: self._enter(work, some))
        return outcome_of(self._plan, drafts, entered)

    def _draft(self, row: Row) -> Draft:
        draft = drafted(self._plan, self._cells, row)
        if not draft.problems and not _name(draft.values):
            draft.problems.append(
                Problem("The owner's name is missing; give it", "REQUIRED_PROPERTY", "name")
            )
        return draft

    def _enter(self, work: Work, drafts: Sequence[Draft]) -> list[Entered]:
        work.require("people")
        asked = [
            Person(
                _name(draft.values),
                draft.values.get("email"),
                draft.values.get("team"),
                draft.values.get("manager"),
            )
            for draft in drafts
        ]
        return people.enter(work.catalog.portal_id, asked, work.now)


def _name(values: Mapping[str, str]) -> str:
    return values.get("name") or f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
