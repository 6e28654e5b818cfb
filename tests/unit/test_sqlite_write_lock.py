"""One writer at a time, among threads and among processes (server/core/db.py)."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import TimeoutError as TooLong

from server.core import db
from server.core.db import SqliteWriteLock

HOLD = """
import sys
from pathlib import Path
from server.core.db import SqliteWriteLock
with SqliteWriteLock(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.slow
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
        with SqliteWriteLock(path).held():
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


def is_told(line: SqliteWriteLock) -> bool:
    """That it took too long: asked beside the test, so that one who waits for ever fails it."""
    said: list[bool] = []

    def ask() -> None:
        try:
            with line.held():
                pass
        except TooLong:
            said.append(True)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(5)
    return bool(said)


def test_who_waits_too_long_for_another_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be stopped, or stand before a disk that does not answer; the next turn comes when it ends."""
    path = tmp_path / "loa.sqlite"
    # Each with the file open by itself, as two processes have it.
    other, line = SqliteWriteLock(path), SqliteWriteLock(path)
    for _ in range(2):
        with other.held(), monkeypatch.context() as patched:
            patched.setattr(db, "PATIENCE_S", 0.05)
            assert [is_told(line) for _ in range(2)] == [True, True]
        with line.held(), monkeypatch.context() as patched:
            patched.setattr(db, "PATIENCE_S", 0.05)
            assert is_told(other)


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "PATIENCE_S", 0.05)
    line = SqliteWriteLock(tmp_path / "loa.sqlite")
    with line.held():
        assert is_told(line)
    with line.held():
        pass


def test_no_two_have_the_turn_at_once(tmp_path: Path) -> None:
    """Among threads of several processes, as each file opened by itself is."""
    count, lines = tmp_path / "count", [SqliteWriteLock(tmp_path / "loa.sqlite") for _ in range(3)]
    count.write_text("0")

    def go(line: SqliteWriteLock) -> None:
        for _ in range(50):
            with line.held():
                count.write_text(str(int(count.read_text()) + 1))

    going = [threading.Thread(target=go, args=[line]) for line in lines for _ in range(3)]
    for each in going:
        each.start()
    for each in going:
        each.join()
    assert count.read_text() == "450"
