"""Reads the rows of a file into drafts: what each asks for, with the problems of its cells.

Reads no database: owners are given, associated records are left as the text that names them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from wonward.accounts.people import Owners
from wonward.errors import Problem
from wonward.records.importing.choices import Choices
from wonward.records.importing.columns import Column
from wonward.records.importing.convert import Convert, converter
from wonward.records.importing.table import Row
from wonward.records.importing.template import Template
from wonward.records.validate import canonical
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.field_type import FieldError

_REMEMBERED = 20_000
"""Different texts of a column that are converted once only."""


@dataclass(slots=True)
class Draft:
    """What a row asks for: values by property, names of records by the place of their reference column."""

    row: Row
    values: dict[str, str] = field(default_factory=dict)
    references: dict[int, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Cells:
    """Reads rows of one file; `ways` says how the dates and numbers of a column are written."""

    def __init__(
        self,
        catalog: Catalog,
        kind: ObjectType,
        columns: Sequence[Column],
        templates: Mapping[str, Template],
        ways: Mapping[int, str],
        owners: Owners,
    ) -> None:
        zone = ZoneInfo(catalog.time_zone)
        self._templates = templates
        self._by_header = {column.header: column for column in columns}
        self._by_property = {column.prop.name: column for column in columns if column.prop}
        self._stages = _Stages(catalog, kind)
        self._readers = [
            _Reader(
                column, column.prop, self._converter(column.prop, ways.get(column.place, ""), zone, owners)
            )
            for column in columns
            if column.imported
        ]
        self._makers = [
            (_Reader(None, prop, self._converter(prop, "", zone, owners)), template)
            for prop, template in ((kind.properties[name], each) for name, each in templates.items())
        ]

    def _converter(self, prop: Property | None, way: str, zone: ZoneInfo, owners: Owners) -> Convert | None:
        """Return what makes the canonical text of a property's cells, so that all problems of a row show at once."""
        if prop is None or prop == self._stages.prop:
            return None
        convert = converter(prop, way, zone, owners)
        if convert is None:
            return lambda text: canonical(prop, text) or ""
        return lambda text: canonical(prop, convert(text)) or ""

    def read(self, row: Row) -> Draft:
        """Return what a row asks for. Empty cells ask for nothing."""
        draft = Draft(row)
        if row.problem:
            draft.problems.append(Problem(row.problem, "INVALID_ROW"))
            return draft
        cells = row.cells
        for reader in self._readers:
            if cells[reader.place]:
                reader.read(cells[reader.place], draft)
        for maker, template in self._makers:
            text = self._fill(row, template)
            if text:
                maker.read(text, draft)
        self._stages.settle(draft)
        return draft

    def text(self, row: Row, column: Column) -> str:
        """Return a cell of a row after the map's correction."""
        given = row.cells[column.place]
        return column.rule.options.get(given, given)

    def identity(self, row: Row, prop: Property) -> str | None:
        """Return the canonical text of an identifying property, None when the row has none to go by."""
        column = self._by_property.get(prop.name)
        template = self._templates.get(prop.name)
        text = self.text(row, column) if column else self._fill(row, template) if template else ""
        try:
            return canonical(prop, text) if text else None
        except FieldError:
            return None

    def _fill(self, row: Row, template: Template) -> str:
        if not template.fields:
            return template.before
        return template.filled(lambda name: self.text(row, self._by_header[name]))


class _Reader:
    """Reads the texts of one column or template, converting each different one once."""

    def __init__(self, column: Column | None, prop: Property | None, convert: Convert | None) -> None:
        self.place = column.place if column else -1
        self._header = column.header if column else ""
        self._name = prop.name if prop else None
        self._convert = convert
        self._options = column.rule.options if column else {}
        self._several = bool(column and column.reference and column.reference.several)
        self._known: dict[str, str] = {}

    def read(self, given: str, draft: Draft) -> None:
        """Put what a text says into the draft."""
        value = self._known.get(given)
        if value is None:
            try:
                value = self._value(given)
            except FieldError as error:
                context = {"column": self._header}
                draft.problems.append(Problem(str(error), error.code, self._name, context=context))
                return
        if not value:
            return
        if self._name is not None:
            draft.values[self._name] = value
        else:
            draft.references[self.place] = self._names(value)

    def _names(self, value: str) -> tuple[str, ...]:
        """Return the names in a cell: one, or several ids with semicolons between."""
        if not self._several:
            return (value,)
        return tuple(dict.fromkeys(part.strip() for part in value.split(";") if part.strip()))

    def _value(self, given: str) -> str:
        text = self._options.get(given, given).strip()
        if text and self._convert:
            text = self._convert(text)
        if len(self._known) < _REMEMBERED:
            self._known[given] = text
        return text


class _Stages:
    """Finds stages by name or label among those of the row's pipeline, or of all when it names none."""

    def __init__(self, catalog: Catalog, kind: ObjectType) -> None:
        self.prop = kind.stage_property
        self._pipeline = kind.pipeline_property.name if kind.pipeline_property else ""
        self._known: dict[tuple[str | None, str], str] = {}
        self._choices: dict[str | None, Choices] = {}
        if self.prop:
            self._choices[None] = Choices(self.prop, self.prop.options)
            for pipeline in catalog.pipelines_of(kind.name):
                own = [option for option in self.prop.options if pipeline.stage(option.value)]
                self._choices[pipeline.name] = Choices(self.prop, own)

    def settle(self, draft: Draft) -> None:
        """Replace the stage that a draft names by its internal value."""
        text = draft.values.get(self.prop.name) if self.prop else None
        if self.prop is None or text is None:
            return
        pipeline = draft.values.get(self._pipeline)
        value = self._known.get((pipeline, text))
        if value is None:
            try:
                value = (self._choices.get(pipeline) or self._choices[None]).value(text)
            except FieldError as error:
                draft.problems.append(Problem(str(error), error.code, self.prop.name))
                return
            self._known[pipeline, text] = value
        draft.values[self.prop.name] = value
