"""Copies of the heads' lines off this machine: who holds the machine cannot take them back.

A setting says where (LOA_AUDIT_WITNESS): a file on a mount of another machine, or syslog. A copy never holds an act up:
a thread makes it, and one that cannot be made is a warning. A file gets what it lacks with the next line, as long as
that was not compacted.
"""

from __future__ import annotations

import atexit
import logging
import logging.handlers
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Full, Queue
from typing import Final, Protocol

from server.core import atomic_files
from server.core.shell_words import t
from server.services.audit import heads
from server.services.audit.chain import ChainKeys
from server.services.audit.heads import HeadFile

log = logging.getLogger(__name__)
SYSLOG: Final = "syslog"
PORT: Final = 514
MOST: Final = 1_000
SETTLE_S: Final = 5.0


class BadWitness(ValueError):  # noqa: N818  # the name reads well before the sentence it prints
    """The setting names no place; the message says what to write."""


class Target(Protocol):
    """Where copies go. Its functions may raise OSError."""

    def put(self, path: Path, text: str, /) -> None:
        """Copy a line that was added to the file `path`."""

    def copies(self, name: str, keys: ChainKeys, /) -> dict[str, HeadFile] | None:
        """Return by id what the copies of that file say; None if they cannot be read from here."""


class Witness:
    """Copies lines one after the other in a thread of its own, so that no commit waits for a mount or a name server.

    The thread belongs to the process that copies: it begins with the first line after a fork, and a command that ends
    waits some seconds for it. Lines beyond MOST are left to the next one, which brings what a file lacks.
    """

    def __init__(self, target: Target) -> None:
        """Begin nothing yet."""
        self._target = target
        self._lines: Queue[tuple[Path, str]] = Queue(MOST)
        self._pid = 0

    def __call__(self, path: Path, text: str) -> None:
        """Copy a line that was added to the file `path`, soon. Never raises, never waits."""
        if self._pid != os.getpid():
            self._pid, self._lines = os.getpid(), Queue(MOST)
            threading.Thread(target=self._run, args=(self._lines,), name="audit witness", daemon=True).start()
            atexit.register(self.settle)
        try:
            self._lines.put_nowait((path, text))
        except Full:
            log.warning("a head of the audit log was not copied: too many wait")

    def copies(self, name: str, keys: ChainKeys) -> dict[str, HeadFile] | None:
        """Return by id what the copies of that file say; None if they cannot be read from here. Raises OSError."""
        return self._target.copies(name, keys)

    def settle(self) -> None:
        """Wait until lines of this process are copied, SETTLE_S at most."""
        until = time.monotonic() + SETTLE_S
        while self._pid == os.getpid() and self._lines.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.005)

    def _run(self, lines: Queue[tuple[Path, str]]) -> None:
        while True:
            path, text = lines.get()
            try:
                self._target.put(path, text)
            except OSError as error:
                log.warning("a head of the audit log was not copied: %s", type(error).__name__)
            lines.task_done()


def of_setting(value: str) -> Witness | None:
    """Return the witness of a setting: an absolute path, `syslog`, `syslog:HOST` or `syslog:HOST:PORT`.

    Raises BadWitness.
    """
    if not value:
        return None
    if value.startswith("/"):
        return Witness(CopyFile(Path(value)))
    kind, _, place = value.partition(":")
    host, _, port = place.partition(":")
    if kind != SYSLOG or (place and not (host and (port or str(PORT)).isdecimal())) or value.endswith(":"):
        raise BadWitness(
            t(
                "LOA_AUDIT_WITNESS is {value}: write a path that begins with /, syslog, or syslog:HOST:PORT.",
                value=value,
            )
        )
    return Witness(Syslog((host, int(port or PORT)) if host else "/dev/log"))


@dataclass(slots=True)
class CopyFile:
    """A file elsewhere, which several hosts and both logs may share."""

    path: Path
    behind: bool = True
    """A line may be missing there: at the start, and after one that could not be written."""
    brought: set[bytes] = field(default_factory=set)
    """Lines that the last catching up took from the file: one of them may still be on its way here, and comes once."""

    def put(self, path: Path, text: str) -> None:
        """Append the line, and before it those that are missing."""
        behind, self.behind = self.behind, True
        lines = self._missing(path) if behind else [text.encode()]
        with atomic_files.alone(self.path) as file:
            atomic_files.append_to(file, b"".join(line for line in lines if behind or line not in self.brought))
        self.behind = False
        if behind:
            self.brought = set(lines)

    def copies(self, name: str, keys: ChainKeys) -> dict[str, HeadFile]:
        """Return by id what the copies of that file say."""
        with self.path.open("rb") as file:
            return heads.copies(file, name, keys)

    def _missing(self, path: Path) -> list[bytes]:
        held = set(self.path.read_bytes().splitlines(keepends=True)) if self.path.exists() else set()
        files = [path.with_name(name) for name in (heads.NAME, heads.CASES)]
        lines = [line for file in files if file.exists() for line in file.read_bytes().splitlines(keepends=True)]
        return [line for line in lines if line not in held and line.endswith(b"\n")]


@dataclass(frozen=True, slots=True)
class Syslog:
    """The system's log, which keeps and sends on what it gets. `loa audit verify --copies` reads what it wrote."""

    address: str | tuple[str, int]

    def put(self, _path: Path, text: str) -> None:
        """Send the line as one message of the facility `authpriv`."""
        handler = _Handler(self.address, logging.handlers.SysLogHandler.LOG_AUTHPRIV)
        try:
            handler.emit(logging.makeLogRecord({"msg": f"loa: {text.strip()}", "levelname": "INFO"}))
        finally:
            handler.close()

    def copies(self, _name: str, _keys: ChainKeys) -> None:
        """Return None: what syslog wrote is read as a file."""


class _Handler(logging.handlers.SysLogHandler):
    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Raise what happened, which the library would print."""
        raise  # noqa: PLE0704  # the library calls it while it handles the error
