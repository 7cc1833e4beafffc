"""Finds the option that a cell means: by its internal value, else by its label. Pure."""

from collections.abc import Sequence

from wonward.records.importing.spelling import fold, nearest
from wonward.schema.catalog import Option, Property
from wonward.schema.field_types.field_type import FieldError


class Choices:
    """The options of an enumeration, ready to be looked up many times."""

    def __init__(self, prop: Property, options: Sequence[Option]) -> None:
        self._prop = prop
        self._values = {option.value: option.value for option in options}
        self._folded: dict[str, set[str]] = {}
        for option in options:
            for spelling in {fold(option.value), fold(option.label)}:
                self._folded.setdefault(spelling, set()).add(option.value)
        self._labels = {option.label: option.value for option in options}

    def value(self, given: str) -> str:
        """Return the internal value of the option that `given` names; raise FieldError with the nearest."""
        exact = self._values.get(given)
        if exact is not None:
            return exact
        found = self._folded.get(fold(given), set())
        if len(found) == 1:
            return next(iter(found))
        raise FieldError(self._refusal(given, sorted(found)), "INVALID_OPTION")

    def values(self, given: str) -> str:
        """Return the internal values of several options with semicolons between."""
        return ";".join(self.value(part.strip()) for part in given.split(";") if part.strip())

    def _refusal(self, given: str, found: Sequence[str]) -> str:
        label = self._prop.label
        if found:
            return f"'{given}' may be {' or '.join(found)} of {label}; write the one that is meant"
        near = nearest(given, [*self._labels, *self._values])
        if near is None:
            shown = list(self._labels)
            return f"'{given}' is no option of {label}; choose from {', '.join(shown[:12])}{', …' * (len(shown) > 12)}"
        return (
            f"'{given}' is no option of {label}; did you mean '{near}'? Mend the cell, or say it in the map: "
            f"options: {{{given}: {self._labels.get(near, near)}}}"
        )
