"""Open a rescue file on disk, one block at a time (SPEC R-2 to R-6).

Its up to 200 MB are never in memory at once, and nothing is taken from a file before all of it was opened once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.core.keyring import Keyring, Purpose
from server.core.secrets_at_rest import rescue_key
from sync import rescue
from sync.errors import Refused
from sync.rescue_drafts import RescueDraft, is_draft, is_message, is_reply, read_draft


@dataclass(frozen=True, slots=True)
class Block:
    """The position of a block: `size` sealed bytes from `at` on."""

    number: int
    kind: bytes
    at: int
    size: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What could be opened: the photos by SHA-256. `damaged`: something could not."""

    photos: dict[str, Block]
    damaged: bool


class Sealed:
    """A rescue file, and the keys of the device that it names.

    It does not say which key sealed it: each is tried until a block opens, and that one is the file's.
    """

    def __init__(self, path: Path, keyring: Keyring) -> None:
        """Read the header. Raises Refused."""
        self._path = path
        self._size = path.stat().st_size
        if not self._size:
            raise Refused("rescue_empty")
        if self._size > rescue.FILE_BYTES:
            raise Refused("rescue_too_large")
        with path.open("rb") as file:
            self.header = rescue.read_header(file.read(rescue.START_BYTES))
        self._ciphers = [AESGCM(rescue_key(self.header.device, key)) for key in keyring.all(Purpose.RESCUE)]

    def check(self, *, intact: bool, closed: str = "rescue_altered") -> Contents:
        """Open every block. Raises Refused: `closed` if not even the first opens.

        With `intact` it suffices that one block opens (R-6).
        """
        found: dict[str, Block] = {}
        opened, fault = 0, None
        with self._path.open("rb") as file:
            try:
                for block in self._blocks(file):
                    plain = self._open(file, block)
                    if plain is None:
                        fault = fault or "rescue_altered"
                        if not intact:
                            break
                        continue
                    opened += 1
                    if block.kind == rescue.PHOTO:
                        found[hashlib.sha256(plain).hexdigest()] = block
            except Refused as refused:
                fault = fault or refused.code
        if not opened and fault == "rescue_altered":
            raise Refused(closed)
        if fault and not (intact and opened):
            raise Refused(fault)
        return Contents(found, damaged=fault is not None)

    def is_whole(self) -> bool:
        """True if the blocks go on to the end, as far as can be seen without opening any."""
        try:
            with self._path.open("rb") as file:
                return sum(1 for _ in self._blocks(file)) > 0
        except Refused:
            return False

    def writes(self) -> Iterator[Any]:
        """The writes of all blocks that open, unchecked and in their order."""
        return (raw for raw in self._entries() if not (is_draft(raw) or is_reply(raw) or is_message(raw)))

    def replies(self) -> Iterator[dict[str, Any]]:
        """The bodies of the answers to returns in all blocks that open, unchecked (X-47)."""
        return (raw["reply"] for raw in self._entries() if is_reply(raw))

    def messages(self) -> Iterator[dict[str, Any]]:
        """The bodies of the messages in all blocks that open, unchecked (X-47)."""
        return (raw["message"] for raw in self._entries() if is_message(raw))

    def drafts(self) -> Iterator[RescueDraft]:
        """The drafts of all blocks that open (R-11); one that says nothing to show is left out."""
        return (draft for raw in self._entries() if is_draft(raw) and (draft := read_draft(raw)))

    def entries(self) -> int:
        """How many writes and drafts there are."""
        return sum(1 for _ in self._entries())

    def _entries(self) -> Iterator[Any]:
        with self._path.open("rb") as file:
            try:
                for block in self._blocks(file):
                    plain = self._open(file, block) if block.kind == rescue.WRITES else None
                    if plain is not None:
                        yield from rescue.writes_of(plain)
            except Refused:
                return  # the file was checked before: a person who takes a damaged one knows that it ends here

    def contents(self, block: Block) -> bytes:
        """The contents of a block that was checked."""
        with self._path.open("rb") as file:
            plain = self._open(file, block)
        if plain is None:
            raise Refused("rescue_altered")
        return plain

    def _blocks(self, file: BinaryIO) -> Iterator[Block]:
        """The blocks up to the end. Raises Refused if the file does not continue as it should."""
        at = len(self.header.start)
        for number in range(rescue.BLOCKS):
            file.seek(at)
            kind, size = rescue.read_block_head(file.read(rescue.BLOCK_HEAD.size))
            at += rescue.BLOCK_HEAD.size
            if at + size > self._size:
                raise Refused("rescue_cut")
            yield Block(number, kind, at, size)
            at += size
            if kind == rescue.END:
                if at != self._size:
                    raise Refused("rescue_altered")
                return
        raise Refused("rescue_too_large")

    def _open(self, file: BinaryIO, block: Block) -> bytes | None:
        file.seek(block.at)
        sealed = file.read(block.size)
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                plain = cipher.decrypt(self.header.nonce(block.number), sealed, self.header.additional(block.kind))
                self._ciphers = [cipher]
                return plain
        return None
