"""Turns the cells of a row into values: corrections, dates, numbers, options and owners, a column at a time.

Reads no database: owners are given, associated records are left as the text that names them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from wonward.accounts.people import Owners
from wonward.errors import Problem
from wonward.records.importing import formats
from wonward.records.importing.choices import Choices
from wonward.records.importing.columns import Column
from wonward.records.importing.table import Row
from wonward.records.validate import canonical
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.field_types.field_type import FieldError
from wonward.records.importing.template import Template

Convert = Callable[[str], str]
"""Text of a cell -> text that the write path takes; raises FieldError."""

_BOOLEANS = {"ja": "true", "sand": "true", "sandt": "true", "nej": "false", "falsk": "false"}
_WAYS = {"dmy": "day-month-year", "mdy": "month-day-year", "point": "a decimal point", "comma": "a decimal comma"}
_REMEMBERED = 20_000
"""Different texts of a column that are converted once only."""


@dataclass(slots=True)
class Draft:
    """What a row asks for: values by property, texts by the place of their reference column, problems."""

    row: Row
    values: dict[str, str] = field(default_factory=dict)
    references: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Cells:
    """Reads rows of one file into drafts; `ways` says how the dates and numbers of a column are written."""

    def __init__(
        self,
        catalog: Catalog,
        kind: ObjectType,
        columns: Sequence[Column],
        templates: Mapping[str, Template],
        ways: Mapping[int, str],
        owners: Owners,
    ) -> None:
        self._kind = kind
        self._columns = columns
        self._owners = owners
        self._zone = ZoneInfo(catalog.time_zone)
        self._templates = {kind.properties[name]: each for name, each in templates.items()}
        self._places = {column.header: column.place for column in columns}
        stage = kind.stage_property
        self._stage = stage.name if stage else None
        self._pipeline = kind.pipeline_property.name if kind.pipeline_property else None
        self._stages = {
            pipeline.name: Choices(stage, [option for option in stage.options if pipeline.stage(option.value)])
            for pipeline in catalog.pipelines_of(kind.name)
            if stage
        }
        self._readers = [
            _Reader(self._convert(column.prop, ways.get(column.place, "")) if column.prop else None, column)
            for column in columns
            if column.imported
        ]
        self._made = {prop: self._convert(prop, "") for prop in self._templates}

    def read(self, row: Row) -> Draft:
        """Return what a row asks for. Empty cells ask for nothing."""
        draft = Draft(row)
        if row.problem:
            draft.problems.append(Problem(row.problem, "INVALID_ROW"))
            return draft
        for reader in self._readers:
            text = row.cells[reader.column.place]
            if text:
                reader.read(text, draft)
        for prop, template in self._templates.items():
            self._put(draft, prop, template.filled(lambda name: self.text(row, name)), self._made[prop])
        if self._stage in draft.values:
            self._settle_stage(draft)
        return draft

    def text(self, row: Row, header: str) -> str:
        """Return a cell of a row after the map's correction."""
        place = self._places[header]
        given = row.cells[place]
        return self._columns[place].rule.options.get(given, given)

    def identity(self, row: Row, prop: Property) -> str | None:
        """Return the canonical text of an identifying property, None when the row has none to go by."""
        column = next((each for each in self._columns if each.prop == prop), None)
        text = self.text(row, column.header) if column else self._filled(row, prop)
        try:
            return canonical(prop, text) if text else None
        except FieldError:
            return None

    def _filled(self, row: Row, prop: Property) -> str:
        template = self._templates.get(prop)
        return template.filled(lambda name: self.text(row, name)) if template else ""

    def _put(self, draft: Draft, prop: Property, text: str, convert: Convert | None) -> None:
        try:
            if text:
                draft.values[prop.name] = convert(text) if convert else text
        except FieldError as error:
            draft.problems.append(Problem(str(error), error.code, prop.name))

    def _settle_stage(self, draft: Draft) -> None:
        """Find the stage among those of the row's pipeline, or of all pipelines when it names none."""
        prop = self._kind.properties[self._stage or ""]
        choices = self._stages.get(draft.values.get(self._pipeline or "", ""))
        text = draft.values.pop(prop.name)
        self._put(draft, prop, text, (choices or Choices(prop, prop.options)).value)

    def _convert(self, prop: Property, way: str) -> Convert | None:
        """Return what turns the text of a cell into a value, None for text that stays as it is."""
        if prop.name == self._stage:
            return None
        match prop.type:
            case "date":
                return lambda text: _told(formats.day(text, _order(way)), text, prop, way)
            case "datetime":
                return lambda text: _told(formats.moment(text, _order(way), self._zone), text, prop, way)
            case "number" | "currency":
                mark: formats.DecimalMark = "comma" if way == "comma" else "point"
                return lambda text: _told(formats.number(text, mark), text, prop, way)
            case "boolean":
                return lambda text: _BOOLEANS.get(text.casefold(), text)
            case "enumeration":
                return Choices(prop, prop.options).value
            case "multi_enumeration":
                return Choices(prop, prop.options).values
            case "owner":
                return lambda text: self._owner(text, prop)
        return None

    def _owner(self, text: str, prop: Property) -> str:
        found, near = self._owners.named(text)
        if len(found) == 1:
            return str(found[0].id)
        if found:
            ids = ", ".join(str(owner.id) for owner in found)
            raise FieldError(
                f"{len(found)} owners are called '{text}'; write the email address or the id ({ids})",
                "INVALID_OWNER_ID",
            )
        hint = f"; did you mean '{near}'?" if near else ""
        raise FieldError(f"There is no owner '{text}' for {prop.label}{hint}", "INVALID_OWNER_ID")


class _Reader:
    """Reads the cells of one column, converting each different text once."""

    def __init__(self, convert: Convert | None, column: Column) -> None:
        self.column = column
        self._convert = convert
        self._options = column.rule.options
        self._known: dict[str, str] = {}

    def read(self, given: str, draft: Draft) -> None:
        """Put what a filled cell says into the draft."""
        text = self._known.get(given)
        if text is None:
            text = self._options.get(given, given)
            if self._convert is not None and text:
                try:
                    text = self._convert(text)
                except FieldError as error:
                    draft.problems.append(
                        Problem(str(error), error.code, context={"column": self.column.header})
                    )
                    return
            if len(self._known) < _REMEMBERED:
                self._known[given] = text
        if not text:
            return
        if self.column.prop is not None:
            draft.values[self.column.prop.name] = text
        else:
            draft.references[self.column.place] = text


def _order(way: str) -> formats.DateOrder:
    return "mdy" if way == "mdy" else "dmy"


def _told(found: str | None, text: str, prop: Property, way: str) -> str:
    if found is not None:
        return found
    code = "INVALID_DATE" if prop.type in ("date", "datetime") else "INVALID_NUMBER"
    what = "date" if code == "INVALID_DATE" else "number"
    raise FieldError(f"'{text}' is no {what} for {prop.label}, read with {_WAYS.get(way, way)}", code)
