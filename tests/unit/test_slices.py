"""The order of the tests: what takes longest begins at every worker, and none is lost or done twice."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from support.quick import LONGEST, POSTGRESQL_IN_CI, SQLITE_FIRST, TOGETHER, databases, in_order, without

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
MODULE = 'scope="' + 'module"'
CHEAP = {
    "tests/unit/test_alert_mail.py",
    "tests/unit/test_docs.py",
    "tests/property/test_even_histories.py",
    "tests/property/test_uploads.py",
}
"""What these make takes less than a second; the histories have a test for each."""
LONG = [f"{place}::{nth}" for place in LONGEST for nth in range(2)]
SHORT = [f"tests/api/test_codes.py::{nth}" for nth in range(100)]


def ordered(names: list[str], workers: int) -> list[str]:
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in names]
    return [item.nodeid for item in in_order(items, workers)]


def dealt(names: list[str], workers: int) -> list[list[str]]:
    """What each worker begins with, as worksteal deals them out."""
    parts, left = [], names
    for nth in range(workers):
        share = len(left) // (workers - nth)
        parts.append(left[:share])
        left = left[share:]
    return parts


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
@pytest.mark.parametrize("names", [[], LONG[:2], LONG, SHORT, SHORT[:4] + LONG, SHORT + LONG])
def test_each_is_there_once(names: list[str], workers: int) -> None:
    assert sorted(ordered(names, workers)) == sorted(names)


def test_each_worker_begins_with_its_part_of_the_longest() -> None:
    names = ordered(SHORT + LONG, 3)
    parts = [mine[: len([name for name in mine if name in LONG])] for mine in dealt(names, 3)]
    assert sorted(name for part in parts for name in part) == sorted(LONG), "nothing short stands before them"
    takes = [sum(LONGEST[name.rpartition("::")[0]] for name in part) for part in parts]
    assert max(takes) - min(takes) <= min(LONGEST.values()) * 2, takes
    assert ordered(SHORT, 3) == SHORT


def test_what_shares_something_dear_goes_to_one_worker() -> None:
    wholes = {file: [f"{file}::{nth}" for nth in range(5)] for file in TOGETHER}
    names = ordered(SHORT + [name for lot in wholes.values() for name in lot] + LONG, 3)
    for lot in wholes.values():
        assert sum(lot[0] in mine for mine in dealt(names, 3)) == 1
        assert any(set(lot) <= set(mine) for mine in dealt(names, 3))


def test_every_file_that_makes_something_for_all_its_tests_is_judged() -> None:
    """A fixture of a module is made once for each process that has one of its tests."""
    making = {str(path.relative_to(ROOT)) for path in TESTS.rglob("test_*.py") if MODULE in path.read_text("utf-8")}
    assert making - CHEAP == TOGETHER.keys()


def marked(*marks: pytest.MarkDecorator) -> Any:
    return SimpleNamespace(iter_markers=lambda name: [each.mark for each in marks if each.name == name])


ALIKE, TWICE = pytest.mark.databases("sqlite"), pytest.mark.databases("both")


def test_postgresql_follows_the_marks_of_a_test() -> None:
    assert databases(marked(), quickly=False) == POSTGRESQL_IN_CI
    assert databases(marked(ALIKE), quickly=False) == SQLITE_FIRST
    assert not databases(marked(ALIKE, TWICE), quickly=False), "on both wherever it runs"
    assert databases(marked(TWICE), quickly=True) == ("sqlite",)


def test_what_is_left_out_has_the_mark() -> None:
    here, dear = marked(), marked(pytest.mark.costly)
    again, both = marked(pytest.mark.costly(soak=True)), marked(pytest.mark.costly, pytest.mark.costly(soak=True))
    assert list(without([here, dear, again, both], soak=True)) == [here, dear]
    assert list(without([here, dear, again, both], soak=False)) == [here, again]
