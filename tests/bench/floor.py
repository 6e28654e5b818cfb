"""The floor server as a process, and the requests made of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.wire import Answer, ask, packed
from support.installation.ports import free_port

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Floor:
    """Where it is reached."""

    port: int
    pid: int

    def exchange(self, writes: list[Any], after: int | None = None, port: int | None = None) -> Answer:
        """One exchange, directly or through a link's port. `after` None asks for no news."""
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "br"}
        return ask(port or self.port, "POST", "/", headers, packed({"after": after, "writes": writes}))


@contextmanager
def floor(folder: Path) -> Iterator[Floor]:
    """The floor server for the length of a with-block."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    arguments = [sys.executable, "-m", "bench.floor_serve", str(port), str(folder / "floor.sqlite")]
    with (folder / "floor.log").open("ab") as log:
        process = subprocess.Popen(
            arguments, cwd=TESTS, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment()
        )
    try:
        made = Floor(port, process.pid)
        _wait(made)
        yield made
    finally:
        process.terminate()
        process.wait(40)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
    return kept | {"PYTHONPATH": str(TESTS)}


def _wait(made: Floor) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with suppress(OSError):
            if made.exchange([]).status == 200:
                return
        time.sleep(0.05)
    raise TimeoutError("the floor server did not answer")
