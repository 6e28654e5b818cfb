"""The store of photo bytes: content-addressed, behind one Protocol. Only damaged bytes are ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from errno import EIO
from pathlib import Path
from typing import BinaryIO, Protocol


class StoreUnavailable(OSError):  # noqa: N818  # the name reads well before the sentence it prints
    """The store cannot be used now; nothing was stored. Its errno makes the answer 503 (server/core/unavailable.py)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(EIO, sentence)

    def __str__(self) -> str:
        return str(self.strerror)


class StoreSilent(StoreUnavailable):
    """The store did not answer, or failed."""


class StoreRefuses(StoreUnavailable):
    """The store answered and refuses us: a wrong secret, no such bucket, missing rights."""


class Blobs(Protocol):
    """A store of bytes by key. A put that returned is durable (SPEC G1). All methods raise OSError."""

    def put(self, key: str, source: Path) -> None:
        """Store a file's bytes under a key. Existing bytes stay unless they are damaged.

        Existing bytes are good if their hash is the key, or if they equal the source (a thumbnail's key is no hash).
        The source stays, and may change afterwards. Raises FileNotFoundError if the source is gone.
        """

    def open(self, key: str) -> BinaryIO | None:
        """Open the bytes for reading; None if there are none."""

    def drop(self, keys: Iterable[str]) -> None:
        """Remove the bytes, also those of incomplete uploads; for a purge only. A missing key is no error.

        Removes half copied bytes of a crash and damaged bytes set aside, too.
        """

    def has(self, key: str) -> bool:
        """True when the key is held."""

    def held(self, begin: str) -> set[str]:
        """The keys that are held and begin with these two signs: of many, one list is asked for, not each key."""

    def sha256(self, key: str) -> str | None:
        """Read the bytes and return their hash as hex; None if there are none."""

    def fetch(self, key: str, target: Path) -> bool:
        """Write the bytes to a new file, durably, for a backup; False if there are none. Never write to that file."""

    def set_aside(self, key: str) -> None:
        """Move damaged bytes (their hash is not the key) out of the way of good ones, and keep them.

        Good bytes that another process puts there meanwhile stay.
        """

    def sweep(self, before_ms: int) -> int:
        """Remove leftovers of crashes from before a moment. Returns their number."""

    def check(self) -> None:
        """Raise StoreUnavailable with a sentence if the store cannot keep what this protocol promises."""
