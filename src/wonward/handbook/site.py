"""Writes the handbook as a folder of pages that any browser opens: one a language, and the style they share."""

from importlib import resources
from pathlib import Path

from django.conf import settings

from wonward.errors import Conflict
from wonward.handbook.guide import written
from wonward.schema.catalog import Catalog

_STYLE = "handbook.css"


def write(catalog: Catalog, label: str, folder: Path) -> list[Path]:
    """Write the handbook of the portal called `label` into a folder; return its files.

    Raise Conflict when the folder holds anything else, so that nothing of it is lost.
    """
    pages = {language: folder / f"{language}.html" for language, _ in settings.LANGUAGES}
    ours = {*(page.name for page in pages.values()), _STYLE}
    if folder.exists() and {each.name for each in folder.iterdir()} - ours:
        raise Conflict(
            f"{folder} holds other files; give a new folder, or one that a handbook was written to"
        )
    folder.mkdir(parents=True, exist_ok=True)
    style = resources.files("wonward.handbook") / "static" / "handbook" / _STYLE
    (folder / _STYLE).write_bytes(style.read_bytes())
    for language, page in pages.items():
        text = written(
            catalog, language, "site.html", label=label, style=_STYLE, languages=dict(settings.LANGUAGES)
        )
        page.write_text(text, encoding="utf-8")
    return [*pages.values(), folder / _STYLE]
