"""The documents say what is there: pages made from code are fresh, links lead somewhere, nothing is left out."""

import ast
import json
import re
import runpy
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PACKAGE = ROOT / "src" / "wonward"
SOURCES = sorted(PACKAGE.rglob("*.py"))
GENERATED = ("settings", "cli", "blueprint-files", "data-dictionary")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"[A-Z]{3,}(_[A-Z]+)*")
REFUSALS = {"Problem", "Refusal", "Invalid", "Missing", "Conflict", "Forbidden", "FieldError"}


def listed(pattern: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


PAGES = listed("*.md")


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    pages = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    return {path.stem: text for path, text in pages.items()}


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_what_would_be_written_now(generated: dict[str, str], name: str) -> None:
    found = (REFERENCE / f"{name}.md").read_text(encoding="utf-8")
    assert found == generated[name], "run: .venv/bin/python docs/generate.py"


def test_no_generated_page_is_left_unchecked(generated: dict[str, str]) -> None:
    assert set(generated) == set(GENERATED)


# --- links ----------------------------------------------------------------------------------------


def prose(path: Path) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and GitLab make them."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ +(.+?) *$", prose(path), flags=re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", prose(path))
    for link in LINK.findall(text):
        if re.match(r"https?:", link):
            continue
        target, _, anchor = link.partition("#")
        aim = (path.parent / target).resolve() if target else path
        assert aim.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(aim), f"{link}: no such heading"


def test_every_page_can_be_reached_from_the_index() -> None:
    waiting, reached = [ROOT / "README.md"], set()
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            targets = [link.partition("#")[0] for link in LINK.findall(prose(path))]
            aims = [(path.parent / target).resolve() for target in targets if target.endswith(".md")]
            waiting += [aim for aim in aims if aim.exists()]
    assert set(PAGES) - reached == set()


# --- nothing is left out --------------------------------------------------------------------------


def test_every_variable_of_the_environment_is_documented() -> None:
    read = re.compile(r"""["'](WONWARD_[A-Z_]+|DATABASE_URL)["']""")
    used = {name for path in SOURCES for name in read.findall(path.read_text(encoding="utf-8"))}
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    assert used == set(re.findall(r"^\| `([A-Z_]+)`", page, flags=re.MULTILINE))


def codes(path: Path) -> Iterator[str]:
    """Yield the codes that problems are given in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in REFUSALS or "refus" in name or "problem" in name:
                for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                    if isinstance(given, ast.Constant) and CODE.fullmatch(str(given.value)):
                        yield given.value


def test_every_error_code_is_documented_and_none_that_is_gone() -> None:
    used = {code for path in SOURCES for code in codes(path)}
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([A-Z_]+)`", page, flags=re.MULTILINE)
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert used - set(documented) == set()
    assert [code for code in documented if f'"{code}"' not in sources] == []
    assert len(documented) == len(set(documented))


def test_every_dependency_has_its_reason_and_every_reason_its_dependency() -> None:
    wanted = {
        re.split(r"[\[<>=~! ]", line)[0]
        for path in (ROOT / "requirements").glob("*.in")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-r"))
    }
    wanted |= set(json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"])
    page = (DOCS / "decisions" / "0007-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", page, flags=re.MULTILINE)
    assert {name for name, _ in rows} - {"package", "---"} == wanted


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    records = sorted(path.name for path in (DOCS / "decisions").glob("0*.md"))
    assert [name[:4] for name in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((0.+?)\)", index) == records


def test_every_package_has_its_line_among_the_rooms() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)/` \|", page, flags=re.MULTILINE)) == packages


def test_the_floors_are_drawn_as_they_are_held() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    held = [
        [name for name in map(str.strip, layer.split("|")) if not name.startswith("(")]
        for layer in contract["layers"]
    ]
    drawing = re.search(r"## Floors.*?^```\n(.*?)^```", (ROOT / "ARCHITECTURE.md").read_text(), re.M | re.S)
    assert drawing
    drawn = [re.split(r"\s{2,}", line)[0].split(" · ") for line in drawing[1].splitlines()]
    assert [sorted(floor) for floor in drawn] == [sorted(floor) for floor in held if floor]


def test_every_command_of_dev_is_explained() -> None:
    commands = re.findall(r"^def run_(\w+)", (ROOT / "dev").read_text(encoding="utf-8"), flags=re.MULTILINE)
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [name for name in commands if f"| `./dev {name}` |" not in page] == []
