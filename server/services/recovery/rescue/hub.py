"""What taking in a rescue file needs of this installation, and the folder of files that wait for a person."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.blobs import Blobs
from server.core import atomic_files, data_dir_locks
from server.core.clock import new_id, now_ms
from server.services.photos.images import judge

KEEP_MS = 30 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Hub:
    """The installation's secret, where photos go, and a folder of its own. Files lie there sealed, as they came."""

    secret: str
    blobs: Blobs
    folder: Path

    def room(self, suffix: str) -> Path:
        """A new name in the folder."""
        atomic_files.make(self.folder)
        return self.folder / f"{new_id()}{suffix}"

    def held(self, rescue_id: str) -> Path:
        """Where a file that waits for a person lies."""
        return self.folder / f"{rescue_id}.loa"

    def hold(self, path: Path, rescue_id: str) -> None:
        """Keep a file for a person, durably: the row that names it is."""
        held = self.held(rescue_id)
        path.rename(held)
        atomic_files.sync(held)
        atomic_files.sync(self.folder)

    def look(self, data: bytes) -> bytes | None:
        """A small JPEG of an image that nobody has taken yet; None where it is none."""
        path, thumb = self.room(".photo"), self.room(".thumb")
        try:
            path.write_bytes(data)
            return thumb.read_bytes() if judge(path, thumb).code is None else None
        finally:
            path.unlink(missing_ok=True)
            thumb.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what has lain here for 30 days; whoever handed it in has it still."""
        with data_dir_locks.sweeping(self.folder.parent) as may:
            for path in self.folder.glob("*") if may else ():
                with suppress(FileNotFoundError):  # another hand-in is done with it
                    if path.stat().st_mtime * 1000 < now_ms() - KEEP_MS:
                        path.unlink()
