"""Files of a form that was sent after its session ended: kept for an hour, until their officer has signed in again.

A file lies in the data folder, sealed with a key of its own (AES-256-GCM) that only the officer's page carries: whoever
reads the disk, or a copy of it, reads nothing. It is in no backup. Names begin with the officer's id, and an officer
has a few at most, so that a stolen cookie of an old session fills no disk.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import time as clock_time
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.core.clock import new_id
from server.services.jobs import Jobs

FILE_BYTES: Final = 20 * 1024**2
"""Most bytes of one file: a letter, a table, a signed PDF file, a form. Photos and rescue files have more."""
ALL_BYTES: Final = 400 * 1024**2
"""Most bytes of all files together."""
OF_ONE: Final = 4
"""Most files of one officer; the oldest make room."""
KEPT_S: Final = 3600
NIGHTLY: Final = clock_time(1, 40)
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Where a file lies, and the key that opens it."""

    id: str
    key: str


class KeptFiles:
    """The files in a folder, which is made when it is needed."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "held"

    def keep(self, officer_id: str, data: bytes) -> KeptFile | None:
        """Seal and store a file. Returns None if it is too large, or there is no room now, or the disk fails."""
        try:
            return self._keep(officer_id, data)
        except OSError:
            return None

    def drop(self, kept: KeptFile) -> None:
        """Remove a file that nobody will come back for."""
        with suppress(OSError):
            (self._folder / kept.id).unlink(missing_ok=True)

    def _keep(self, officer_id: str, data: bytes) -> KeptFile | None:
        self.sweep()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(data) > FILE_BYTES or self._size() + len(data) > ALL_BYTES:
            return None
        for old in self._of(officer_id)[: 1 - OF_ONE]:
            old.unlink(missing_ok=True)
        key, nonce, id_ = secrets.token_bytes(32), secrets.token_bytes(_NONCE), f"{officer_id}.{new_id()}"
        sealed = nonce + AESGCM(key).encrypt(nonce, data, id_.encode())
        handle = os.open(self._folder / id_, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        kept = KeptFile(id_, key.hex())
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
        except OSError:
            self.drop(kept)  # a part of it is of no use
            raise
        return kept

    def opened(self, officer_id: str, kept: KeptFile) -> bytes | None:
        """Return the file; None if it is another officer's, its time is over, or the key is not its own."""
        path = self._folder / kept.id
        if path.parent != self._folder or not kept.id.startswith(f"{officer_id}."):
            return None
        try:
            if _is_over(path):
                return None
            sealed = path.read_bytes()
            return AESGCM(bytes.fromhex(kept.key)).decrypt(sealed[:_NONCE], sealed[_NONCE:], kept.id.encode())
        except (FileNotFoundError, InvalidTag, ValueError):
            return None

    def sweep(self) -> int:
        """Remove those whose time is over. Returns their number."""
        over = [path for path in self._all() if _is_over(path)]
        for path in over:
            path.unlink(missing_ok=True)
        return len(over)

    def _size(self) -> int:
        return sum(path.stat().st_size for path in self._all() if path.exists())

    def _of(self, officer_id: str) -> list[Path]:
        """Return an officer's files, the oldest first."""
        mine = [path for path in self._all() if path.name.startswith(f"{officer_id}.") and path.exists()]
        return sorted(mine, key=lambda path: path.stat().st_mtime)

    def _all(self) -> Iterator[Path]:
        return self._folder.glob("*")


def _is_over(path: Path) -> bool:
    try:
        return not 0 <= time.time() - path.stat().st_mtime <= KEPT_S
    except FileNotFoundError:  # another process removed it
        return False


def register(jobs: Jobs, data_dir: Path) -> None:
    """Make the chore of each host known that removes what nobody came back for."""

    def chore() -> bool:
        KeptFiles(data_dir).sweep()
        return True

    jobs.register_chore("held.sweep", chore, nightly=NIGHTLY)
