"""The tree every expression becomes, whether written as text or as HubSpot's filters.

Pure data with nothing looked up: names are as written, and a text may still turn out to be a date or an
option. Equal trees mean the same; places in the text don't count. Limits of size are kept here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from itertools import chain

from wonward.expressions.place import Place, refusal

LONGEST = 3_000
"""Characters of text."""
MOST_NODES = 500
"""Names, values and operations in one expression."""
DEEPEST = 60
"""Operations inside one another."""


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    place: Place | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Text(Node):
    """`'customer'`; a date, a length of time or an option where its neighbour asks for one."""

    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`12.50`, exact."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`."""


@dataclass(frozen=True, slots=True)
class Reference(Node):
    """A property: `sector`, or with `of` an associated record's, `company.sector`."""

    name: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of two or more conditions."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Any of two or more conditions."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite; over a Membership, Range, Like or NullTest it is `not in`, `is not null` and so on."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left operator right`, the operator one of `= != < <= > >=`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`operand in (choices)`."""

    operand: Node
    choices: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`operand between low and high`, both ends included."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Like(Node):
    """`operand like pattern`, or `ilike` where `any_case`."""

    operand: Node
    pattern: Node
    any_case: bool = False


@dataclass(frozen=True, slots=True)
class NullTest(Node):
    """`operand is null`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`left operator right`, the operator one of `+ - * /`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """`-operand`; never directly over a Number, which carries its own sign."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of the language other than those over associations."""

    name: str
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`count(contacts)`, `sum(deals.amount)`: over the associated records of type `of`."""

    function: str
    of: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Associated(Node):
    """`associated(contacts)`: is there any; `associated(contacts, 12, 15)`: is one of these among them."""

    of: str
    ids: tuple[int, ...] = ()


def all_of(parts: Iterable[Node], place: Place | None = None) -> Node:
    """Return the conjunction of conditions, flat; the condition itself when it is one, true when none."""
    return _joined(And, parts, place, empty=True)


def any_of(parts: Iterable[Node], place: Place | None = None) -> Node:
    """Return the disjunction of conditions, flat; the condition itself when it is one, false when none."""
    return _joined(Or, parts, place, empty=False)


def _joined(kind: type[And] | type[Or], parts: Iterable[Node], place: Place | None, *, empty: bool) -> Node:
    flat = tuple(chain.from_iterable(part.parts if isinstance(part, kind) else (part,) for part in parts))
    if len(flat) > 1:
        return kind(flat, place=place)
    return flat[0] if flat else Truth(empty, place=place)


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly under `node`, in the order they are written."""
    for part in fields(node):
        value = getattr(node, part.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, Node):
                yield child


def walk(tree: Node) -> Iterator[tuple[Node, int]]:
    """Yield every node of `tree` with its depth from 1; safe on trees of any depth."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in children(node))


def within_limits(tree: Node) -> None:
    """Raise Invalid when `tree` is larger or deeper than the language allows."""
    for count, (node, depth) in enumerate(walk(tree), start=1):
        if depth > DEEPEST:
            raise refusal(f"more than {DEEPEST} operations inside one another; split it up", node.place)
        if count > MOST_NODES:
            raise refusal(f"more than {MOST_NODES} names and values; split it up", node.place)


def dependencies(tree: Node) -> frozenset[tuple[str | None, str]]:
    """Return what `tree` reads, as (object type, property), both as written.

    The object type is None for the record's own; the property is `*` where only the associated records
    themselves count, as in `count(contacts)`.
    """
    found: set[tuple[str | None, str]] = set()
    for node, _ in walk(tree):
        match node:
            case Reference(name, of):
                found.add((of, name))
            case Aggregate(_, of, name):
                found.add((of, name or "*"))
            case Associated(of):
                found.add((of, "*"))
    return frozenset(found)
