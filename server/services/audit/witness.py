"""Copies of the heads' lines off this machine: who holds the machine cannot take them back.

A setting says where (LOA_AUDIT_WITNESS): a file on a mount of another machine, or syslog. A copy never holds an act up:
one that cannot be made is a warning. A file gets what it lacks with the next line, as long as that was not compacted.
"""

from __future__ import annotations

import logging
import logging.handlers
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from server.core import atomic_files
from server.services.audit import heads
from server.services.audit.chain import ChainKeys
from server.services.audit.heads import HeadFile

log = logging.getLogger(__name__)
SYSLOG: Final = "syslog"
PORT: Final = 514


class BadWitness(ValueError):  # noqa: N818  # the name reads well before the sentence it prints
    """The setting names no place; the message says what to write."""


class Witness(Protocol):
    """Where copies go."""

    def __call__(self, path: Path, text: str, /) -> None:
        """Copy a line that was added to the file `path`; never raises."""

    def copies(self, name: str, keys: ChainKeys, /) -> dict[str, HeadFile] | None:
        """Return by id what the copies of that file say; None if they cannot be read from here. Raises OSError."""


def of_setting(value: str) -> Witness | None:
    """Return the witness of a setting: an absolute path, `syslog`, `syslog:HOST` or `syslog:HOST:PORT`.

    Raises BadWitness.
    """
    if not value:
        return None
    if value.startswith("/"):
        return CopyFile(Path(value))
    kind, _, place = value.partition(":")
    host, _, port = place.partition(":")
    if kind != SYSLOG or (place and not (host and (port or str(PORT)).isdecimal())) or value.endswith(":"):
        raise BadWitness(f"LOA_AUDIT_WITNESS is {value}: write a path that begins with /, syslog, or syslog:HOST:PORT.")
    return Syslog((host, int(port or PORT)) if host else "/dev/log")


@dataclass(slots=True)
class CopyFile:
    """A file elsewhere, which several hosts and both logs may share."""

    path: Path
    behind: bool = True
    """A line may be missing there: at the start, and after one that could not be written."""

    def __call__(self, path: Path, text: str) -> None:
        """Append the line, and before it those that are missing."""
        try:
            if self.behind:
                text = self._missing(path)
            with atomic_files.alone(self.path) as file:
                atomic_files.append_to(file, text)
            self.behind = False
        except OSError as error:
            self.behind = True
            log.warning("a head of the audit log was not copied to %s: %s", self.path, type(error).__name__)

    def copies(self, name: str, keys: ChainKeys) -> dict[str, HeadFile]:
        """Return by id what the copies of that file say."""
        with self.path.open("rb") as file:
            return heads.copies(file, name, keys)

    def _missing(self, path: Path) -> str:
        held = set(self.path.read_bytes().splitlines(keepends=True)) if self.path.exists() else set()
        files = [path.with_name(name) for name in (heads.NAME, heads.CASES)]
        lines = [line for file in files if file.exists() for line in file.read_bytes().splitlines(keepends=True)]
        return "".join(line.decode() for line in lines if line not in held)


@dataclass(frozen=True, slots=True)
class Syslog:
    """The system's log, which keeps and sends on what it gets. `loa audit verify --copies` reads what it wrote."""

    address: str | tuple[str, int]

    def __call__(self, _path: Path, text: str) -> None:
        """Send the line as one message of the facility `authpriv`."""
        try:
            handler = _Handler(self.address, logging.handlers.SysLogHandler.LOG_AUTHPRIV)
            handler.emit(logging.makeLogRecord({"msg": f"loa: {text.strip()}", "levelname": "INFO"}))
            handler.close()
        except OSError as error:
            log.warning("a head of the audit log was not sent to syslog: %s", type(error).__name__)

    def copies(self, _name: str, _keys: ChainKeys) -> None:
        """Return None: what syslog wrote is read as a file."""


class _Handler(logging.handlers.SysLogHandler):
    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Raise what happened, which the library would print."""
        raise  # noqa: PLE0704  # the library calls it while it handles the error
