"""Tells refusals as HubSpot tells errors: which status, which category, which message, which details.

The one place that knows HubSpot's codes; each problem's own code decides, else the kind of refusal.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from wonward.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal

_BY_CODE: Mapping[str, tuple[int, str]] = {
    "CONFLICT": (409, "CONFLICT"),
    "INVALID_AUTHENTICATION": (401, "INVALID_AUTHENTICATION"),
    "MISSING_SCOPES": (403, "MISSING_SCOPES"),
    "METHOD_NOT_ALLOWED": (405, "METHOD_NOT_ALLOWED"),
    "OBJECT_NOT_FOUND": (404, "OBJECT_NOT_FOUND"),
    "OBJECT_TYPE_NOT_FOUND": (400, "VALIDATION_ERROR"),
    "OBJECT_ALREADY_EXISTS": (409, "OBJECT_ALREADY_EXISTS"),
    "PAYLOAD_TOO_LARGE": (413, "PAYLOAD_TOO_LARGE"),
    "PROPERTY_DOESNT_EXIST": (400, "VALIDATION_ERROR"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "UNSUPPORTED_MEDIA_TYPE"),
    "URI_TOO_LONG": (414, "URI_TOO_LONG"),
}
_BY_KIND: Mapping[type[Refusal], tuple[int, str]] = {
    Invalid: (400, "VALIDATION_ERROR"),
    Missing: (404, "OBJECT_NOT_FOUND"),
    Conflict: (409, "CONFLICT"),
    Forbidden: (403, "FORBIDDEN"),
}
_INVALID = (400, "VALIDATION_ERROR")


def told(refusal: Refusal, correlation: str, *, values: bool) -> tuple[int, dict[str, Any]]:
    """Return the status and body that tell a refusal; `values` when values of properties were given."""
    first = refusal.problems[0]
    status, category = _BY_CODE.get(first.code) or _BY_KIND.get(type(refusal), _INVALID)
    body: dict[str, Any] = {
        "status": "error",
        "message": _message(refusal.problems, category, values),
        "correlationId": correlation,
        "category": category,
    }
    details = _details(refusal.problems)
    if details:
        body["errors"] = details
    if first.context:
        body["context"] = _context(first)
    return status, body


def told_in_batch(problems: Iterable[Problem], traces: Sequence[str | None]) -> list[dict[str, Any]]:
    """Return the errors of a partly failed batch, one an input; `traces` are the ids callers gave the inputs."""
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row or 0, []).append(problem)
    return [_of_input(found, traces[row]) for row, found in sorted(by_row.items())]


def _of_input(problems: Sequence[Problem], trace: str | None) -> dict[str, Any]:
    category = _BY_CODE.get(problems[0].code, _INVALID)[1]
    context = _context(problems[0])
    if trace is not None:
        context["objectWriteTraceId"] = [trace]
    error: dict[str, Any] = {
        "status": "error",
        "category": category,
        "message": _message(problems, category, True),
        "context": context,
        "errors": _details(problems),
        "links": {},
    }
    if trace is not None:
        error["objectWriteTraceId"] = trace
    return error


def _message(problems: Sequence[Problem], category: str, values: bool) -> str:
    if values and category == "VALIDATION_ERROR" and all(problem.property for problem in problems):
        wrong = [
            {
                "isValid": False,
                "message": problem.message,
                "error": problem.code,
                "name": problem.property,
                "localizedErrorMessage": problem.message,
            }
            for problem in problems
        ]
        return f"Property values were not valid: {msgspec.json.encode(wrong).decode()}"
    return "; ".join(dict.fromkeys(problem.message for problem in problems))


def _details(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    if len(problems) == 1 and problems[0].property is None and not problems[0].context:
        return []
    return [
        {
            "message": problem.message,
            "code": problem.code,
            "context": _context(problem) | ({"propertyName": [problem.property]} if problem.property else {}),
        }
        for problem in problems
    ]


def _context(problem: Problem) -> dict[str, list[str]]:
    """Return a problem's context with every value as a list of texts, as clients expect it."""
    return {
        name: [str(each) for each in (value if isinstance(value, list | tuple) else (value,))]
        for name, value in problem.context.items()
    }
