"""What the definition of a gate may say: conditions, approvals and ticks."""

from typing import Annotated

from msgspec import Meta, Struct

from wonward.schema.property_body import Name

Words = Annotated[str, Meta(min_length=1)]


class ApprovalBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An approval by those who have the role `by`; a new value of a property in `watches` makes it void."""

    name: Name
    by: Name
    message: Words
    watches: list[Name] = []


class TickBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A tick that those who have the role `by` set, once what `label` says is done."""

    name: Name
    by: Name
    label: Words


class CriterionBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A condition that a record must meet, with those `properties` one would change for it; an approval; or a tick."""

    condition: str = ""
    message: str = ""
    properties: list[Name] = []
    approval: ApprovalBody | None = None
    tick: TickBody | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless it says exactly one thing."""
        said = [each for each in (self.condition, self.approval, self.tick) if each]
        if len(said) != 1:
            raise ValueError("a criterion has one of condition, approval and tick")
        if bool(self.condition) != bool(self.message) or (self.properties and not self.condition):
            raise ValueError("a condition has a message, and only that has message and properties")


class GateBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a record must have to stand in a stage, what is asked beside it, and what is copied where it is empty.

    Where several values of `one_each` are meant, the form offers a record for each.
    """

    requires: list[Name] = []
    optional: list[Name] = []
    criteria: list[CriterionBody] = []
    copies: dict[Name, Words] = {}
    why: str = ""
    one_each: Name | None = None
