"""The yardstick: the smallest HTTP application over the same SQL, without authentication, validation or guards.

Its statements are those the product runs, written by the bench into the file that FLOOR_STATEMENTS names.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg

SAID: dict[str, str] = json.loads(Path(os.environ["FLOOR_STATEMENTS"]).read_text(encoding="utf-8"))
_local = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer a request: the path names what is done, the body is JSON."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    given = json.loads(environ["wsgi.input"].read(length)) if length else {}
    text = WORK[environ["PATH_INFO"].strip("/")](given).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text]


def _connection() -> psycopg.Connection[tuple[Any, ...]]:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=3)
    found: psycopg.Connection[tuple[Any, ...]] = _local.connection
    return found


def _rows(name: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    return _connection().execute(SAID[name].encode(), params).fetchall()


def _read(given: dict[str, Any]) -> str:
    text: str = _rows("read", {"query_ids": [given["id"]]})[0][1]
    return text


def _batch_read(given: dict[str, Any]) -> str:
    found = _rows("batch_read", {"query_ids": [int(each["id"]) for each in given["inputs"]]})
    return f'{{"results":[{",".join(text for _, text in found)}]}}'


def _search(given: dict[str, Any]) -> str:
    found = _rows("search", given)
    total = _rows("search_total", given)[0][0]
    return f'{{"total":{total},"results":[{",".join(text for _, text in found)}]}}'


def _create(given: dict[str, Any]) -> str:
    return _write("create", given["properties"])


def _stage(given: dict[str, Any]) -> str:
    return _write("stage", given)


def _write(name: str, values: dict[str, Any]) -> str:
    with _connection().transaction():
        ((number,),) = _rows(name, values)
        _connection().execute(SAID["log"].encode(), {"id": number, "diff": json.dumps(values)})
    return _read({"id": number})


def _batch_create(given: dict[str, Any]) -> str:
    rows = [each["properties"] for each in given["inputs"]]
    values = {name: [row[name] for row in rows] for name in rows[0]}
    with _connection().transaction():
        numbers = [number for (number,) in _rows("batch_create", values)]
        diffs = [json.dumps(row) for row in rows]
        _connection().execute(SAID["batch_log"].encode(), {"ids": numbers, "diffs": diffs})
    found = _rows("read", {"query_ids": numbers})
    return f'{{"results":[{",".join(text for _, text in found)}]}}'


WORK: dict[str, Callable[[dict[str, Any]], str]] = {
    "read": _read,
    "batch_read": _batch_read,
    "search": _search,
    "create": _create,
    "batch_create": _batch_create,
    "stage": _stage,
}
