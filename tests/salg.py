"""A sales pipeline with gates, for the tests of every door that leads through them."""

from typing import Any

SALG: dict[str, Any] = {
    "label": "Salg",
    "start": ["dialog"],
    "stages": [
        {"name": "dialog", "label": "Dialog indledt", "probability": "0.1"},
        {
            "name": "moede",
            "label": "Møde booket",
            "gate": {"requires": ["dealtype"], "optional": ["description"]},
        },
        {
            "name": "tilbud",
            "label": "Tilbud sendt",
            "gate": {
                "requires": ["closedate"],
                "criteria": [
                    {
                        "condition": "amount > 0",
                        "message": "Et tilbud har et beløb over nul",
                        "properties": ["amount"],
                    },
                    {"condition": "count(contacts) > 0", "message": "Tilknyt en kontaktperson"},
                ],
            },
        },
        {
            "name": "fakturering",
            "label": "Til fakturering",
            "gate": {"requires": ["fakturamail"], "copies": {"fakturamail": "company.fakturamail"}},
            "next": [],
        },
    ],
}
PROPERTIES = {
    ("property", "company.fakturamail"): {"label": "Fakturamail", "type": "email"},
    ("property", "deal.fakturamail"): {"label": "Fakturamail", "type": "email"},
}
