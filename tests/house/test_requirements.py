"""Every requirement that is said to be met has a test that is named by it."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MET = [*(f"con_{number}" for number in range(1, 18)), *(f"bey_{number}" for number in (1, 2, 3))]
NAMED = re.compile(r"^def test_((?:con|bey)_\d+)_", re.MULTILINE)


@pytest.fixture(scope="module")
def named() -> set[str]:
    return {each for path in TESTS.rglob("test_*.py") for each in NAMED.findall(path.read_text())}


@pytest.mark.parametrize("requirement", MET)
def test_a_requirement_has_a_test_by_its_name(requirement: str, named: set[str]) -> None:
    assert requirement in named
