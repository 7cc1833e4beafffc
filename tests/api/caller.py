"""Somebody who calls the API, and what its errors have in common."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client


@dataclass(frozen=True)
class Caller:
    """Somebody with a token."""

    token: str

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        media: str = "application/json",
    ) -> Any:
        """Call the API; `raw` is a body that is sent as it is."""
        data = (
            raw if raw is not None else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        )
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        client = Client(headers=headers, raise_request_exception=False)
        return client.generic(method, path, data, content_type=media)

    def ask(self, path: str) -> Any:
        """Return what a GET answers."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def create(self, type_name: str, **properties: Any) -> str:
        """Create a record and return its id."""
        answer = self("POST", f"/crm/v3/objects/{type_name}", {"properties": properties})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])


NewCaller = Callable[..., Caller]


def refused(answer: HttpResponse, status: int, category: str) -> str:
    """Check that an answer is an error in HubSpot's shape and return its message."""
    assert answer.status_code == status, answer.content
    told = json.loads(answer.content)
    assert told["status"] == "error"
    assert told["category"] == category
    assert told["correlationId"] == answer["X-HubSpot-Correlation-Id"]
    assert isinstance(told["message"], str)
    return str(told["message"])
