"""Photos in a folder: `ab/abcdef…`, copied beside, synced, then renamed into place.

Existing bytes are read, not trusted: a disk may have flipped a bit, and the bytes at hand may be the last good ones.
The folder is synced afterwards, so that a photo called stored survives a power cut. Bytes are copied, not linked: a
link would share them, and a later change of the source would change the stored photo.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from server.core import atomic_files
from server.core.atomic_files import file_digest

DAMAGED = "damaged"
_COPYING = re.compile(r"(.+)\.[0-9a-f]{16}")
_ASIDE = re.compile(r"(.+)-[0-9a-f]{8}")


class FileBlobs:
    """The Blobs protocol on a local folder."""

    def __init__(self, folder: Path, forget: Callable[[Iterable[str]], None] | None = None) -> None:
        """`folder` is made when missing. `forget` drops the incomplete uploads of the keys that are dropped here."""
        self._folder, self._forget = folder, forget
        atomic_files.make(folder)

    def put(self, key: str, source: Path) -> None:
        """See Blobs.put."""
        target = self._path(key)
        held = _digest_of(target)
        if held is None or held not in (key, file_digest(source)):
            atomic_files.make(target.parent)
            atomic_files.copy(source, target, beside=self._folder)
        else:
            atomic_files.sync(target.parent)  # its creator may have crashed before syncing

    def open(self, key: str) -> BinaryIO | None:
        """See Blobs.open."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            return None

    def drop(self, keys: Iterable[str]) -> None:
        """See Blobs.drop."""
        gone = set(keys)
        self._unlink(gone)
        for folder, end in ((self._folder, _COPYING), (self._folder / DAMAGED, _ASIDE)):
            for path in list(folder.iterdir()) if gone and folder.is_dir() else ():
                name = end.fullmatch(path.name)
                if name is not None and name[1] in gone:
                    path.unlink(missing_ok=True)
        self._unlink(gone)  # what `set_aside` had moved away and put back
        if self._forget is not None:
            self._forget(gone)

    def _unlink(self, keys: Iterable[str]) -> None:
        for path in map(self._path, keys):
            if path.is_file():
                path.unlink(missing_ok=True)
                atomic_files.sync(path.parent)

    def has(self, key: str) -> bool:
        """See Blobs.has."""
        return self._path(key).is_file()

    def held(self, begin: str) -> set[str]:
        """See Blobs.held."""
        try:
            with os.scandir(self._folder / begin) as found:
                return {each.name for each in found if each.is_file()}
        except FileNotFoundError:
            return set()

    def sha256(self, key: str) -> str | None:
        """See Blobs.sha256."""
        return _digest_of(self._path(key))

    def fetch(self, key: str, target: Path) -> bool:
        """See Blobs.fetch."""
        source = self._path(key)
        if not source.is_file():
            return False
        atomic_files.link(source, target)
        return True

    def set_aside(self, key: str) -> None:
        """See Blobs.set_aside.

        Another process may put good bytes there between the check and the move. So the moved file is checked again, and
        goes back if it is good. Anything put there in between is good as well.
        """
        path = self._path(key)
        if _digest_of(path) in (None, key):
            return
        aside = self._folder / DAMAGED
        atomic_files.make(aside)
        moved = aside / f"{key}-{secrets.token_hex(4)}"
        with suppress(FileNotFoundError):  # a purge took it
            path.rename(moved)
            if file_digest(moved) == key:
                moved.rename(path)
        atomic_files.sync(aside)
        atomic_files.sync(path.parent)

    def sweep(self, before_ms: int) -> int:
        """See Blobs.sweep: files that a crash left half copied."""
        left = [path for path in self._folder.iterdir() if _COPYING.fullmatch(path.name) and _is_older(path, before_ms)]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def check(self) -> None:
        """See Blobs.check: nothing to check, for the folder was made with this."""

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _digest_of(path: Path) -> str | None:
    try:
        return file_digest(path)
    except FileNotFoundError:
        return None


def _is_older(path: Path, moment_ms: int) -> bool:
    try:
        return path.stat().st_mtime_ns // 1_000_000 <= moment_ms
    except FileNotFoundError:  # its copy was completed meanwhile
        return False
