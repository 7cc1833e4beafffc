"""What records get besides what was given, as the rooms above say it: copied where they have nothing themselves."""

from collections.abc import Sequence
from contextlib import suppress

from wonward.records.validate import Clean, canonical
from wonward.records.work import Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.field_type import FieldError


def given_besides(work: Work, kind: ObjectType, changes: Sequence[tuple[int, Clean]]) -> list[Clean]:
    """Return for each change what the fillers say; a text that is no value of its property is left out."""
    filled: list[Clean] = [{} for _ in changes]
    for filler in work.beside.fillers:
        found = filler(work, kind, changes)
        for (record_id, _), clean in zip(changes, filled, strict=True):
            for name, text in found.get(record_id, {}).items():
                with suppress(FieldError):
                    clean[name] = canonical(kind.properties[name], text)
    return filled
