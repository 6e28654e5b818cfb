"""Where photo bytes live: content-addressed, behind one Protocol; only damaged bytes are ever written over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Protocol


class Blobs(Protocol):
    """A store of bytes by key. A put that returned is durable (SPEC G1)."""

    def put(self, key: str, source: Path) -> None:
        """Store a file's bytes under a key; what is there already stays, unless it is damaged. Raises OSError.

        It is good when the key is its hash, or when it is the same bytes (a thumbnail's key is no hash).
        The source stays, and may change afterwards.
        """

    def open(self, key: str) -> BinaryIO | None:
        """The bytes, or None where there are none."""

    def drop(self, keys: Iterable[str]) -> None:
        """Remove the bytes, of uploads too that are not whole, for a purge alone; none there is no error.

        Also what a crash left of them half copied, or damage put aside.
        """

    def has(self, key: str) -> bool:
        """True when the key is held."""
