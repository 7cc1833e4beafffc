"""A workflow's steps as a program: each step by its place, with the place that follows. And which ones hold now.

Places are as a reader counts: `2` is the second step, `2.then.1` the first of its branch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.db.models import F

from wonward.automation.actions.action import Step
from wonward.automation.actions.registry import BY_NAME
from wonward.documents.models import DocumentVersion
from wonward.errors import Invalid
from wonward.expressions.parse import parse
from wonward.expressions.tree import Call, dependencies, walk
from wonward.records.work import Work
from wonward.schema.sequence_body import sequence_of
from wonward.schema.workflow import Workflow
from wonward.schema.workflow_body import workflow_of

READERS: Mapping[str, Callable[[str, Mapping[str, Any]], Workflow]] = {
    "workflow": workflow_of,
    "sequence": sequence_of,
}
"""The kinds of document that are programs."""


@dataclass(frozen=True, eq=False)
class Program:
    """One version of a workflow, defined at `at`; `definition` is its id, 0 while it is only planned."""

    workflow: Workflow
    steps: Mapping[str, Step]
    definition: int = 0
    at: datetime | None = None

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.workflow.name

    @property
    def first(self) -> str:
        """The place of the first step."""
        return next(iter(self.steps))

    @property
    def condition(self) -> str | None:
        """What a changed record must come to meet, None where changes enrol nobody.

        A date that is entered or moved after its day of enrolling has passed enrols at once, while it lies ahead.
        """
        said = self.workflow.trigger
        if said.date is None or said.days > 0:
            return said.when
        days = f"days_until({said.date})"
        narrowed = f" and ({said.where})" if said.where else ""
        return f"{days} <= {-said.days} and {days} >= 0{narrowed}"

    @property
    def looks_elsewhere(self) -> bool:
        """Tell whether the condition reads associated records or lists, whose former state nobody knows."""
        tree = parse(self.condition or "true")
        listed = any(isinstance(node, Call) and node.name == "in_list" for node, _ in walk(tree))
        return listed or any(each.of is not None for each in dependencies(tree))


def program(workflow: Workflow, definition: int = 0, at: datetime | None = None) -> Program:
    """Return the program of a workflow; raise Invalid naming the place of each step that can't be read."""
    return Program(workflow, dict(_laid_out(workflow.steps, "", "")), definition, at)


def _laid_out(steps: Sequence[Mapping[str, Any]], within: str, after: str) -> Iterator[tuple[str, Step]]:
    for number, said in enumerate(steps, start=1):
        place = f"{within}{number}"
        follows = f"{within}{number + 1}" if number < len(steps) else after
        names = [name for name in BY_NAME if name in said]
        if len(names) != 1:
            raise Invalid(f"step {place}: give one of {', '.join(BY_NAME)}", code="INVALID_DEFINITION")
        action = BY_NAME[names[0]]
        try:
            read = msgspec.convert(said, action.shape)
        except msgspec.ValidationError as error:
            raise Invalid(f"step {place} ({action.name}): {error}", code="INVALID_DEFINITION") from error
        inside = action.branches(read)
        begin = {name: f"{place}.{name}.1" if own else follows for name, own in inside.items()}
        yield place, Step(place, action, read, follows, begin)
        for name, own in inside.items():
            yield from _laid_out(own, f"{place}.{name}.", follows)


@lru_cache(maxsize=512)
def of_version(definition: int) -> Program:
    """Return the program of one version, which never changes."""
    found = DocumentVersion.objects.select_related("document").get(pk=definition)
    read = READERS[found.document.kind]
    return program(read(found.document.name, found.body), definition, found.at)


def current(work: Work) -> list[Program]:
    """Return the programs of a portal's workflows as they are defined now."""
    if not work.catalog.workflows:
        return []
    versions = DocumentVersion.objects.filter(
        document__portal_id=work.catalog.portal_id,
        document__kind__in=list(READERS),
        document__removed=False,
        version=F("document__version"),
    )
    return [of_version(number) for number in versions.order_by("document__name").values_list("pk", flat=True)]
