"""Texts put together from the cells of a row: `{account} · {product}`. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter

from wonward.errors import Invalid


@dataclass(frozen=True, slots=True)
class Template:
    """What stands before the first field, the fields each with the text before it, what stands after the last."""

    before: str
    fields: tuple[tuple[str, str], ...]
    after: str

    @property
    def names(self) -> tuple[str, ...]:
        """The headers that are filled in."""
        return tuple(name for _, name in self.fields)

    def filled(self, value: Callable[[str], str]) -> str:
        """Return the text of a row, `value` giving the cell of a header.

        An empty cell takes the separator beside it along; when all are empty the text is empty too.
        """
        found = [(separator, text) for separator, name in self.fields if (text := value(name))]
        if self.fields and not found:
            return ""
        joined = "".join(
            f"{separator if place else ''}{text}" for place, (separator, text) in enumerate(found)
        )
        return f"{self.before}{joined}{self.after}".strip()


def parse(text: str) -> Template:
    """Read a template; `{{` stands for a brace. Raise Invalid for braces that don't match."""
    before, after = "", ""
    fields: list[tuple[str, str]] = []
    try:
        for literal, name, spec, conversion in Formatter().parse(text):
            if name is None:
                after += literal
            elif not name.strip() or spec or conversion:
                raise ValueError("a field is a column's name between braces")
            elif fields:
                fields.append((after + literal, name.strip()))
                after = ""
            else:
                before, after = after + literal, ""
                fields.append(("", name.strip()))
    except ValueError as error:
        raise Invalid(f"'{text}' is no template: {error}; write it as {{account}} · {{product}}") from error
    return Template(before, tuple(fields), after) if fields else Template(after, (), "")
