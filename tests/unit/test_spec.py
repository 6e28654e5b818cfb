"""The protocol's documents and what quotes them: every id quoted exists, and a test that quotes it holds every rule.

A rule's test may be in Python, in the phone's own tests, or a file of vectors, which both run. The levels of SPEC.md
stay within the bounds that it states: who writes a client reads one level, and no more of it than that.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "sync/SPEC.md"
SERVER = ROOT / "sync/SERVER.md"
DOCUMENTS = ("sync/SPEC.md", "sync/APP.md", "sync/FIGURES.md", "sync/SERVER.md")
"""The protocol by levels, what an app adds, figures, and what concerns the server alone; they share one set of ids."""
SOURCES = (
    *DOCUMENTS,
    "README.md",
    "docs/*.md",
    "sync/README.md",
    "server/**/*.py",
    "server/**/*.md",
    "sync/**/*.py",
    "tests/**/*.md",
    "pwa/src/**/*.ts",
    "pwa/src/**/*.tsx",
)
TESTS = ("tests/**/*.py", "sync/vectors/*.json", "pwa/src/**/*.test.ts", "pwa/src/**/*.test.tsx")
EXCHANGE = (
    "sync/*.py",
    "server/services/exchange/*.py",
    "server/services/continuity/*.py",
    "server/services/recovery/**/*.py",
    "server/services/units/scope.py",
    *(f"pwa/src/{folder}/*.ts" for folder in ("core", "db", "exchange", "outbox", "photos", "platform", "worker")),
)
"""What a write goes through, on both sides."""
WITH_TOLD = ("apply.ts", "queries.ts", "records.ts", "schema.ts")
"""They have a column of the phone's disk that is called so since the first builds."""
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
        text = path.read_text("utf-8")
        for id_ in form.findall(text.partition("## Retired ids")[0] if path == SERVER else text):
            found.setdefault(id_, set()).add(str(path.relative_to(ROOT)))
    return found


def levels() -> dict[str, str]:
    """The text of each level of SPEC.md, by its name in the table of levels."""
    parts = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", SPEC.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    return {name: parts[name.capitalize()] for name in bounds()}


def bounds() -> dict[str, int]:
    """How many rules each level may have, as SPEC.md states it."""
    rows = re.findall(r"^\| \[([\w-]+)\]\(#[\w-]+\) \|.*\| (\d+)\b[^|]*\|$", SPEC.read_text("utf-8"), re.MULTILINE)
    return {name: int(number) for name, number in rows}


def retired() -> dict[str, str]:
    """Ids that no rule has any more, with what says the same now."""
    table = SERVER.read_text("utf-8").partition("## Retired ids")[2]
    return dict(re.findall(r"^\| ([A-Z]+-\d+) \| (.+?) \|$", table, re.MULTILINE))


def test_ids_are_given_once() -> None:
    assert all(len(rules(document)) > 20 for document in DOCUMENTS)
    assert len(rules()) == len(set(rules()))
    assert set(retired()).isdisjoint(rules())


def test_each_level_keeps_its_bound() -> None:
    assert bounds() == {"write-only": 45, "read": 50, "restore": 20}
    found = {name: re.findall(r"^- \*\*([A-Z]+-\d+)\*\*", text, re.MULTILINE) for name, text in levels().items()}
    assert {name: len(ids) for name, ids in found.items() if not 0 < len(ids) <= bounds()[name]} == {}
    assert [id_ for ids in found.values() for id_ in ids] == rules("sync/SPEC.md"), "a rule outside of the levels"


def test_each_chapter_begins_with_a_picture_of_three_lines() -> None:
    chapters = [text for level in levels().values() for text in re.split(r"^### ", level, flags=re.MULTILINE)[1:]]
    for document in ("APP.md", "FIGURES.md"):
        text = (SPEC.parent / document).read_text("utf-8")
        chapters += re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert len(chapters) > 20
    without = re.compile(r"(?:Example: )|[^\n]+\n```\n(?:(?!```)[^\n]+\n){3}```\n")
    assert [text.partition("\n")[0] for text in chapters if not without.match(text)] == []


def test_the_transaction_of_a_block_is_one_list_in_the_protocol_and_in_the_app() -> None:
    """X-11: the same steps, with the same numbers and in the same order."""
    rule = SPEC.read_text("utf-8").partition("- **X-11**")[2].partition("\n- **")[0]
    code = (ROOT / "pwa/src/exchange/apply.ts").read_text("utf-8").partition("export function apply(")[2]
    steps = re.findall(r"^  (\d)\. \*(\w+)\*: ", rule, re.MULTILINE)
    assert [number for number, _ in steps] == list("12345")
    assert re.findall(r"^  // (\d)\. (\w+): ", code.partition("\n}\n")[0], re.MULTILINE) == steps


@pytest.mark.parametrize("name", ["reducer", "apply"])
def test_what_decides_in_the_exchange_is_pure(name: str) -> None:
    """It waits for nothing, reads no clock and no row, so it decides alike on the page, in the worker and in Node."""
    code = (ROOT / f"pwa/src/exchange/{name}.ts").read_text("utf-8")
    code = re.sub(r"//.*", "", re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL))
    assert "export function" in code
    impure = r"\b(?:async|await|Promise|Date|random|performance|indexedDB|navigator|Db|Tx)\b|\b(?:fetch|now|today)\("
    assert re.findall(impure, code) == []


def test_every_rule_quoted_exists() -> None:
    known = set(rules())
    assert {id_: files for id_, files in quoted(SOURCES + TESTS).items() if id_ not in known} == {}


def test_every_rule_is_held_by_a_test() -> None:
    held = quoted(HOLDING)
    assert [rule for rule in rules() if rule not in held] == []


def test_a_rule_is_at_most_four_sentences() -> None:
    """Those of the server alone may be longer: no author of a client reads them."""
    rule = re.compile(r"^- \*\*([A-Z]+-\d+)\*\* (.*?)(?=^- \*\*|^#|^\||^$|^```|\Z)", re.MULTILINE | re.DOTALL)
    long = []
    for document in DOCUMENTS[:-1]:
        for id_, text in rule.findall((ROOT / document).read_text("utf-8")):
            words = " ".join(re.sub(r"`[^`]*`", "x", text).split())
            if len(re.split(r"(?<=[.!?])\s+(?=[A-Z*\"(x])", words)) > 4:
                long.append(id_)
    assert long == []


def test_what_a_write_goes_through_is_called_by_the_words_of_the_field() -> None:
    """Sent, held, unknown: who knows sync from elsewhere looks for these, and not for what was told or is strange."""
    old = re.compile(r"\b(?:told|untold|strange|vouch\w*)\b", re.IGNORECASE)
    found = []
    for path in sorted({path for pattern in EXCHANGE for path in ROOT.glob(pattern) if ".test" not in path.name}):
        for line in map(str.strip, path.read_text("utf-8").splitlines()):
            is_read = path.name not in WITH_TOLD or line.startswith(("//", "*", "/*"))
            if is_read and old.search(re.sub("`.*?`", "", line)):
                found.append(f"{path.relative_to(ROOT)}: {line}")
    assert found == []


@pytest.mark.parametrize("name", ["write_only", "reader"])
def test_a_client_of_a_level_is_at_most_two_hundred_lines(name: str) -> None:
    """As SPEC.md says of its levels; tests/e2e/test_level_clients.py runs them."""
    text = (ROOT / "tests/support/clients" / f"{name}.py").read_text("utf-8")
    assert len(text.splitlines()) <= 200
    assert not re.search(r"^(?:from|import) (?:sync|server)\b", text, re.MULTILINE), "it shares no code with ours"
