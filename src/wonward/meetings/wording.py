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
