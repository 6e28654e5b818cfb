"""Restore a backup's photos into the data folder, and check them there."""

from __future__ import annotations

import secrets
from pathlib import Path

from server.backups import layout
from server.blobs.files import FileBlobs
from server.services.photos.images import judge, sha256_of, thumb_key


class Photos:
    """The photos that a backup lists, restored and checked one by one."""

    def __init__(self, folder: Path, sums: dict[str, str], data_dir: Path) -> None:
        self._folder = folder
        self._sums = {name.rpartition("/")[2]: sums[name] for name in sums if name.startswith(f"{layout.PHOTOS}/")}
        self._blobs = FileBlobs(data_dir / "photos")
        self._work = data_dir

    def put(self) -> None:
        """Store every photo whose hash is right; move damaged ones in the data folder aside first."""
        for key, sha256 in self._sums.items():
            if not self._is_held(key, sha256):
                self._blobs.set_aside(key)
                source = self._folder / layout.photo_path(key)
                if source.is_file() and sha256_of(source) == sha256:
                    self._blobs.put(key, source)

    def is_good(self, sha256: str) -> bool:
        """Return True if the data folder has the photo with this very hash; a missing thumbnail is made again."""
        if not self._is_held(sha256, sha256):
            self._blobs.set_aside(sha256)
            return False
        if not self._blobs.has(thumb_key(sha256)):
            self._make_thumb(sha256)
        return True

    def has(self, sha256: str) -> bool:
        """Return True if the data folder has this campaign's file with its hash; such files have no thumbnail."""
        return self._is_held(sha256, sha256)

    def _is_held(self, key: str, sha256: str) -> bool:
        path = self._blobs.find(key)
        return path is not None and sha256_of(path) == sha256

    def _make_thumb(self, sha256: str) -> None:
        path = self._blobs.find(sha256)
        thumb = self._work / f"thumb-{secrets.token_hex(8)}"
        try:
            if path is not None and judge(path, thumb).code is None:
                self._blobs.put(thumb_key(sha256), thumb)
        finally:
            thumb.unlink(missing_ok=True)
