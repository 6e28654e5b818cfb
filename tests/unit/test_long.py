"""What is left out of `make test` names the shorter test that stays in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
ALONE = {"chaos", "fuzz"}
"""Folders whose slices are sizes of the same test (chaos/sizes.py)."""


def marks(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """The decorators of a test that leave the whole of it out."""
    return (each for each in function.decorator_list if ast.unparse(each).startswith("pytest.mark.costly(soak=True"))


def left_out() -> Iterator[tuple[str, ast.expr]]:
    """Every test that `make test` has no case of, and its mark."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                for mark in marks(node):
                    yield f"{path.relative_to(ROOT)}::{node.name}", mark


def names(path: Path) -> list[str]:
    """The names of the tests that stay, or the phone's sentences."""
    text = path.read_text("utf-8")
    if path.suffix == ".ts":
        return re.findall(r'\bit\("((?:[^"\\]|\\.)*)"', text)
    return [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and not list(marks(node))]


@pytest.mark.slow
def test_each_story_that_is_left_out_names_one_that_stays() -> None:
    told = dict(left_out())
    assert told
    for test, mark in told.items():
        if test.split("/")[1] in ALONE:
            continue
        assert isinstance(mark, ast.Call)
        given = next((each for each in mark.keywords if each.arg == "kept_by"), None)
        assert given is not None, f"{test}: costly(soak=True, kept_by=...)"
        file, _, name = str(ast.literal_eval(given.value)).partition("::")
        assert any(each.startswith(name) for each in names(ROOT / file)), f"{test} is kept by {file}::{name}"


@pytest.mark.parametrize("path", ["tests/unit/test_long.py", "pwa/src/core/view.test.ts"])
def test_names_are_found(path: str) -> None:
    """Else every name above would have to be wrong."""
    assert len(names(ROOT / path)) >= 2
