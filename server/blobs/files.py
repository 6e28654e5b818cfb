"""Photos in a folder: `ab/abcdef…`, copied beside, synced, then linked into place.

The link fails where the name exists (create-only), and the folder is synced after it: a photo called stored survives
a power cut. A copy, because a link to the source would share its bytes: who writes the source later would write the
stored photo too.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

_COPYING = re.compile(r".+\.[0-9a-f]{16}")


class FileBlobs:
    """The Blobs protocol on a local folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: Path) -> None:
        """See Blobs.put."""
        target = self._path(key)
        if not self.has(key):
            target.parent.mkdir(exist_ok=True)
            _sync(self._folder)
            self._copy(source, target)
        _sync(target.parent)  # also when it was there: who linked it may not have come to this line yet

    def _copy(self, source: Path, target: Path) -> None:
        beside = self._folder / f"{target.name}.{secrets.token_hex(8)}"
        try:
            with source.open("rb") as old, beside.open("xb") as new:
                shutil.copyfileobj(old, new)
                new.flush()
                os.fsync(new.fileno())
            with suppress(FileExistsError):
                os.link(beside, target)
        finally:
            beside.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO | None:
        """See Blobs.open."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            return None

    def drop(self, key: str) -> None:
        """See Blobs.drop."""
        path = self._path(key)
        if path.is_file():
            path.unlink()
            _sync(path.parent)

    def has(self, key: str) -> bool:
        """See Blobs.has."""
        return self._path(key).is_file()

    def find(self, key: str) -> Path | None:
        """Where the bytes lie, for a backup; never to be written to."""
        path = self._path(key)
        return path if path.is_file() else None

    def set_aside(self, key: str) -> None:
        """Take bytes that are not what their key says out of the way of the right ones; they are kept."""
        path = self._path(key)
        if path.is_file():
            aside = self._folder / "damaged"
            aside.mkdir(exist_ok=True)
            path.rename(aside / f"{key}-{secrets.token_hex(4)}")
            _sync(path.parent)

    def sweep(self, before_ms: int, most: int | None) -> int:
        """Remove at most so many files that a crash left half copied before a moment; returns how many."""
        left = (path for path in self._folder.iterdir() if _COPYING.fullmatch(path.name) and _is_older(path, before_ms))
        swept = 0
        for path in islice(left, most):
            path.unlink(missing_ok=True)
            swept += 1
        return swept

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _is_older(path: Path, moment_ms: int) -> bool:
    try:
        return path.stat().st_mtime_ns // 1_000_000 <= moment_ms
    except FileNotFoundError:  # its copy ended well meanwhile
        return False


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
