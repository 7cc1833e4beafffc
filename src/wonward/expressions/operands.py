"""Fits operands to one another: texts read as what they are compared with, dates as moments beside moments.

It types nothing anew and knows no names; `check.py` and `functions.py` hand it what they have typed.
"""

from collections.abc import Sequence

from wonward.expressions import literals, tree
from wonward.expressions.place import refusal
from wonward.expressions.tree import Node
from wonward.expressions.typed import FAMILY_WORDS, TIMES, Bound, Column, Operation, Person, Typed
from wonward.expressions.unparse import unparse

_LONGEST_QUOTE = 60


def alike(nodes: Sequence[Node], typed: Sequence[Typed], *, compared: bool = True) -> tuple[Typed, ...]:
    """Return operands of one family, texts read as what the first that is no text is.

    A text that is `compared` with a property must be one of its options. Raise Invalid at what doesn't fit.
    """
    first = next((i for i, node in enumerate(nodes) if not isinstance(node, tree.Text)), 0)
    guide = typed[first]
    for node, each in zip(nodes, typed, strict=True):
        _require_comparable(node, each)
    typed = [
        read_as(node, each, guide, nodes[first], compared=compared)
        for node, each in zip(nodes, typed, strict=True)
    ]
    for node, each in zip(nodes, typed, strict=True):
        if each.family != guide.family and not {each.family, guide.family} <= TIMES:
            raise refusal(f"{what(nodes[first], guide)} but {what(node, each)}", node.place)
    _require_owners(nodes, typed)
    if any(each.family == "datetime" for each in typed):
        return tuple(moment(each) for each in typed)
    return tuple(typed)


def read_as(node: Node, own: Typed, guide: Typed, guide_node: Node, *, compared: bool = True) -> Typed:
    """Return a text read as what `guide` is, anything else as it is."""
    if isinstance(node, tree.Text) and not isinstance(guide_node, tree.Text):
        label = guide.property.label if isinstance(guide, Column) else unparse(guide_node)
        if guide.family == "text" and not compared:
            return own
        return literals.read(node, guide, label)
    return own


def _require_comparable(node: Node, typed: Typed) -> None:
    if typed.family == "null":
        raise refusal("nothing equals null; write 'is null' or 'is not null'", node.place)
    if typed.family == "set":
        raise refusal(
            f"{quoted(node, typed)} holds several values; write has({unparse(node)}, 'a')", node.place
        )


def _require_owners(nodes: Sequence[Node], typed: Sequence[Typed]) -> None:
    """Refuse comparing an owner with anything but whole numbers and other owners."""
    if not any(map(is_owner, typed)):
        return
    for node, each in zip(nodes, typed, strict=True):
        if not is_owner(each) and not (isinstance(each, Bound) and each.cast == "bigint"):
            raise refusal("an owner can only be compared with an owner's id", node.place)


def is_owner(typed: Typed) -> bool:
    """Tell whether this is the id of an owner, which isn't there to calculate with."""
    return isinstance(typed, Person) or (isinstance(typed, Column) and typed.property.type == "owner")


def require_order(nodes: Sequence[Node], typed: Sequence[Typed]) -> None:
    """Raise Invalid at the first operand that is neither more nor less than another."""
    for node, each in zip(nodes, typed, strict=True):
        if each.family == "boolean" or (isinstance(each, Column) and each.property.options):
            raise refusal(f"{quoted(node, each)} has no order; compare it with =, != or in", node.place)


def amount(node: Node, typed: Typed) -> Typed:
    """Return what can be calculated with; raise Invalid when it can't."""
    if typed.family != "number" or is_owner(typed):
        raise refusal(f"only numbers can be calculated with; {what(node, typed)}", node.place)
    return typed


def moment(typed: Typed) -> Typed:
    """Return a date as its first moment in UTC, as HubSpot counts dates."""
    return typed if typed.family == "datetime" else Operation("datetime", "moment", (typed,))


def what(node: Node, typed: Typed) -> str:
    """Return `'mrr' is a number`, for messages."""
    return f"{quoted(node, typed)} is {'an owner' if is_owner(typed) else FAMILY_WORDS[typed.family]}"


def quoted(node: Node, typed: Typed) -> str:
    """Return a property by its label, all else as it is written, cut short."""
    if isinstance(typed, Column):
        of = f" of {typed.route.to.label}" if typed.route else ""
        return f"'{typed.property.label}{of}'"
    text = unparse(node)
    if len(text) > _LONGEST_QUOTE:
        text = f"{text[:_LONGEST_QUOTE]}…"
    return text if isinstance(node, tree.Text) else f"'{text}'"
