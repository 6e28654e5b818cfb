"""Nightly chores on a host's own data folder: each host's own worker does them, without a row or a queue.

A job is done by whichever host draws it, and reaches no other host's folder. When a chore was last done stands in a
file in the folder. Several workers on one folder may do a chore twice, which is harmless.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Final

from server.core import atomic_files
from server.core.clock import now_ms
from server.services.jobs.kinds import Chore, Jobs
from server.services.jobs.nights import last_night

log = logging.getLogger(__name__)

FILE: Final = "chores.json"
PAUSE_S: Final = 600
"""Pause after a chore that could not be done: a backup runs, or the disk is full."""


class Chores:
    """The chores of one host, as its worker minds them."""

    def __init__(self, jobs: Jobs) -> None:
        self._chores, self._file = jobs.chores, jobs.data_dir / FILE
        self._not_before: dict[str, float] = {}

    def mind(self) -> None:
        """Do what is due, and was not tried in the last minutes. Raises OSError if that cannot be noted."""
        done = _read(self._file)
        for name, chore in self._chores.items():
            night = last_night(chore.nightly, now_ms()).isoformat()
            if done.get(name) == night or time.monotonic() < self._not_before.get(name, 0):
                continue
            if _is_done(name, chore):
                done = _read(self._file) | {name: night}
                atomic_files.write(self._file, json.dumps(done))
            else:
                self._not_before[name] = time.monotonic() + PAUSE_S


def _is_done(name: str, chore: Chore) -> bool:
    try:
        return chore.run()
    except Exception as error:  # noqa: BLE001  # the next chore is no worse for it
        log.warning("%s: %s, tried again in %d s", name, type(error).__name__, PAUSE_S)
        return False


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # damaged: all is due again
        return {}
    return found if isinstance(found, dict) else {}
