"""The store of photo bytes: content-addressed, behind one Protocol. Only damaged bytes are ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Protocol


class Blobs(Protocol):
    """A store of bytes by key. A put that returned is durable (SPEC G1)."""

    def put(self, key: str, source: Path) -> None:
        """Store a file's bytes under a key. Existing bytes stay unless they are damaged. Raises OSError.

        Existing bytes are good if their hash is the key, or if they equal the source (a thumbnail's key is no hash).
        The source stays, and may change afterwards.
        """

    def open(self, key: str) -> BinaryIO | None:
        """Open the bytes for reading; None if there are none."""

    def drop(self, keys: Iterable[str]) -> None:
        """Remove the bytes, also those of incomplete uploads; for a purge only. A missing key is no error.

        Removes half copied bytes of a crash and damaged bytes set aside, too.
        """

    def has(self, key: str) -> bool:
        """True when the key is held."""
