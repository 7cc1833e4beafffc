"""Names say what a thing is: none of the drawers into which anything goes."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "wonward").rglob("*.py"))
BANNED = re.compile(
    r"(^|_)(utils?|helpers?|common|misc|base|managers?|handlers?|services?|processors?|impl|mixins?)(_|$)"
)
DOCSTRING_LINES = 6


def words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_file_and_class_names(path: Path) -> None:
    assert not BANNED.search(path.stem)
    assert not re.search(r"_\d+$", path.stem), "split by concept, never by number"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            assert not BANNED.search(words(node.name)), node.name


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if "migrations" not in path.parts],
    ids=lambda path: str(path.relative_to(ROOT / "src")),
)
def test_docstrings(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree)
    assert docstring, "a module says its job and what it doesn't do"
    assert len(docstring.splitlines()) <= DOCSTRING_LINES
    if path.stem == "__init__":
        assert len(tree.body) == 1, "__init__.py holds a docstring only"
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} is public and says nothing of itself"
