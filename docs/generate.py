"""Writes the reference pages that follow from the code: settings, commands, blueprint files, data dictionary.

Run it as `.venv/bin/python docs/generate.py` after changing any of these; a test compares the pages with
what it would write. The other pages are written by hand.
"""

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import click
import django
import msgspec
import yaml

from wonward.schema import (
    definitions,
    form_body,
    gate_body,
    metric_body,
    property_body,
    role_body,
    scheduling_body,
    sequence_body,
    view_body,
    workflow_body,
)
from wonward.schema.field_types.registry import FIELD_TYPES

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "src" / "wonward"
STANDARD = PACKAGE / "schema" / "standard"
MOST_OPTIONS = 12

ELSEWHERE = {
    "WONWARD_SECRET_KEY": (
        "made once",
        "Signs sessions and forms. When it isn't given, one is made and kept in `WONWARD_DATA`, for its owner's eyes.",
    ),
    "WONWARD_PASSWORD": (
        "asked for",
        "The password for `wonward user create`, so that a script needs no keyboard.",
    ),
}
"""Variables that are read outside the part of settings.py that lists them: default and meaning."""

Row = Sequence[str]


def pages() -> Mapping[Path, str]:
    """Return the text of every generated page by its path."""
    made = {"settings": settings, "cli": commands, "blueprint-files": files, "data-dictionary": dictionary}
    return {DOCS / "reference" / f"{name}.md": page(write()) for name, write in made.items()}


def page(lines: Iterable[str]) -> str:
    """Return a page of its blocks, with a blank line between them."""
    title, *rest = lines
    note = "<!-- Written by docs/generate.py; change what it describes and run it again. -->"
    return "\n\n".join((title, note, *rest)) + "\n"


