"""The people of a portal by name: owners found again, and owners, teams and managers entered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Literal

from wonward.accounts.models import Member, Team
from wonward.errors import Conflict, Problem


@dataclass(frozen=True, slots=True)
class Owner:
    """Someone who can own records; `id` is what an owner property holds."""

    id: int
    name: str
    email: str | None


class Owners:
    """The owners of a portal, to be looked up by what people write: id, email address or full name.

    Those who `left` are known by their ids alone.
    """

    def __init__(self, owners: Iterable[Owner], left: Iterable[Owner] = ()) -> None:
        self._by_text: dict[str, list[Owner]] = {str(owner.id): [owner] for owner in left}
        self._names: dict[str, str] = {}
        for owner in owners:
            self._names[_same(owner.name)] = owner.name
            for text in {str(owner.id), _same(owner.name), _same(owner.email or "")} - {""}:
                self._by_text.setdefault(text, []).append(owner)

    def name_of(self, owner_id: str) -> str | None:
        """Return the full name of an owner, None when it means nobody, or others too."""
        owner = next(iter(self._by_text.get(owner_id, ())), None)
        meant = self._by_text.get(_same(owner.name), []) if owner else []
        return owner.name if owner and meant == [owner] else None

    def named(self, text: str) -> tuple[Sequence[Owner], str | None]:
        """Return whom `text` may mean; when it is nobody, the nearest full name too."""
        found = self._by_text.get(_same(text), [])
        if found:
            return found, None
        near = get_close_matches(_same(text), self._names, n=1)
        return [], self._names[near[0]] if near else None


def owners(portal_id: int) -> Owners:
    """Return the owners of a portal."""
    rows = Member.objects.filter(portal_id=portal_id)
    found: dict[bool, list[Owner]] = {True: [], False: []}
    columns = ("id", "first_name", "last_name", "email", "owns_records", "archived")
    for number, first, last, email, owns, archived in rows.values_list(*columns):
        found[owns and not archived].append(Owner(number, f"{first} {last}".strip(), email))
    return Owners(found[True], found[False])


@dataclass(frozen=True, slots=True)
class Person:
    """An owner as a file has them. None says nothing of the matter; `manager` is a name or an email address."""

    name: str
    email: str | None = None
    team: str | None = None
    manager: str | None = None


Entered = Literal["created", "updated", "unchanged"]


def split_name(name: str) -> tuple[str, str]:
    """Return first and last name: the last word is the last name."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    return (first, last) if first else (last, "")


def enter(portal_id: int, people: Sequence[Person], at: datetime) -> list[Entered]:
    """Make each person an owner with the team and manager given, known again by email address or full name.

    Teams and managers that aren't there are made; a manager who is no owner becomes a member who doesn't
    own records. Raise Conflict with the row of each person or manager who can't be told from another.
    """
    roster = _Roster(portal_id, at)
    problems = list(roster.problems(people))
    if problems:
        raise Conflict(problems)
    fresh = roster.complete(people)
    entered: list[Entered] = []
    changed: list[Member] = []
    for person in people:
        member = roster.find(person.name, person.email)[0]
        differs = roster.settle(member, person)
        entered.append("created" if member.id in fresh else "updated" if differs else "unchanged")
        changed += [member] if differs else []
    Member.objects.bulk_update(changed, [*_SETTLED, "updated_at"])
    return entered


_SETTLED = ("first_name", "last_name", "email", "team", "manager", "owns_records", "archived")


class _Roster:
    """The members and teams of a portal, found by name."""

    def __init__(self, portal_id: int, at: datetime) -> None:
        self._portal_id, self._at = portal_id, at
        self._teams = {_same(team.name): team for team in Team.objects.filter(portal_id=portal_id)}
        self._by_name: dict[str, list[Member]] = {}
        self._by_email: dict[str, Member] = {}
        for member in Member.objects.filter(portal_id=portal_id).order_by("id"):
            self._know(member)

    def _know(self, member: Member) -> None:
        self._by_name.setdefault(_same(member.full_name), []).append(member)
        if member.email:
            self._by_email[_same(member.email)] = member

    def find(self, name: str, email: str | None) -> list[Member]:
        """Return the members a person may be: the one with the email address, else those of the name."""
        known = self._by_email.get(_same(email or ""))
        if known:
            return [known]
        return [each for each in self._by_name.get(_same(name), []) if not (email and each.email)]

    def problems(self, people: Sequence[Person]) -> Iterator[Problem]:
        """Yield a problem for each person who can't be told from another."""
        first: set[str] = set()
        for row, person in enumerate(people):
            key = _same(person.email or person.name)
            boss = _manager(person)
            if key in first:
                yield Problem(
                    f"{person.name} stands in the file twice; keep one", "DUPLICATE_ID", "name", row
                )
            elif len(self.find(person.name, person.email)) > 1:
                message = f"Several members are called {person.name}; give the email address"
                yield Problem(message, "CONFLICT", "name", row)
            elif boss and len(self.find(*boss)) > 1:
                message = f"Several members are called {person.manager}; give the manager's email address"
                yield Problem(message, "CONFLICT", "manager", row)
            elif boss and key in (_same(boss[0]), _same(boss[1] or "")):
                yield Problem(f"{person.name} can't be their own manager", "INVALID", "manager", row)
            first.add(key)

    def complete(self, people: Sequence[Person]) -> set[int]:
        """Make the teams, owners and managers that aren't there; return the ids of the new members."""
        names = {_same(person.team): person.team for person in people if person.team}
        missing = [name for key, name in names.items() if key not in self._teams]
        for team in Team.objects.bulk_create(Team(portal_id=self._portal_id, name=name) for name in missing):
            self._teams[_same(team.name)] = team
        bosses = [boss for person in people if (boss := _manager(person))]
        wanted = [(person.name, person.email, True) for person in people]
        wanted += [(name, email, False) for name, email in bosses]
        fresh = [
            self._new(name, email, owns_records=owns)
            for name, email, owns in wanted
            if not self.find(name, email)
        ]
        return {member.id for member in Member.objects.bulk_create(fresh)}

    def _new(self, name: str, email: str | None, *, owns_records: bool) -> Member:
        first, last = split_name(name)
        member = Member(
            portal_id=self._portal_id,
            first_name=first,
            last_name=last,
            email=email,
            owns_records=owns_records,
            created_at=self._at,
            updated_at=self._at,
        )
        self._know(member)
        return member

    def settle(self, member: Member, person: Person) -> bool:
        """Give a member what is said of the person; return whether anything differed."""
        first, last = split_name(person.name)
        wanted: dict[str, object] = {
            "first_name": first,
            "last_name": last,
            "owns_records": True,
            "archived": False,
        }
        if person.email:
            wanted["email"] = person.email
        if person.team:
            wanted["team_id"] = self._teams[_same(person.team)].id
        boss = _manager(person)
        if boss:
            wanted["manager_id"] = self.find(*boss)[0].id
        differing = {name: value for name, value in wanted.items() if getattr(member, name) != value}
        for name, value in differing.items():
            setattr(member, name, value)
        if differing:
            member.updated_at = self._at
        return bool(differing)


def _manager(person: Person) -> tuple[str, str | None] | None:
    """Return name and email address of a person's manager, if one is named."""
    if not person.manager:
        return None
    return person.manager, person.manager if "@" in person.manager else None


def _same(text: str) -> str:
    """Return a name or address without what may differ between two spellings of it: case and spaces."""
    return " ".join(text.split()).casefold()
