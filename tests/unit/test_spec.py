"""SPEC.md and what quotes it: every id quoted exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ID = re.compile(r"\b(ID|W|S|D|C|X|P|H|R)-(\d+)\b")
FILES = [
    path
    for folder, endings in (
        ("sync", ("py", "json")),
        ("server", ("py", "md")),
        ("tests", ("py",)),
        ("pwa/src", ("ts", "tsx")),
    )
    for ending in endings
    for path in (ROOT / folder).rglob(f"*.{ending}")
]


def rules() -> list[str]:
    return re.findall(r"^- \*\*([A-Z]+-\d+)\*\*", (ROOT / "sync" / "SPEC.md").read_text("utf-8"), re.MULTILINE)


def test_ids_are_given_once() -> None:
    assert len(rules()) == len(set(rules())) > 50


def test_every_rule_quoted_exists() -> None:
    known = set(rules())
    wrong = {
        (str(path.relative_to(ROOT)), found.group())
        for path in FILES
        for found in ID.finditer(path.read_text("utf-8"))
        if found.group() not in known
    }
    assert wrong == set()