def table(heads: Row, rows: Iterable[Row]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(text: object) -> str:
    """Return text as code; nothing for nothing."""
    return f"`{text}`" if text not in ("", None) else ""


# --- settings -------------------------------------------------------------------------------------


def settings() -> Iterator[str]:
    """Yield the page of settings: those of settings.py with the text beneath each, then the others."""
    yield "# Settings"
    yield (
        "Wonward reads its settings from the environment, once, when a process starts. "
        "None has to be set for `./dev demo`."
    )
    found = {name: (default, text) for name, default, text in _stated((PACKAGE / "settings.py").read_text())}
    rows = {**found, **{name: each for name, each in ELSEWHERE.items() if name not in found}}
    yield table(
        ("variable", "when not given", "what it does"),
        ([code(name), default, text] for name, (default, text) in rows.items()),
    )
    yield (
        "How they work together on a server that others reach: "
        "[run in production](../how-to/run-in-production.md)."
    )


def _stated(source: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, default and text of each assignment from the environment with a string beneath it."""
    body = ast.parse(source).body
    for statement, beneath in pairwise(body):
        match statement, beneath:
            case ast.Assign(), ast.Expr(ast.Constant(str(text))):
                for call in ast.walk(statement.value):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "os.environ.get":
                        name, default = call.args[0], (*call.args[1:], None)[0]
                        yield ast.literal_eval(name), _default(default), " ".join(text.split())


def _default(node: ast.expr | None) -> str:
    match node:
        case None | ast.Constant(""):
            return "empty"
        case ast.Constant(value):
            return code(value)
        case _:
            return {"_HOME": code("~/.local/share/wonward")}.get(ast.unparse(node)) or code(ast.unparse(node))


# --- the command line -----------------------------------------------------------------------------


def commands() -> Iterator[str]:
    """Yield the page of commands, from click's own definitions."""
    from wonward.cli.commands import wonward  # noqa: PLC0415 - its models need Django's settings first

    yield "# The command line"
    yield (
        "`wonward` is in `.venv/bin` after `./dev setup`. Every command but `--help` needs the database: "
        "`DATABASE_URL`'s, else the bundled server, which starts by itself and stops with the last command."
    )
    yield table(
        ("exit code", "meaning"),
        (
            ("0", "done"),
            ("1", "refused; each reason stands on a line of the error output"),
            ("2", "wrong usage"),
            ("130", "stopped by Ctrl+C"),
        ),
    )
    yield "`./dev` is the developer's tool and lists its own commands; see [CONTRIBUTING](../../CONTRIBUTING.md)."
    yield from _commands(wonward, "wonward")


def _commands(group: click.Group, path: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
            continue
        with click.Context(command, info_name=f"{path} {name}") as context:
            pieces = " ".join(command.collect_usage_pieces(context))
            yield f"## {path} {name}"
            yield f"```\n{path} {name} {pieces}\n```"
            yield " ".join((command.help or "").split())
            options = [
                each.get_help_record(context) for each in command.params if isinstance(each, click.Option)
            ]
            rows = [(code(record[0]), _sentence(record[1])) for record in options if record]
            if rows:
                yield table(("option", "meaning"), rows)


def _sentence(about: str) -> str:
    """Return an option's help with what click puts in brackets after it as a sentence of its own."""
    text, _, extra = about.removesuffix("]").partition("[") if about.endswith("]") else (about, "", "")
    facts = [fact for fact in extra.split("; ") if fact and "x" not in re.split("[<>]=", fact)]
    return " ".join([text.strip(), *(f"{fact[0].upper()}{fact[1:]}." for fact in facts)]).strip()


# --- blueprint files ------------------------------------------------------------------------------

_BODIES = (
    definitions,
    gate_body,
    property_body,
    workflow_body,
    sequence_body,
    role_body,
    view_body,
    scheduling_body,
    metric_body,
    form_body,
)


def files() -> Iterator[str]:
    """Yield the page of blueprint files: the texts of blueprint-files.yaml around the definitions' own fields."""
    texts = yaml.safe_load((DOCS / "reference" / "blueprint-files.yaml").read_text(encoding="utf-8"))
    yield "# Blueprint files"
    yield from texts["intro"]
    described = dict(texts["bodies"])
    bodies = {
        name: each
        for name, each in {key: each for module in _BODIES for key, each in vars(module).items()}.items()
        if name.endswith("Body")
    }
    for name, about in described.items():
        struct = bodies[name]
        yield f"## {_title(name)}"
        yield from about["text"]
        yield table(("key", "value", "when left out", "meaning"), _fields(struct, about["keys"]))
        if "example" in about:
            yield f"```yaml\n{about['example'].rstrip()}\n```"
    yield "## Types of property"
    yield texts["field_types_text"]
    rows = [(code(name), texts["field_types"].pop(name)) for name in FIELD_TYPES]
    yield table(("type", "holds"), rows)
    yield from texts["end"]
    _nothing_left(texts["field_types"])
    _nothing_left(bodies.keys() - described.keys())


def _fields(struct: type[msgspec.Struct], meanings: dict[str, str]) -> Iterator[Row]:
    for each in msgspec.structs.fields(struct):
        if each.required:
            missing = "required"
        elif each.default is msgspec.NODEFAULT:
            missing = "empty"
        else:
            missing = {"": "empty", None: "none"}.get(each.default) or code(_yaml(each.default))
        yield code(each.encode_name), _type(each.type), missing, meanings.pop(each.encode_name)
    _nothing_left(meanings)


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(kind: Any) -> str:
    """Return a field's type in words."""
    words = {str: "text", int: "whole number", bool: "`true` or `false`", Any: "anything"}
    origin, inside = get_origin(kind), get_args(kind)
    if kind in words:
        found = words[kind]
    elif hasattr(kind, "__metadata__"):
        found = _constrained(inside[0], kind.__metadata__[0])
    elif origin is Literal:
        found = " or ".join(code(each) for each in inside)
    elif NoneType in inside:
        found = _type(next(each for each in inside if each is not NoneType))
    elif origin is list:
        found = "list" if get_origin(inside[0]) is dict else f"list of {_several(_type(inside[0]))}"
    elif origin is dict:
        found = f"{_type(inside[0])} → {_type(inside[1])}"
    else:
        title = _title(kind.__name__).lower()
        found = f"[{title}](#{title.replace(' ', '-')})"
    return found


def _several(word: str) -> str:
    return word.replace("](", "s](") if "](" in word else f"{word}s"


def _title(struct: str) -> str:
    return re.sub("(?<!^)([A-Z])", r" \1", struct.removesuffix("Body")).capitalize()


def _constrained(kind: Any, meta: msgspec.Meta) -> str:
    if meta.pattern:
        return "name" if "a-z" in meta.pattern else f"text like {code(meta.pattern.strip('^$'))}"
    least = f", {meta.ge} or more" if meta.ge is not None else ""
    return _type(kind) + least + (", not empty" if meta.min_length else "")


def _nothing_left(names: Iterable[str]) -> None:
    left = sorted(names)
    if left:
        raise SystemExit(f"blueprint-files.yaml and the code disagree about: {', '.join(left)}")


# --- data dictionary ------------------------------------------------------------------------------


def dictionary() -> Iterator[str]:
    """Yield the page of the standard object types with their properties, associations and pipelines."""
    shipped = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in STANDARD.glob("*.yaml")
    }
    system, links, pipelines, rollups = (
        shipped.pop(name) for name in ("system", "associations", "pipelines", "rollups")
    )
    for place, each in rollups.items():
        kind, _, name = place.partition(".")
        shipped[kind]["properties"][name] = each
    kinds = sorted(shipped.values(), key=lambda kind: int(kind["type_id"].removeprefix("0-")))
    yield "# Data dictionary"
    yield (
        "The standard object types as they ship, in `src/wonward/schema/standard/`. A blueprint takes those it lists "
        "under `standard:` and may add to them, change them and take properties away; "
        "[blueprint files](blueprint-files.md) says how. Names and type ids are HubSpot's."
    )
    yield table(
        ("object type", "plural", "type id", "properties"),
        (
            (
                f"[{kind['label']}](#{kind['object_type'].replace('_', '-')})",
                code(kind["plural"]),
                code(kind["type_id"]),
                str(len(kind["properties"])),
            )
            for kind in kinds
        ),
    )
    yield "## Every object type"
    yield "These show columns that the write path itself keeps; nobody sets them."
    yield _properties(system)
    for kind in kinds:
        yield f"## {kind['object_type'].replace('_', ' ').capitalize()}"
        yield _kind(kind)
        yield _properties(kind["properties"], kind["groups"])
    yield "## Associations"
    yield "Each goes both ways; the first number is the type id from left to right, the second the way back."
    yield table(("from", "to", "label", "type ids"), _associations(links))
    yield "## Pipelines"
    yield "Only tickets come with a pipeline. A portal with deals says its own."
    for name, pipeline in pipelines.items():
        yield f"{code(name)}, {pipeline['label']}:"
        yield table(
            ("stage", "name", "purpose"),
            ((each["label"], code(each["name"]), each["purpose"]) for each in pipeline["stages"]),
        )


def _kind(kind: Mapping[str, Any]) -> str:
    facts = [
        f"Known by {', '.join(map(code, kind['display']))}; found by {', '.join(map(code, kind['search']))}."
    ]
    if kind.get("key"):
        facts.append(f"Imports and associations recognise one by {code(kind['key'])}.")
    if kind.get("activity"):
        facts.append("It is an activity: it stands on the timeline of the records it is associated with.")
    return " ".join(facts)


def _properties(properties: Mapping[str, Any], groups: Mapping[str, str] | None = None) -> str:
    heads = ("property", "name", "type", "meaning", *(("group",) if groups else ()))
    rows = []
    for name, each in properties.items():
        kind = each["type"] + "".join(f", {word}" for word in ("unique", "required") if each.get(word))
        group = (groups.get(each.get("group", ""), ""),) if groups else ()
        rows.append((each["label"], code(name), kind, _meaning(each), *group))
    return table(heads, rows)


def _meaning(each: Mapping[str, Any]) -> str:
    text = str(each.get("description", ""))
    if each.get("options_from"):
        text += f" Options: the {each['options_from']} of the portal."
    values = [code(option["value"]) for option in each.get("options", ())]
    if values:
        more = f" and {len(values) - MOST_OPTIONS} more" if len(values) > MOST_OPTIONS else ""
        text += f" Options: {', '.join(values[:MOST_OPTIONS])}{more}."
    if each.get("expression"):
        text += f" Calculated: {code(each['expression'])}."
    if each.get("default"):
        text += f" Default: {code(each['default'])}."
    return text.strip()


def _associations(links: Mapping[str, Any]) -> Iterator[Row]:
    for link in links.values():
        for label in ({"label": "none", **link}, *link.get("labels", {}).values()):
            words = [label["label"], *([label["inverse_label"]] if label.get("inverse_label") else [])]
            ids = [str(label[key]) for key in ("type_id", "inverse_id") if key in label]
            limited = label.get("primary") or label.get("limit")
            yield link["from"], link["to"], " / ".join(words) + (" (one)" if limited else ""), " / ".join(ids)


def main() -> None:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wonward.settings")
    os.environ.setdefault("WONWARD_SECRET_KEY", "nothing is signed here")
    django.setup()
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
