"""All field types by name: the one place a new one is entered."""

from collections.abc import Mapping

from wonward.schema.field_types import choice, number, text, time
from wonward.schema.field_types.field_type import FieldType

FIELD_TYPES: Mapping[str, FieldType] = {
    kind.name: kind
    for kind in (
        text.TEXT,
        text.LONG_TEXT,
        text.EMAIL,
        text.PHONE,
        text.URL,
        number.NUMBER,
        number.CURRENCY,
        time.DATE,
        time.DATETIME,
        choice.BOOLEAN,
        choice.ENUMERATION,
        choice.MULTI_ENUMERATION,
        choice.OWNER,
    )
}
