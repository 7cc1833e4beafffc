"""The people of a portal and their teams, as figures and goals go by them: each counts in their primary team alone.

So teams add up to the whole, and a team has what the teams below it have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from wonward.accounts.models import Member, Team


@dataclass(frozen=True)
class Staff:
    """Members by id, also those who left, and teams with the one each is below."""

    members: Mapping[int, Member]
    teams: Mapping[int, Team]

    @cached_property
    def here(self) -> list[Member]:
        """Those who own records and are here, by name."""
        return [each for each in self.members.values() if each.owns_records and not each.archived]

    @cached_property
    def below(self) -> Mapping[int | None, list[int]]:
        """The ids of the teams directly below each, None for those that are below none."""
        found: dict[int | None, list[int]] = {}
        for team in self.teams.values():
            found.setdefault(team.parent_id if team.parent_id in self.teams else None, []).append(team.pk)
        return found

    @cached_property
    def direct(self) -> Mapping[int | None, list[int]]:
        """The ids of the members whose primary team each is, None for those who have none."""
        found: dict[int | None, list[int]] = {}
        for member in self.members.values():
            found.setdefault(member.team_id, []).append(member.pk)
        return found

    def within(self, team: int) -> list[int]:
        """Return the ids of the members of a team and of all below it."""
        found, waiting, seen = [], [team], set()
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                found += self.direct.get(each, [])
                waiting += self.below.get(each, [])
        return sorted(found)

    def team_of(self, member: str | None) -> str | None:
        """Return the id of the primary team of a member, both as text; None for nobody and for who has none."""
        found = self.members.get(int(member)) if member else None
        return str(found.team_id) if found and found.team_id else None

    def name(self, member: str | None) -> str:
        """Return what a member is called, empty for nobody."""
        found = self.members.get(int(member)) if member else None
        return found.full_name if found else (f"Owner {member}" if member else "")


def of_portal(portal_id: int) -> Staff:
    """Read everyone of a portal; two statements."""
    people = Member.objects.filter(portal_id=portal_id).order_by("first_name", "last_name", "pk")
    return Staff(
        {each.pk: each for each in people},
        {each.pk: each for each in Team.objects.filter(portal_id=portal_id).order_by("name")},
    )
