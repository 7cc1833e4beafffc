"""Where in an expression's text something stands, and the refusals that point there."""

from dataclasses import asdict, dataclass

from wonward.errors import Invalid, Problem


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of text: offsets from 0 (`end` not included), line and column from 1."""

    start: int
    end: int
    line: int
    column: int


def place_at(text: str, start: int, end: int) -> Place:
    """Return the place of `text[start:end]`."""
    return Place(start, end, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))


def spanning(*places: Place | None) -> Place | None:
    """Return the place from the first to the last of `places`, None when none is known."""
    known = [place for place in places if place]
    if not known:
        return None
    first = min(known, key=lambda place: place.start)
    return Place(first.start, max(place.end for place in known), first.line, first.column)


def refusal(
    message: str, place: Place | None, code: str = "INVALID_EXPRESSION", named: str | None = None
) -> Invalid:
    """Return the error to raise: `message` after its place, `named` being the property it concerns."""
    if place is None:
        return Invalid([Problem(message, code, named)])
    line = f"line {place.line}, " if place.line > 1 else ""
    where = f"at {line}column {place.column}: {message}"
    return Invalid([Problem(where, code, named, context=asdict(place))])


def pointer(text: str, problem: Problem) -> str:
    """Return two lines for a console or page: the line of `text` at fault, and carets under the place.

    Empty when the problem has no place in the text.
    """
    if "start" not in problem.context:
        return ""
    start, end, column = (problem.context[key] for key in ("start", "end", "column"))
    line = text.split("\n")[problem.context["line"] - 1]
    width = max(1, min(end - start, len(line) - column + 1))
    return f"{line.expandtabs(1)}\n{' ' * (column - 1)}{'^' * width}"
