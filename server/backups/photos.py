"""Restore a backup's photos into the store, and check them there."""

from __future__ import annotations

import secrets
from pathlib import Path

from server.backups import layout
from server.blobs import Blobs
from server.core.atomic_files import file_digest
from server.services.photos.images import judge, thumb_key
from sync.protocol import DOCUMENT_TYPE


class Photos:
    """The photos that a backup lists, restored and checked one by one."""

    def __init__(self, folder: Path, sums: dict[str, str], blobs: Blobs, work: Path) -> None:
        """`folder`: the backup; `work`: a folder for temporary files."""
        self._folder = layout.photos_of(folder)
        self._sums = {name.rpartition("/")[2]: sums[name] for name in sums if name.startswith(f"{layout.PHOTOS}/")}
        self._blobs, self._work = blobs, work
        self._read: set[str] = set()
        """Photos whose stored bytes were read here and had the right hash: a bucket is read once, not twice."""

    def put(self) -> None:
        """Store every photo whose hash is right; move damaged ones in the store aside first."""
        for key, sha256 in self._sums.items():
            if self._is_held(key, sha256):
                self._read.add(key)
            else:
                self._blobs.set_aside(key)
                source = self._folder / layout.photo_path(key)
                if source.is_file() and file_digest(source) == sha256:
                    self._blobs.put(key, source)

    def is_good(self, sha256: str, type_: str) -> bool:
        """Return True if the store has the photo with this very hash; a missing thumbnail is made again.

        A document has none.
        """
        if sha256 not in self._read and not self._is_held(sha256, sha256):
            self._blobs.set_aside(sha256)
            return False
        if type_ != DOCUMENT_TYPE and not self._blobs.has(thumb_key(sha256)):
            self._make_thumb(sha256)
        return True

    def has(self, sha256: str) -> bool:
        """Return True if the store has this campaign's file with its hash; such files have no thumbnail."""
        return sha256 in self._read or self._is_held(sha256, sha256)

    def _is_held(self, key: str, sha256: str) -> bool:
        return self._blobs.sha256(key) == sha256

    def _make_thumb(self, sha256: str) -> None:
        path = self._work / f"photo-{secrets.token_hex(8)}"
        thumb = path.with_name(f"{path.name}-thumb")
        try:
            if self._blobs.fetch(sha256, path) and judge(path, thumb).code is None:
                self._blobs.put(thumb_key(sha256), thumb)
        finally:
            path.unlink(missing_ok=True)
            thumb.unlink(missing_ok=True)
