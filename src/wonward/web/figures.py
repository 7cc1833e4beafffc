"""Figures as people read them: amounts in their units, names of groups and buckets, and the list behind each figure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wonward.metrics.compile import is_money
from wonward.metrics.figure import Figure
from wonward.metrics.filters import grouping
from wonward.metrics.period import Span
from wonward.metrics.staff import Staff
from wonward.schema.catalog import ObjectType
from wonward.schema.metrics import TEAM, Metric, Unit
from wonward.web import amounts, moments
from wonward.web.access import Visit
from wonward.web.addresses import url

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as text, with the address of the list of its records and what a tooltip says of these."""

    text: str
    address: str = ""
    title: str = ""


@dataclass(frozen=True)
class Writer:
    """Writes the figures of one page."""

    visit: Visit
    staff: Staff

    def told(self, figure: Figure, metric: Metric, kind: ObjectType) -> Told:
        """Return a figure with the way to its records."""
        texts = [self.amount(each, metric, kind, currency) for currency, each in figure.amounts.items()]
        written = " + ".join(texts) or self.amount(
            self._none(metric), metric, kind, self.visit.catalog.currency
        )
        address = f"{url('listing', self.visit.portal, kind.plural)}?{urlencode({'where': figure.where})}"
        named = kind.label if figure.records == 1 else kind.plural_label
        return Told(written, address, f"{amounts.number(str(figure.records))} {named.lower()}")

    @staticmethod
    def _none(metric: Metric) -> Decimal | None:
        return Decimal(0) if metric.measure in ("count", "sum") else None

    def amount(self, amount: Decimal | None, metric: Metric, kind: ObjectType, currency: str = "") -> str:
        """Return an amount in the unit of a metric."""
        if amount is None:
            return NOTHING
        unit: Unit = metric.unit or ("money" if is_money(kind, metric) else "number")
        if unit == "money":
            whole = abs(amount) >= 100 or amount == amount.to_integral_value()
            return amounts.money(
                _rounded(amount, "1" if whole else "0.01"), currency or self.visit.catalog.currency
            )
        if unit == "percent":
            return f"{plain(amount * 100, '0.1')} %"
        if unit == "days":
            return ngettext("%(days)s day", "%(days)s days", 1 if amount == 1 else 2) % {
                "days": plain(amount, "0.1")
            }
        return plain(amount, "0.01")

    def groups(self, kind: ObjectType, by: str) -> Callable[[str | None], tuple[str, str | None]]:
        """Return what names a group by its value, with the colour of an option that has one."""
        prop = grouping(kind, by)
        if by == TEAM:
            teams = {str(each.pk): each.name for each in self.staff.teams.values()}
            return lambda key: (teams.get(key or "", _("No team")), None)
        if prop is None or prop.type == "owner":
            return lambda key: (self.staff.name(key) or _("Nobody"), None)
        if prop.type == "boolean":
            return lambda key: ({"true": _("Yes"), "false": _("No")}.get(key or "", _("Empty")), None)
        options = prop.option_values
        return lambda key: (
            prop.option_label(key) if key else _("Empty"),
            options[key].colour if key and key in options else None,
        )


def group_name(kind: ObjectType, by: str) -> str:
    """Return what figures are grouped by, in words."""
    names = {"owner": _("Person"), "team": _("Team"), "stage": _("Stage")}
    return names.get(by) or (kind.properties[by].label if by in kind.properties else by)


def plain(amount: Decimal, step: str) -> str:
    """Return a number rounded to a step, without zeros at its end."""
    rounded = _rounded(amount, step).normalize()
    return amounts.number(f"{rounded:f}")


def _rounded(amount: Decimal, step: str) -> Decimal:
    return amount.quantize(Decimal(step), ROUND_HALF_UP)


def short(amount: Decimal) -> str:
    """Return a number in very little room, as over a column: `12k`, `1.3M`."""
    if abs(amount) >= 1_000_000:
        return _("%(number)sM") % {"number": plain(amount / 1_000_000, "0.1")}
    if abs(amount) >= 10_000:
        return _("%(number)sk") % {"number": plain(amount / 1000, "1")}
    return plain(amount, "1" if abs(amount) >= 10 else "0.1")


def bucket_name(span: Span, bucket: str) -> str:
    """Return what a bucket is called under a chart."""
    if bucket == "week":
        return _("w. %(week)s") % {"week": span.start.isocalendar().week}
    if bucket == "day":
        return str(formats.date_format(span.start, "j/n"))
    if bucket == "quarter":
        return _("Q%(quarter)s") % {"quarter": (span.start.month + 2) // 3}
    return (
        str(formats.date_format(span.start, "M")).rstrip(".") if bucket == "month" else str(span.start.year)
    )


def span_name(span: Span) -> str:
    """Return what a span is called in full."""
    if span.length == "month":
        return str(formats.date_format(span.start, "F Y"))
    if span.length == "quarter":
        return f"{bucket_name(span, 'quarter')} {span.start.year}"
    if span.length == "year":
        return str(span.start.year)
    return f"{moments.day(span.start)} – {moments.day(_last(span))}"


def _last(span: Span) -> date:
    return date.fromordinal(span.end.toordinal() - 1)
