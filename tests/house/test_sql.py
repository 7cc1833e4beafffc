"""SQL text lives in db, schema, expressions, records and metrics alone; nobody else composes any."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "wonward"
EXCEPTIONS = {
    "accounts/tokens.py",  # one look-up a request, which the ORM makes four times dearer (decision 8)
    "accounts/teams.py",  # teams below teams, which the ORM would ask for level by level (decision 21)
    "views/tabs.py",  # all tabs over a list, for which the ORM takes ten times the CPU (decision 28)
    "accounts/sessions.py",  # one look-up each page and each question of an open one (decision 16)
}
MAY = {"db", "schema", "expressions", "records", "metrics"}
OTHERS = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in MAY and "migrations" not in path.parts
]


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_sql_here(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    excepted = str(path.relative_to(PACKAGE)) in EXCEPTIONS
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "psycopg":
            assert "sql" not in {name.name for name in node.names} or excepted
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "transaction"
        ):
            assert node.attr in {"atomic", "lock_portal"} or excepted
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"raw", "extra", "RawSQL"} or not isinstance(node.value, ast.Attribute)


def test_only_apply_runs_ddl() -> None:
    users = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.name != "apply.py"
        and any(f"ddl.{name}(" in path.read_text(encoding="utf-8") for name in ("create_table", "add_column"))
    }
    assert users == set()


BARE = {
    "records/permission.py",  # says itself whose records are seen, and holds them
    "records/importing/statistics.py",  # asks how large the table is
}
"""What reaches for a table of records past the rights of whoever asks."""


def test_tables_of_records_are_read_as_whoever_asks_sees_them() -> None:
    """`ddl.table` gives the bare table: for the house's own, named by a text, or where it is entered in BARE."""
    past = set()
    for room in ("records", "expressions"):
        for path in sorted((PACKAGE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "ddl.table":
                    past |= (
                        set() if isinstance(node.args[1], ast.Constant) else {str(path.relative_to(PACKAGE))}
                    )
    assert past == BARE
