"""SPEC.md, SERVER.md and what quotes them: every id quoted exists, and a test that quotes it holds every rule.

A rule's test may be in Python, in the phone's own tests, or a file of vectors, which both run.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("sync/SPEC.md", "sync/SERVER.md")
"""What the author of a client reads, and what concerns the server alone; they share one set of ids."""
SOURCES = (
    *DOCUMENTS,
    "README.md",
    "sync/README.md",
    "server/**/*.py",
    "server/**/*.md",
    "sync/**/*.py",
    "tests/**/*.md",
    "pwa/src/**/*.ts",
    "pwa/src/**/*.tsx",
)
TESTS = ("tests/**/*.py", "sync/vectors/*.json", "pwa/src/**/*.test.ts", "pwa/src/**/*.test.tsx")
HOLDING = ("tests/**/test_*.py", *TESTS[1:])
"""What support files quote explains them; only a test can fail."""


def rules(*documents: str) -> list[str]:
    """Ids of the rules in these documents; in both if none is named."""
    texts = [(ROOT / document).read_text("utf-8") for document in documents or DOCUMENTS]
    return [id_ for text in texts for id_ in re.findall(r"^- \*\*([A-Z]+-\d+)\*\*", text, re.MULTILINE)]


def quoted(patterns: tuple[str, ...]) -> dict[str, set[str]]:
    """For each id of a prefix that the documents know, the files that quote it."""
    prefixes = "|".join(sorted({rule.partition("-")[0] for rule in rules()}))
    form = re.compile(rf"\b(?:{prefixes})-\d+\b")
    found: dict[str, set[str]] = {}
    for path in {path for pattern in patterns for path in ROOT.glob(pattern)}:
        for id_ in form.findall(path.read_text("utf-8")):
            found.setdefault(id_, set()).add(str(path.relative_to(ROOT)))
    return found


def test_ids_are_given_once() -> None:
    assert all(len(rules(document)) > 30 for document in DOCUMENTS)
    assert len(rules()) == len(set(rules()))


def test_every_rule_quoted_exists() -> None:
    known = set(rules())
    assert {id_: files for id_, files in quoted(SOURCES + TESTS).items() if id_ not in known} == {}


def test_every_rule_is_held_by_a_test() -> None:
    held = quoted(HOLDING)
    assert [rule for rule in rules() if rule not in held] == []
