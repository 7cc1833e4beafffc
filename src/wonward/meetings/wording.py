"""What the mails about meetings say, in the languages that mail is written in."""

from collections.abc import Mapping
from typing import Literal

Event = Literal["booked", "moved", "cancelled"]

SUBJECTS: Mapping[str, Mapping[Event, str]] = {
    "da": {"booked": "Møde: {label}", "moved": "Flyttet: {label}", "cancelled": "Aflyst: {label}"},
    "en": {"booked": "Meeting: {label}", "moved": "Moved: {label}", "cancelled": "Cancelled: {label}"},
}
FIRST: Mapping[str, Mapping[Event, str]] = {
    "da": {
        "booked": "Mødet er booket.",
        "moved": "Mødet er flyttet til et nyt tidspunkt.",
        "cancelled": "Mødet er aflyst.",
    },
    "en": {
        "booked": "The meeting is booked.",
        "moved": "The meeting has a new time.",
        "cancelled": "The meeting is cancelled.",
    },
}
FACTS: Mapping[str, Mapping[str, str]] = {
    "da": {"when": "Tid", "where": "Sted", "with": "Med", "link": "Flyt eller aflys mødet"},
    "en": {"when": "Time", "where": "Place", "with": "With", "link": "Move or cancel the meeting"},
}
FEED_FAILS: Mapping[str, tuple[str, str]] = {
    "da": (
        "Din kalender kan ikke læses",
        (
            "Wonward kan ikke læse, hvornår du er optaget, så andre kan booke dig i den tid:\n{error}\n\n"
            "Ret adressen her:\n{page}\n"
        ),
    ),
    "en": (
        "Your calendar can't be read",
        (
            "Wonward can't read when you are busy, so others may book you in that time:\n{error}\n\n"
            "Mend the address here:\n{page}\n"
        ),
    ),
}
"""Subject and text of the mail to a member whose calendar feed keeps failing."""
