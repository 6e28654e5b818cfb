"""The folder's law of sync/: standard library only, no clock, no chance, no network."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "sync"
FORBIDDEN = {"time", "random", "secrets", "socket", "logging", "os", "subprocess", "threading", "asyncio", "uuid"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_imports(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.partition(".")[0]
            assert top == "sync" or top in sys.stdlib_module_names, name
            assert top not in FORBIDDEN, name
