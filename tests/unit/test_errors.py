"""One table of error codes: complete in both languages, and every code that the code raises is in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sync.errors import CODES

ROOT = Path(__file__).parents[2]


def test_every_row_is_complete() -> None:
    for code, row in CODES.items():
        assert re.fullmatch(r"[a-z_]+", code)
        assert 200 <= row.status < 600
        for sentence in (row.vi, row.en):
            assert sentence.endswith("."), sentence
        assert row.vi != row.en
        assert " bạn " not in f" {row.vi.lower()} ", "official screens do not say bạn"


def test_every_code_raised_is_in_the_table() -> None:
    for folder in ("server", "sync"):
        for path in (ROOT / folder).rglob("*.py"):
            for code in _raised(ast.parse(path.read_text("utf-8"))):
                assert code in CODES, (path, code)


def _raised(tree: ast.Module) -> Iterator[str]:
    """Codes that stand as texts where an error is raised."""
    places = {"Problem": 0, "Refused": 0, "refuse_if": 1, "required": 1}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in places:
            for said in call.args[places[call.func.id] :][:1]:
                yield from (str(each.value) for each in ast.walk(said) if isinstance(each, ast.Constant) and each.value)


def test_raised_codes_are_found() -> None:
    source = 'refuse_if(x, "a" if y else "b"); required(x, "c"); required(x); raise Problem("d", "field")'
    assert sorted(_raised(ast.parse(source))) == ["a", "b", "c", "d"]


def test_every_row_is_used() -> None:
    source = "\n".join(
        path.read_text("utf-8") for folder in ("server", "sync") for path in (ROOT / folder).rglob("*.py")
    )
    unused = [code for code in CODES if f'"{code}"' not in source]
    assert unused == []
