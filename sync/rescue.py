r"""The layout of a rescue file: a client's outbox and photos as one sealed file (SPEC R-2 to R-4).

    LOARESCUE1\n | length | {"device", "made_at", "iv", "app"} | blocks
    block = kind | length | AES-256-GCM of its contents, tag at the end

This module knows only the layout; decrypting needs a key and is the server's part. Blocks are encrypted one by one (as
in STREAM, https://eprint.iacr.org/2015/189), so that neither side ever holds more than one of them. Each is bound to
the file, its kind and its number, so none can be moved, dropped or brought from another file. WebCrypto has no AES-GCM
that takes its input in pieces.
"""

from __future__ import annotations

import base64
import json
import re
import struct
from dataclasses import dataclass
from typing import Any, Final

from sync.errors import Refused
from sync.protocol import INTEGER_MAX
from sync.text import is_id
from sync.write import loads

MAGIC: Final = b"LOARESCUE1\n"
_MAGIC: Final = re.compile(rb"LOARESCUE\d{1,4}\n")
HEADER_BYTES: Final = 1024
START_BYTES: Final = len(MAGIC) + 4 + HEADER_BYTES
"""The header ends at or before this byte."""
IV_BYTES: Final = 8
TAG_BYTES: Final = 16
BLOCK_BYTES: Final = 8 * 1024 * 1024
"""Most bytes in a block: the largest photo is one block (P-2)."""
FILE_BYTES: Final = 200 * 1024 * 1024
BLOCKS: Final = 10_000
WRITES_IN_FILE: Final = 20_000

WRITES, PHOTO, END = b"W", b"P", b"E"
BLOCK_HEAD: Final = struct.Struct(">cI")
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Header:
    """The plaintext before the blocks. `start`: all of it as read, because each block is bound to it."""

    device: str
    made_at: int
    iv: bytes
    app: int
    start: bytes

    def nonce(self, number: int) -> bytes:
        """The nonce of the block with this number, counted from 0 (R-3)."""
        return self.iv + _LENGTH.pack(number)

    def additional(self, kind: bytes) -> bytes:
        """The additional authenticated data of a block of this kind."""
        return self.start + kind


def read_header(start: bytes) -> Header:
    """Parse the header of a file that begins with these bytes (START_BYTES of them, or fewer if the file is shorter).

    Raises Refused: `rescue_not_ours`, `rescue_newer`, `rescue_cut`, `rescue_altered`.
    """
    found = _MAGIC.match(start)
    if found is None:
        raise Refused("rescue_cut" if MAGIC.startswith(start) else "rescue_not_ours")
    if found[0] != MAGIC:
        raise Refused("rescue_newer")
    if len(start) < len(MAGIC) + 4:
        raise Refused("rescue_cut")
    (length,) = _LENGTH.unpack_from(start, len(MAGIC))
    end = len(MAGIC) + 4 + length
    if length > HEADER_BYTES:
        raise Refused("rescue_altered")
    if len(start) < end:
        raise Refused("rescue_cut")
    return _header(start[:end], start[len(MAGIC) + 4 : end])


def _header(start: bytes, text: bytes) -> Header:
    try:
        raw = json.loads(text)
        device, made_at, app = raw["device"], raw["made_at"], raw["app"]
        iv = base64.b64decode(raw["iv"] + "=" * (-len(raw["iv"]) % 4), altchars=b"-_", validate=True)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused("rescue_altered") from error
    if not is_id(device) or not _is_whole(made_at) or not _is_whole(app) or len(iv) != IV_BYTES:
        raise Refused("rescue_altered")
    return Header(device, made_at, iv, app, start)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INTEGER_MAX


def read_block_head(head: bytes) -> tuple[bytes, int]:
    """Parse a block's head: (kind, length in bytes of the rest). Raises Refused: `rescue_cut`, `rescue_altered`."""
    if len(head) < BLOCK_HEAD.size:
        raise Refused("rescue_cut")
    kind, length = BLOCK_HEAD.unpack(head)
    if kind not in (WRITES, PHOTO, END) or not TAG_BYTES <= length <= BLOCK_BYTES + TAG_BYTES:
        raise Refused("rescue_altered")
    return kind, length


def writes_of(contents: bytes) -> list[Any]:
    """The writes of a `W` block, unchecked. Contents that are no list count as one unreadable write."""
    try:
        found = loads(contents.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return [None]
    return found if isinstance(found, list) else [None]
