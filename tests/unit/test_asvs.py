"""docs/asvs.md has each requirement of OWASP ASVS 5.0, levels 1 and 2, with a verdict, and the tests named exist."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = "docs/asvs.md"
TEXT = (ROOT / DOCUMENT).read_text("utf-8")
TESTS, NOT_APPLICABLE, OPEN = VERDICTS = ("tests", "not applicable", "open")
LEAST = 12
"""Least characters of a statement, a reason, and of what is missing."""


class RowError(Exception):
    """A row that does not say what it must; the message says what is wrong."""


@dataclass(frozen=True)
class Row:
    """One requirement as the document has it."""

    id: str
    level: str
    statement: str
    verdict: str
    said: str


def rows_of(text: str) -> list[Row]:
    """The rows of all tables that begin with an id. Raises RowError for a row of another width."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0].startswith("v5"):
            if len(cells) != 5:
                raise RowError(f"{cells[0]} has {len(cells)} cells")
            found.append(Row(*cells))
    return found


def named(said: str) -> list[tuple[str, str]]:
    """The files and tests that a cell names; `::test_x` alone is of the file before."""
    found, file = [], ""
    for path, test in re.findall(r"`((?:tests|pwa)/[\w./-]+)?(?:::(\w+)(?:\[[^\]`]*\])?)?`", said):
        file = path or file
        if path or test:
            found.append((file, test))
    return found


@cache
def functions_in(path: Path) -> frozenset[str]:
    """What a Python file defines, read off its syntax tree."""
    defined = ast.walk(ast.parse(path.read_text("utf-8")))
    return frozenset(node.name for node in defined if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def check_row(row: Row) -> None:
    """Raise RowError unless the row has one verdict and what goes with it."""
    if row.verdict not in VERDICTS:
        raise RowError(f"{row.id} has no verdict: {row.verdict!r}")
    tests = named(row.said)
    for file, test in tests:
        if not (ROOT / file).is_file() or (file.endswith(".py") and (test not in functions_in(ROOT / file))):
            raise RowError(f"{row.id} names a test that is not there: {file}::{test}")
    if row.verdict == TESTS and not tests:
        raise RowError(f"{row.id} names no test")
    if row.verdict == NOT_APPLICABLE and tests:
        raise RowError(f"{row.id} is not applicable and names a test")
    if min(len(row.statement), len(row.said)) < LEAST:
        raise RowError(f"{row.id} says too little")


def levels() -> dict[str, str]:
    with Path(__file__).with_name("asvs_ids.csv").open(encoding="utf-8") as file:
        return {row["id"]: row["level"] for row in csv.DictReader(file)}


def test_each_requirement_has_one_row_with_its_level() -> None:
    rows = rows_of(TEXT)
    assert [(row.id, row.level) for row in rows] == list(levels().items())
    assert Counter(levels().values()) == {"1": 70, "2": 183}, "the standard's own numbers"


@pytest.mark.slow
def test_each_row_has_a_verdict_and_its_tests_are_there() -> None:
    wrong = []
    for row in rows_of(TEXT):
        try:
            check_row(row)
        except RowError as error:
            wrong.append(str(error))
    assert wrong == []


def test_each_row_is_in_its_chapter() -> None:
    for chapter in TEXT.split("\n## V")[1:]:
        number = chapter.partition(" ")[0]
        assert {row.id.partition(".0.0-")[2].partition(".")[0] for row in rows_of(chapter)} == {number}


def test_the_sums_on_top_are_those_of_the_rows() -> None:
    counted = Counter((row.level, row.verdict) for row in rows_of(TEXT))
    for level in "12":
        told = [str(counted[level, verdict]) for verdict in VERDICTS]
        assert f"| {level} | {' | '.join(told)} |" in TEXT, told


GOOD = f"| v5.0.0-1.1.1 | 2 | says something long | tests | `tests/unit/{Path(__file__).name}::check_row` |"


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        ("check_row", "test_that_nobody_wrote"),
        ("::check_row", ""),
        ("test_asvs.py", "test_nothing.py"),
        ("| tests |", "| |"),
        ("| tests |", "| tests, open |"),
        ("| tests |", "| not applicable |"),
        ("| tests |", "| tests | open |"),
        ("`tests/unit/test_asvs.py::check_row`", "somewhere in the tests"),
        ("`tests/unit/test_asvs.py::check_row`", "-"),
        ("says something long", "-"),
    ],
)
def test_what_is_wrong_in_a_row_is_noticed(was: str, is_: str) -> None:
    for row in rows_of(GOOD + "\n" + GOOD.replace("check_row`", "check_row[one case]`")):
        check_row(row)
    assert was in GOOD
    with pytest.raises(RowError):
        check_row(rows_of(GOOD.replace(was, is_))[0])
