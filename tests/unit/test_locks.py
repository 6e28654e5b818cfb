"""The locks name exact files by their hashes, and no place they came from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
ADDRESS = re.compile(r"://|^\s*(-i|-f|--(extra-)?index-url|--find-links)\b|\s/\w", re.MULTILINE)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_python_locks_hold_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert not ADDRESS.search(text)
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.\-\[\]]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def pins(name: str) -> set[str]:
    return set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / name).read_text(), flags=re.MULTILINE))


def test_the_test_lock_holds_the_other() -> None:
    assert pins("run.txt") <= pins("test.txt")


@pytest.mark.parametrize("folder", ["pwa", "tests/tus", "tests/lighthouse"])
def test_the_npm_locks_hold_hashes_and_no_addresses(folder: str) -> None:
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name
