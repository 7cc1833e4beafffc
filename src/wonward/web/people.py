"""The names of people behind ids: owners of records, and the actors of the change log. One query a kind."""

from collections.abc import Iterable, Sequence

from wonward.accounts.models import Member, Token, User
from wonward.records import names
from wonward.schema.catalog import ObjectType


def owner_names(portal_id: int, ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of owners by their ids as text."""
    return names.of_owners(portal_id, {owner for owner in ids if owner})


def owners_in(
    portal_id: int, kind: ObjectType, columns: Sequence[str], rows: Iterable[Sequence[str | None]]
) -> dict[str, str]:
    """Return the names of the owners that stand in rows of values under `columns`."""
    places = [
        place
        for place, name in enumerate(columns)
        if name in kind.properties and kind.properties[name].type == "owner"
    ]
    return owner_names(portal_id, (row[place] for row in rows for place in places)) if places else {}


def choices(portal_id: int) -> list[tuple[str, str]]:
    """Return the people who can own records: id and name, by name."""
    found = Member.objects.filter(portal_id=portal_id, archived=False, owns_records=True)
    rows = found.order_by("first_name", "last_name").values_list("id", "first_name", "last_name")
    return [(str(row[0]), _full(*row[1:])) for row in rows]


def actor_names(portal_id: int, actors: Iterable[str]) -> dict[str, str]:
    """Return what each actor of the change log is called: `user:12` by name, `import:7` as an import."""
    known = {actor: actor.partition(":") for actor in set(actors)}
    users = _ids(known.values(), "user")
    tokens = _ids(known.values(), "token")
    people = dict(User.objects.filter(id__in=users).values_list("id", "full_name")) if users else {}
    emails = _emails(users, people)
    programs = (
        dict(Token.objects.filter(portal_id=portal_id, id__in=tokens).values_list("id", "name"))
        if tokens
        else {}
    )
    known_as = {"user": people | emails, "token": programs}
    return {
        actor: _called(sort, number, known_as.get(sort, {})) for actor, (sort, _, number) in known.items()
    }


def initials(name: str) -> str:
    """Return up to two letters that stand for a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def tone(name: str) -> int:
    """Return one of eight colours by number, the same for the same name always."""
    return sum(map(ord, name)) % 8


_SORTS = {
    "import": "Import",
    "system": "Wonward",
    "consumer": "Wonward",
    "job": "Wonward",
    "cli": "Command line",
    "demo": "Demo",
    "sample": "Demo",
    "workflow": "Workflow",
    "meet": "Scheduling page",
    "form": "Form",
    "mail": "Mail",
    "document": "Shared document",
    "workflows": "Wonward",
    "user": "Former user",
    "token": "Former API token",
}


def _called(sort: str, number: str, names: dict[int, str]) -> str:
    found = names.get(int(number)) if number.isdecimal() else None
    return found or _SORTS.get(sort, sort)


def _ids(actors: Iterable[tuple[str, str, str]], sort: str) -> set[int]:
    return {int(number) for name, _, number in actors if name == sort and number.isdecimal()}


def _emails(users: set[int], people: dict[int, str]) -> dict[int, str]:
    """Return the addresses of users who have given no name."""
    nameless = [number for number in users if number in people and not people[number]]
    return dict(User.objects.filter(id__in=nameless).values_list("id", "email")) if nameless else {}


def _full(first: str, last: str) -> str:
    return f"{first} {last}".strip()
