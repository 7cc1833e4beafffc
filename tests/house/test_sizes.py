"""Files stay small enough to be read at one go, and the median smaller."""

import ast
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [path for path in sorted((ROOT / "src").rglob("*.py")) if "migrations" not in path.parts]
LONGEST_FILE = 500
LONGEST_FUNCTION = 60


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_file_and_functions_are_short_enough(path: Path) -> None:
    assert lines(path) <= LONGEST_FILE
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, (
                f"{node.name} is long; split it by concept"
            )


def test_the_median_file_is_under_150_lines() -> None:
    assert median(lines(path) for path in SOURCES) < 150


def test_templates_scripts_and_styles_are_short_enough() -> None:
    web = ROOT / "src" / "wonward" / "web"
    own = [
        path
        for kind in ("html", "js", "css")
        for path in web.rglob(f"*.{kind}")
        if "vendor" not in path.parts
    ]
    assert own
    assert [path for path in own if lines(path) > LONGEST_FILE] == []
