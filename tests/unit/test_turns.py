"""One writer at a time, among threads and among processes (server/turns.py)."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import TimeoutError as TooLong

from server import turns
from server.turns import Turns

HOLD = """
import sys
from pathlib import Path
from server.turns import Turns
with Turns(Path(sys.argv[1])).turn():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_turn_of_another_process_is_waited_for_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "loa.sqlite"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "held\n"
    came = threading.Event()

    def wait() -> None:
        with Turns(path).turn():
            came.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not came.wait(0.3)
    other.kill()  # no goodbye: the kernel lets the lock go
    other.wait()
    other.stdin.close()
    other.stdout.close()
    assert came.wait(10)
    waiting.join()


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)
    line = Turns(tmp_path / "loa.sqlite")
    with line.turn():
        said: list[type[Exception]] = []

        def ask() -> None:
            try:
                with line.turn():
                    pass
            except TooLong as error:
                said.append(type(error))

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join()
    assert said == [TooLong]
    with line.turn():
        pass
