"""Figures out of cells: what a metric comes to for some of them, a currency apart from the others. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from wonward.metrics.compile import Cell
from wonward.metrics.period import Span
from wonward.schema.metrics import Measure

Amounts = Mapping[str, Decimal | None]
"""A figure by currency, under the empty text where it isn't money; None where nothing is known of it."""


def measured(measure: Measure, cells: Iterable[Cell]) -> Amounts:
    """Return what cells come to together, by currency; a count or a sum of nothing is 0."""
    by_currency: dict[str, list[Cell]] = {}
    for cell in cells:
        by_currency.setdefault(cell.currency, []).append(cell)
    return {currency: _together(measure, some) for currency, some in sorted(by_currency.items())}


def _together(measure: Measure, cells: list[Cell]) -> Decimal | None:
    known = [cell for cell in cells if cell.known]
    if measure == "count":
        return Decimal(sum(cell.records for cell in cells))
    total = sum((cell.total for cell in known), Decimal(0))
    if measure == "sum":
        return total
    if not known:
        return None
    if measure == "average":
        return total / sum(cell.known for cell in known)
    ends = [cell.least if measure == "min" else cell.most for cell in known]
    return (min if measure == "min" else max)(each for each in ends if each is not None)


def divided(above: Amounts, below: Amounts) -> Amounts:
    """Return a ratio: each currency over its own, or over a plain number; nothing over nothing is unknown."""
    divisors = {currency: below.get(currency, below.get("")) for currency in above or {"": None}}
    return {
        currency: (above.get(currency) or Decimal(0)) / divisor if divisor else None
        for currency, divisor in divisors.items()
    }


@dataclass(frozen=True, slots=True)
class Figure:
    """What a metric comes to, of how many records, and the filter under which a list shows just these.

    `object_type` and `where` are None and empty when there is no such list.
    """

    amounts: Amounts
    object_type: str = ""
    where: str = ""
    records: int = 0
    goal: Decimal | None = None

    def of(self, currency: str) -> Decimal:
        """Return the figure in a currency, 0 when it has none in it."""
        return self.amounts.get(currency) or self.amounts.get("") or Decimal(0)


@dataclass(frozen=True, slots=True)
class Row:
    """One group, stage or bucket of a tile by its canonical value, with its figures; `span` is that of a bucket.

    There is one a metric; a forecast has two, what is won and what is open.
    """

    key: str | None
    figures: tuple[Figure, ...]
    span: Span | None = None
