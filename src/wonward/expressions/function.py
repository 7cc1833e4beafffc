"""What a function of the language is made of; `functions.py` has them all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from wonward.expressions import tree
from wonward.expressions.scope import Scope
from wonward.expressions.tree import Node
from wonward.expressions.typed import Typed

Read = Callable[[Node, Scope], Typed]
"""Types an argument in a scope; raises Invalid when it doesn't fit."""

Check = Callable[[tree.Call, Scope, Read], Typed | None]
"""Types a call; None when it isn't written as the function's signature has it."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is written, and what turns a call of it into something typed.

    `varies` says what its value changes with besides the record, so that it can't be kept in a column.
    """

    signature: str
    check: Check
    varies: Literal["", "the clock", "who looks", "the change log", "a list"] = ""
