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
class Case(Node):
    """`case when condition then value … else value end`; without `else` the last is null."""

    branches: tuple["Branch", ...]
    otherwise: Node | None = None


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """One `when condition then value` of a case."""

    condition: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`count(contacts)`, `sum(deals.amount as 'renewal' where mrr > 0)`: over the associated records of type `of`.

    `label` keeps to those associated under it, `where` to those that meet it: its names are theirs. `by` is
    the property of theirs that says which is the latest.
    """

    function: str
    of: str
    name: str | None = None
    label: str | None = None
    where: Node | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Associated(Node):
    """`associated(contacts)`: is there any; `associated(contacts, 12, 15)`: is one of these among them.

    `label` and `where` as in Aggregate.
    """

    of: str
    ids: tuple[int, ...] = ()
    label: str | None = None
    where: Node | None = None


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


@dataclass(frozen=True, slots=True)
class Dependency:
    """What an expression reads of its own record (`of` None) or of associated records of one type.

    `of` and `label` are as written, so two may come to the same type; `label` is None where all associated
    records count. Without `properties`, only which records are associated counts.
    """

    of: str | None
    label: str | None
    properties: frozenset[str]


def dependencies(tree: Node) -> tuple[Dependency, ...]:
    """Return what `tree` reads, one entry for each type and label; conditions on associated records included."""
    found: dict[tuple[str | None, str | None], set[str]] = {}
    waiting: list[tuple[Node, str | None, str | None]] = [(tree, None, None)]
    while waiting:
        node, of, label = waiting.pop()
        match node:
            case Reference(name, other):
                found.setdefault((other or of, None if other else label), set()).add(name)
            case Aggregate() | Associated():
                of, label = node.of, node.label
                read = (node.name, node.by) if isinstance(node, Aggregate) else ()
                found.setdefault((of, label), set()).update(name for name in read if name)
        waiting += [(child, of, label) for child in children(node)]
    return tuple(
        Dependency(of, label, frozenset(properties))
        for (of, label), properties in sorted(
            found.items(), key=lambda item: (item[0][0] or "", item[0][1] or "")
        )
    )
