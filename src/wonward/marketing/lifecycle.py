"""The dates on which records came into their lifecycle stages, and the rule that nothing automatic takes them back.

The stages are the options of the portal's own `lifecyclestage` in their order, the dates those properties among
`hs_lifecyclestage_<stage>_date` that its type has. Pure.
"""

from collections.abc import Collection, Sequence

from wonward.records.work import Keeper, Source, Texts, Work
from wonward.schema.catalog import ObjectType
from wonward.schema.field_types.time import iso

STAGE = "lifecyclestage"
FORWARD_ONLY: tuple[Source, ...] = ("form", "worker")
"""What never takes a stage back, as with HubSpot: forms and workflows. A stage that was cleared begins anew."""


def stages(kind: ObjectType) -> Sequence[str]:
    """Return the lifecycle stages of a type in their order."""
    prop = kind.properties.get(STAGE)
    return [option.value for option in prop.options] if prop else []


def date_of(stage: str) -> str:
    """Return the name of the property that says when a record came into a stage."""
    return f"hs_{STAGE}_{stage}_date"


def _adds(kind: ObjectType, names: Collection[str]) -> Collection[str]:
    if STAGE not in names:
        return ()
    return [name for stage in stages(kind) if (name := date_of(stage)) in kind.properties]


def _values(work: Work, kind: ObjectType, present: Texts, clean: Texts) -> Texts:
    """Date the stage that a record comes into, and take away the dates of those that it went back from."""
    was, to = present.get(STAGE), clean.get(STAGE)
    if STAGE not in clean or to == was:
        return clean
    order = stages(kind)
    place = order.index(to) if to in order else -1
    if was in order and to is not None and place < order.index(was) and work.source in FORWARD_ONLY:
        return {name: text for name, text in clean.items() if name != STAGE}
    dates: dict[str, str | None] = {}
    for at, stage in enumerate(order):
        name = date_of(stage)
        if name not in kind.properties or name in clean:
            continue
        if at > place and present.get(name) is not None:
            dates[name] = None
        elif at == place and present.get(name) is None:
            dates[name] = iso(work.now)
    return {**clean, **dates}


LIFECYCLE = Keeper(_adds, _values)
