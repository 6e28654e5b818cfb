"""Heads of the chain, kept in a file outside the database: a database whose last lines were cut lacks them.

Two lines of JSON for each commit: `{"first": 8, "n": 9, "prev": "…", "mac": "…", "at": …}` is written and synced before
it, `{"kept": 9, "mac": "…"}` after it. A head without the second may belong to a commit that never came about: the
server was killed, or the database refused. Each host has the heads of its own commits.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from server.core import atomic_files
from server.core.clock import local

log = logging.getLogger(__name__)
NAME: Final = "audit_heads.ndjson"
Key = tuple[int, str]
"""Number and mac of a head."""


@dataclass(frozen=True, slots=True)
class Head:
    """The chain's end after a commit that added the lines `first` to `n`; `at` in ms.

    `prev`: the mac before them, `mac`: that of the last.
    """

    first: int
    n: int
    prev: str
    mac: str
    at: int


def intend(path: Path, head: Head) -> None:
    """Note a head before its commit. Raises OSError: then nothing may be committed."""
    atomic_files.append(path, json.dumps(asdict(head)) + "\n")


def keep(path: Path, head: Head) -> None:
    """Note that the commit came about. A failure only leaves the head unproven."""
    try:
        atomic_files.append(path, json.dumps({"kept": head.n, "mac": head.mac}) + "\n")
    except OSError as error:
        log.warning("the head of the audit log cannot be noted: %s", type(error).__name__)


def kept(path: Path) -> list[Head]:
    """Return the heads that were committed, in the order of the file; none if there is no file."""
    intended: dict[Key, Head] = {}
    found = []
    for key, head, _ in _lines(path):
        if head is not None:
            intended[key] = head
        elif key in intended:
            found.append(intended[key])
    return found


def compact(path: Path, today: str) -> int:
    """Keep of each day before `today` only the last head, so that the file does not grow for ever.

    A head that a later one does not continue stays, too: it is the witness of lines that were cut off meanwhile.
    Returns the number of dropped lines. Raises OSError.
    """
    if not path.exists():
        return 0
    with atomic_files.alone(path):
        lines = list(_lines(path))
        committed = kept(path)
        last = {_day(head): (head.n, head.mac) for head in committed}
        left = {(head.n, head.mac) for head, after in pairwise(committed) if after.first <= head.n}
        stays = left | set(last.values()) | {key for key, head, _ in lines if head is not None and _day(head) >= today}
        texts = [text for key, _, text in lines if key in stays]
        if len(texts) < len(lines):
            with atomic_files.replacing(path) as begun:
                begun.touch(0o600)
                shutil.copymode(path, begun)
                begun.write_bytes(b"".join(texts))
    return len(lines) - len(texts)


def _day(head: Head) -> str:
    return local(head.at).date().isoformat()


def _lines(path: Path) -> Iterator[tuple[Key, Head | None, bytes]]:
    """Each whole line: which head, the head itself where it is intended, the text."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            try:
                said = json.loads(text)
                head = None if "kept" in said else Head(said["first"], said["n"], said["prev"], said["mac"], said["at"])
                key = (said["kept"], said["mac"]) if head is None else (head.n, head.mac)
            except (ValueError, KeyError, TypeError):  # half a line
                continue
            yield key, head, text if text.endswith(b"\n") else text + b"\n"
