"""The filters over a whole dashboard: a period, whose records, and one value of an enumeration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wonward.accounts.models import Member
from wonward.errors import Invalid
from wonward.metrics import conditions, period
from wonward.metrics.goal import EVERYONE, Whom
from wonward.metrics.period import Span
from wonward.metrics.staff import Staff
from wonward.records.work import Work
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.metrics import Dashboard, Metric

ME = "me"
GROUPABLE = ("enumeration", "owner", "boolean")
"""The types of property whose values are few, so that figures can be grouped and filtered by them."""


@dataclass(frozen=True)
class Filters:
    """What was chosen, as an address has it, and what that means for whoever asks."""

    work: Work
    staff: Staff
    member: Member
    period: str
    span: Span
    owner: str = ""
    team: str = ""
    choice: str = ""
    value: str = ""

    @property
    def whom(self) -> Whom | None:
        """Whose goals fit what was chosen; None when goals say nothing of it."""
        if self.value or (self.owner and self.team):
            return None
        if self.owner:
            return Whom(member=self.member.pk if self.owner == ME else int(self.owner))
        return Whom(team=int(self.team)) if self.team else EVERYONE

    def conditions(self, kind: ObjectType) -> Iterator[str]:
        """Yield the conditions that narrow records of a type, all but that on the period."""
        owner = conditions.owner_of(kind)
        if owner and self.owner:
            yield f"{owner.name} = {'me()' if self.owner == ME else self.owner}"
        if owner and self.team:
            yield conditions.among(owner, [str(each) for each in self.staff.within(int(self.team))])
        prop = kind.properties.get(self.choice)
        if prop and self.value:
            yield conditions.equal(prop, self.value)

    def unheeded(self, kind: ObjectType, metric: Metric) -> Iterator[str]:
        """Yield which filters don't narrow a metric: `period`, `owner`, `choice`."""
        if not metric.date:
            yield "period"
        if (self.owner or self.team) and conditions.owner_of(kind) is None:
            yield "owner"
        if self.value and self.choice not in kind.properties:
            yield "choice"


def read(work: Work, member: Member, staff: Staff, shown: Dashboard, asked: Mapping[str, str]) -> Filters:
    """Return the filters that an address asks for, those of the dashboard where it says nothing; raise Invalid."""
    text = asked.get("period", "") or shown.period
    owner = asked.get("owner", shown.owner)
    team, value = asked.get("team", ""), asked.get("value", "")
    if owner not in ("", ME) and not (owner.isdecimal() and int(owner) in staff.members):
        raise Invalid("There is no such member", code="FILTER_UNKNOWN")
    if team and not (team.isdecimal() and int(team) in staff.teams):
        raise Invalid("There is no such team", code="FILTER_UNKNOWN")
    choice = choosable(work.catalog, shown)
    if choice is None or value not in choice.option_values:
        value = ""
    span = period.chosen(text, work.today)
    name = choice.name if choice else ""
    return Filters(work, staff, member, text, span, owner, team, name, value)


def choosable(catalog: Catalog, shown: Dashboard) -> Property | None:
    """Return the enumeration that a dashboard filters by, as its metrics' types have it."""
    names = {name for tile in shown.tiles for name in tile.metrics}
    for kind in catalog.object_types.values():
        prop = kind.properties.get(shown.choice)
        used = any(each.name in names and each.object_type == kind.name for each in catalog.metrics.values())
        if prop and prop.type == "enumeration" and not prop.masked and used:
            return prop
    return None


def grouping(kind: ObjectType, by: str) -> Property | None:
    """Return the property that a tile groups records of a type by, None when the type has none such."""
    if by in ("owner", "team"):
        return conditions.owner_of(kind)
    prop = kind.stage_property if by == "stage" else kind.properties.get(by)
    return prop if prop and prop.type in GROUPABLE and not prop.masked else None
