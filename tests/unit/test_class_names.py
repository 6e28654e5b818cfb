"""One class name means one thing, so that a reader who met it once knows it everywhere."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def classes(body: list[ast.stmt]) -> Iterator[str]:
    """The classes of a module, and those within; marshmallow asks each schema for a `Meta` of its own."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node.name
            yield from (name for name in classes(node.body) if name != "Meta")


@pytest.mark.slow
def test_no_class_name_is_defined_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for folder in ("server", "sync"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in classes(ast.parse(path.read_text("utf-8")).body):
                places[name].append(str(path.relative_to(ROOT)))
    assert len(places) > 200, "the search found the classes"
    twice = [f"{name}: {', '.join(paths)}" for name, paths in sorted(places.items()) if len(paths) > 1]
    assert twice == [], "rename by what each is:\n" + "\n".join(twice)
