"""Writes a portal's handbook as HTML from its catalog, in the language that the catalog speaks.

Nothing of it is kept: what the handbook says is what the portal does, at the moment it is read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.utils.translation import gettext, ngettext, npgettext, override, pgettext
from jinja2 import Environment, PackageLoader, StrictUndefined

from wonward.errors import Refusal
from wonward.expressions.compile import condition
from wonward.schema.catalog import Catalog, ObjectType, Property
from wonward.schema.form import Form, FormField
from wonward.schema.load import is_system
from wonward.schema.metrics import Dashboard, Metric
from wonward.schema.pipelines import Pipeline, Stage
from wonward.schema.translate import spoken
from wonward.schema.view import View
from wonward.schema.workflow import Workflow
from wonward.views.tabs import is_for


@dataclass(frozen=True)
class Guide:
    """What the template asks of a catalog beside what stands in it."""

    catalog: Catalog

    @property
    def pipelines(self) -> list[Pipeline]:
        """The pipelines of the object types that whoever reads may see."""
        return [each for each in self.catalog.pipelines if each.object_type in self.catalog.object_types]

    @property
    def workflows(self) -> list[Workflow]:
        """The workflows of the object types that whoever reads may see."""
        return [
            each for each in self.catalog.workflows.values() if each.object_type in self.catalog.object_types
        ]

    @property
    def metrics(self) -> list[Metric]:
        """The metrics over records that whoever reads may see, and what is shared out of these."""
        seen = {each.name: each for each in self.catalog.metrics.values() if self._sees(each)}
        return [
            each
            for each in self.catalog.metrics.values()
            if each.name in seen or seen.keys() & set(each.over or ())
        ]

    def _sees(self, metric: Metric) -> bool:
        return metric.object_type in self.catalog.object_types

    @property
    def dashboards(self) -> list[Dashboard]:
        """The portal's own dashboards, in the order of their tabs."""
        return sorted(self.catalog.dashboards.values(), key=lambda each: each.order)

    @property
    def views(self) -> list[View]:
        """The views of the organisation that whoever reads has, but for what only teams see."""
        role = self.catalog.role
        return [
            each
            for kind in self.catalog.object_types
            for each in self.catalog.views_of(kind)
            if is_for(each, role.name if role else None, set())
        ]

    def filter(self, view: View) -> str:
        """Return the filter of a view, where it names nothing that is kept from whoever reads."""
        try:
            condition(self.catalog, self.kind(view.object_type), view.filter or "true")
        except Refusal:
            return ""
        return view.filter

    def kind(self, name: str) -> ObjectType:
        """Return an object type."""
        return self.catalog.object_types[name]

    def properties(self, object_type: str, names: Iterable[str]) -> list[Property]:
        """Return the properties of these names that whoever reads may see."""
        own = self.kind(object_type).properties
        return [own[name] for name in names if name in own and not own[name].masked]

    def asked(self, form: Form) -> list[tuple[FormField, str]]:
        """Return the fields that a form asks, with what they are called there."""
        kinds = (self.catalog.whole or self.catalog).object_types
        return [
            (field, field.label or kinds[field.object_type].properties[field.own_name].label)
            for field in form.asked
        ]

    def role(self, name: str) -> str:
        """Return what a role is called."""
        role = (self.catalog.whole or self.catalog).roles.get(name)
        return role.label if role else gettext("Super admin")

    def following(self, pipeline: Pipeline, stage: Stage) -> list[Stage]:
        """Return the stages that a record may go on to, where the stage narrows them."""
        return [each for each in pipeline.stages if each.name in (stage.next or ())]

    def source(self, expression: str) -> str | None:
        """Return the record and property that a value is copied from in words, None when it is computed."""
        owner, _, name = expression.partition(".")
        kind = self.catalog.object_types.get(owner)
        prop = kind.properties.get(name) if kind else None
        return f"{kind.label} › {prop.label}" if kind and prop else None

    @cached_property
    def locked(self) -> list[str]:
        """The labels of what no hand changes."""
        return [label for name, label in self._labels() if is_system(name, label)]

    def _labels(self) -> Iterator[tuple[str, str]]:
        for kind in self.catalog.object_types.values():
            for prop in kind.properties.values():
                yield "system" if prop.system else prop.name, f"{kind.label} › {prop.label}"
        yield from ((each.name, each.label) for each in self.catalog.lists.values())
        yield from ((each.name.partition(".")[2], each.label) for each in self.catalog.workflows.values())


def written(catalog: Catalog, language: str, template: str = "guide.html", **more: Any) -> str:
    """Return the handbook of a portal in a language, as the inside of a page."""
    with override(language):
        said = spoken(catalog, language)
        return (
            _templates()
            .get_template(template)
            .render(guide=Guide(said), catalog=said, language=language, **more)
        )


@lru_cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("wonward.handbook", "jinja2"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translating: Any = made  # whose types leave out what the extension brings
    translating.install_gettext_callables(
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    return made
