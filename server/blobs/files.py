"""Photos in a folder: `ab/abcdef…`, written beside, synced, then linked into place.

The link fails where the name exists (create-only), and the folder is synced after it: a photo called stored survives
a power cut.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


class FileBlobs:
    """The Blobs protocol on a local folder. Source and folder must be on one filesystem."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: Path) -> None:
        """See Blobs.put."""
        target = self._path(key)
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            _sync(self._folder)
        _sync(source)
        with suppress(FileExistsError):
            os.link(source, target)
        _sync(target.parent)

    def open(self, key: str) -> BinaryIO | None:
        """See Blobs.open."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            return None

    def has(self, key: str) -> bool:
        """See Blobs.has."""
        return self._path(key).is_file()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
