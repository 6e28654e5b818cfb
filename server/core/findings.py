"""What the checks of the installation found: kept in a file of the data folder, so that a dead database hides nothing.

Who shows it reads the file: the desk's red bar, `/metrics`. An old file is a finding itself: nobody checks any more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from server.core import atomic_files

NAME: Final = "checks.json"
STALE_MS: Final = 5 * 60 * 1000
"""The worker checks each minute; without a word for longer, it is dead or hangs."""


class Level(IntEnum):
    """Also the exit status of `loa doctor`."""

    GOOD = 0
    WARN = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """What one check says. `check` and `outcome` name the sentence `check.<check>.<outcome>`; `values` fill it."""

    check: str
    outcome: str
    level: Level
    values: dict[str, Any] = field(default_factory=dict)


def write(data_dir: Path, findings: Sequence[HealthFinding], at_ms: int) -> None:
    """Keep what was found at this time."""
    said = {"at": at_ms, "findings": [asdict(each) for each in findings]}
    atomic_files.write(data_dir / NAME, json.dumps(said, ensure_ascii=False))


def read(data_dir: Path, now_ms: int) -> list[HealthFinding] | None:
    """Return what was found last; with a finding that checks stand still, if they do. None: nobody ever checked."""
    try:
        said = json.loads((data_dir / NAME).read_text("utf-8"))
        found = [
            HealthFinding(each["check"], each["outcome"], Level(each["level"]), each["values"])
            for each in said["findings"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if now_ms - said["at"] > STALE_MS:
        values = {"minutes": (now_ms - said["at"]) // 60_000, "at": said["at"]}
        found = [HealthFinding("worker", "dead", Level.BAD, values)] + [one for one in found if one.check != "worker"]
    return found
