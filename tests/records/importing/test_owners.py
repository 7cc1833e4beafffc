"""Owners from a file: members, teams and managers, made once however often the file is imported."""

import pytest

from wonward.accounts import people
from wonward.accounts.models import Member, Team
from wonward.accounts.people import Person

from .conftest import Importer

TEAMS = (
    "Name,Team,Manager\nÅse Bæk,Nord,Søren Ågård\nAnne Marie Ørum-Holm,Nord,Søren Ågård\nBo Dam,Syd,Åse Bæk\n"
)


def members() -> list[tuple[str, str, bool, str | None, str | None]]:
    return [
        (
            each.first_name,
            each.last_name,
            each.owns_records,
            each.team.name if each.team else None,
            each.manager.full_name if each.manager else None,
        )
        for each in Member.objects.select_related("team", "manager").order_by("id")
    ]


def test_owners_with_their_teams_and_managers(importer: Importer) -> None:
    found = importer.run(TEAMS, "owner", key="name")
    assert (found.object_type, found.counts.created) == ("owner", 3)
    assert members() == [
        ("Åse", "Bæk", True, "Nord", "Søren Ågård"),
        ("Anne Marie", "Ørum-Holm", True, "Nord", "Søren Ågård"),
        ("Bo", "Dam", True, "Syd", "Åse Bæk"),
        ("Søren", "Ågård", False, None, None),
    ]


def test_again_nothing_is_made(importer: Importer) -> None:
    importer.run(TEAMS, "owners", key="name")
    before = members()
    assert importer.preview(TEAMS, "owners", key="name").counts.unchanged == 3
    assert importer.run(TEAMS, "owners", key="name").counts.unchanged == 3
    assert (members(), Team.objects.count()) == (before, 2)


def test_a_preview_enters_nobody(importer: Importer) -> None:
    assert importer.preview(TEAMS, "owner", key="name").counts.created == 3
    assert not Member.objects.exists()


def test_who_moved_to_another_team_and_the_manager_who_became_an_owner(importer: Importer) -> None:
    importer.run(TEAMS, "owner", key="name")
    found = importer.run(
        "Name,Team,Email\nåse  bæk,Øst,ASE@example.com\nSøren Ågård,,\nBo Dam,,\n", "owner", key="name"
    )
    assert (found.counts.created, found.counts.updated, found.counts.unchanged) == (0, 2, 1)
    assert members()[0] == ("åse", "bæk", True, "Øst", "Søren Ågård")
    assert members()[3] == ("Søren", "Ågård", True, None, None)
    assert Member.objects.get(team__name="Øst").email == "ase@example.com"


def test_an_address_tells_people_of_one_name_apart(importer: Importer) -> None:
    text = "Name,Email,Manager\nBo Dam,bo1@example.com,\nBo Dam,bo2@example.com,bo1@example.com\n"
    assert importer.run(text, "owner", key="email").counts.created == 2
    assert importer.run(text, "owner", key="email").counts.unchanged == 2
    found = importer.run("Name,Team\nBo Dam,Nord\nCo Eg,Nord\n", "owner", key="name")
    assert [each.message for each in found.problems] == [
        "Several members are called Bo Dam; give the email address"
    ]
    assert (found.counts.created, found.counts.refused) == (1, 1)


def test_a_first_and_a_last_name_make_a_name(importer: Importer) -> None:
    text = "First name,Last name,Email\nÅse,Bæk,a@example.com\n,Dam,\n,,c@example.com\n"
    found = importer.run(text, "owner", key="email")
    assert [row[:2] for row in members()] == [("Åse", "Bæk")]
    assert [each.message for each in found.problems] == [
        "Email is empty; it says which owner is meant",
        "The owner's name is missing; give it",
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",Nord,", "Name is empty; it says which owner is meant"),
        ("Åse Bæk,Nord,åse bæk", "Åse Bæk can't be their own manager"),
    ],
)
def test_rows_that_are_refused(importer: Importer, row: str, message: str) -> None:
    found = importer.run(f"Name,Team,Manager\n{row}\nBo Dam,,\n", "owner", key="name")
    assert [each.message for each in found.problems] == [message]
    assert found.counts.created == 1


def test_who_left_and_is_in_the_file_is_back(importer: Importer) -> None:
    importer.run(TEAMS, "owner", key="name")
    Member.objects.filter(first_name="Bo").update(archived=True)
    assert importer.run(TEAMS, "owner", key="name").counts.updated == 1
    assert not Member.objects.filter(archived=True).exists()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Søren Ågård", ("Søren", "Ågård")),
        ("Anne Marie  Holm", ("Anne Marie", "Holm")),
        ("Cher", ("Cher", "")),
    ],
)
def test_the_last_word_is_the_last_name(name: str, parts: tuple[str, str]) -> None:
    assert people.split_name(name) == parts


def test_entering_twice_in_one_batch_is_refused(importer: Importer) -> None:
    from wonward.accounts.models import Portal
    from wonward.clock import now
    from wonward.errors import Conflict

    portal = Portal.objects.get(name=importer.portal)
    with pytest.raises(Conflict, match="stands in the file twice"):
        people.enter(portal.id, [Person("Bo Dam"), Person("bo dam")], now())
