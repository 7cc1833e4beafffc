"""Whatever an address or a form holds is answered, never with a failure of the server."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from .conftest import Cast

ODD = [
    "\0",
    "%",
    "'",
    "<script>",
    "\\",
    "a" * 4000,
    "-1",
    "9" * 20,
    "associated(",
    "amount / 0 > 1",
    "é\u202e",
]


@pytest.fixture(params=ODD, ids=range(len(ODD)))
def odd(request: Any) -> str:
    return str(request.param)


def test_addresses(pages: Client, cast: Cast, odd: str) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    for path, name in (
        ("/p/starter/search", "q"),
        ("/p/starter/search/suggestions", "q"),
        ("/p/starter/deals", "where"),
        ("/p/starter/deals", "sort"),
        ("/p/starter/deals", "page"),
        ("/p/starter/deals", "view"),
        ("/p/starter/deals", "columns"),
        ("/p/starter/deals/board/default", "view"),
        ("/p/starter/deals/board/default/engaging", "columns"),
        ("/p/starter/deals/views/new", "from"),
        ("/p/starter/deals/views/new", "where"),
        ("/p/starter/deals/columns", "columns"),
        ("/p/starter/deals/key-properties", "record"),
        ("/p/starter/deals/board/default", "where"),
        ("/p/starter/deals/board/default/engaging", "shown"),
        ("/p/starter/deals/new", "with"),
        (f"{deal}/timeline", "from"),
        (f"{deal}/associations/companies/candidates", "q"),
        ("/sign-in", "next"),
    ):
        assert pages.get(path, {name: odd}).status_code < 500, (path, name)
    assert pages.get(f"/p/starter/deals/board/{quote(odd, safe='')}").status_code == 404


def test_forms(pages: Client, cast: Cast, odd: str) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    for path, *names in (
        (f"{deal}/stage", "pipeline", "stage"),
        (f"{deal}/properties/amount", "amount", "amount.was"),
        (f"{deal}/properties/dealname", "dealname"),
        (f"{deal}/properties/closedate", "closedate"),
        (f"{deal}/properties/hubspot_owner_id", "hubspot_owner_id"),
        (f"{deal}/properties/dealstage", "dealstage"),
        (f"{deal}/associations/companies", "to", "label"),
        (f"{deal}/activities/tasks", "hs_task_subject", "hs_timestamp"),
        ("/p/starter/deals/views", "view", "do"),
        ("/p/starter/deals/views/new", "label", "where", "columns", "sort", "layout", "pipeline", "pin"),
        ("/p/starter/deals/columns", "chosen", "do", "view", "where", "layout", "pipeline"),
        ("/p/starter/deals/key-properties", "chosen", "do", "record"),
        ("/p/starter/contacts/new", "email", "firstname", "hs_language"),
        ("/sign-in", "login", "password"),
    ):
        assert pages.post(path, dict.fromkeys(names, odd)).status_code < 500, path
    said = {
        "sharing": "private",
        "label": odd,
        "sort": odd,
        "columns": odd,
        "layout": "board",
        "pipeline": odd,
    }
    assert pages.post("/p/starter/deals/views/new", said).status_code < 500
