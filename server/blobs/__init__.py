"""Where photo bytes live: content-addressed, create-only, behind one Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol


class Blobs(Protocol):
    """A store of bytes by key. A put that returned is durable (guarantee G1) and is never changed."""

    def put(self, key: str, source: Path) -> None:
        """Store a file's bytes under a key; the same key again is a no-op. Raises OSError.

        The source stays, and may change afterwards.
        """

    def open(self, key: str) -> BinaryIO | None:
        """The bytes, or None where there are none."""

    def drop(self, key: str) -> None:
        """Remove the bytes, for a purge alone; none there is no error."""

    def has(self, key: str) -> bool:
        """True when the key is held."""
