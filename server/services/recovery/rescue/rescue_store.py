"""The installation as rescue files need it, and the folder of files that wait for a person."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.blobs import Blobs
from server.core import atomic_files, data_dir_locks
from server.core.clock import new_id, now_ms
from server.core.keyring import Keyring
from server.services.photos import images
from server.services.photos.images import judge

KEEP_MS = 30 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class RescueStore:
    """The installation's keys, the photo store, and a folder of its own. Files lie there sealed, as they came."""

    keyring: Keyring
    blobs: Blobs
    folder: Path

    def room(self, suffix: str) -> Path:
        """A path for a new file in the folder."""
        atomic_files.make(self.folder)
        return self.folder / f"{new_id()}{suffix}"

    def held(self, rescue_id: str) -> Path:
        """The path of a file that waits for a person."""
        return self.folder / f"{rescue_id}.loa"

    def hold(self, path: Path, rescue_id: str) -> None:
        """Keep a file for a person, durably, because the row that names it is durable."""
        held = self.held(rescue_id)
        path.rename(held)
        atomic_files.sync(held)
        atomic_files.sync(self.folder)

    def look(self, data: bytes) -> bytes | None:
        """A small JPEG of an image that nobody has taken yet; None if it is no image."""
        path, thumb = self.room(".photo"), self.room(".thumb")
        try:
            path.write_bytes(data)
            return thumb.read_bytes() if judge(path, thumb).code is None else None
        finally:
            path.unlink(missing_ok=True)
            thumb.unlink(missing_ok=True)

    def is_document(self, data: bytes) -> bool:
        """True for a PDF that nobody has taken yet and that may be kept. Raises Problem `unavailable`."""
        path = self.room(".pdf")
        try:
            path.write_bytes(data)
            return images.is_pdf(path) and images.judge_document(path).code is None
        finally:
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove files after 30 days; whoever handed one in still has it."""
        with data_dir_locks.sweeping(self.folder.parent) as may:
            for path in self.folder.glob("*") if may else ():
                with suppress(FileNotFoundError):  # another request has removed it
                    if path.stat().st_mtime * 1000 < now_ms() - KEEP_MS:
                        path.unlink()
