"""A rescue file made as a phone makes it: from sync/SPEC.md R-2 to R-5 alone, without the server's code.

key = enrolment["rescue_key"]
data = rescue_file(enrolment["device"], key, writes, [shot.thumb, shot.data])
"""

from __future__ import annotations

import base64
import json
import os
import struct
from collections.abc import Iterable, Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"LOARESCUE1\n"


def rescue_file(
    device: str,
    key: str,
    writes: Sequence[Any],
    photos: Iterable[bytes] = (),
    *,
    iv: bytes | None = None,
    made_at: int = 1_627_000_000_000,
    magic: bytes = MAGIC,
    blocks: Sequence[tuple[bytes, bytes]] | None = None,
) -> bytes:
    """The bytes of a file; `blocks` replaces those made from writes and photos."""
    iv = os.urandom(8) if iv is None else iv
    head = {"device": device, "made_at": made_at, "iv": base64.urlsafe_b64encode(iv).decode().rstrip("="), "app": 1}
    header = json.dumps(head, separators=(",", ":")).encode()
    start = magic + struct.pack(">I", len(header)) + header
    if blocks is None:
        packed = json.dumps(list(writes), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        blocks = [(b"W", packed), *((b"P", photo) for photo in photos), (b"E", b"")]
    cipher = AESGCM(base64.urlsafe_b64decode(key + "="))
    parts = [start]
    for number, (kind, plain) in enumerate(blocks):
        sealed = cipher.encrypt(iv + struct.pack(">I", number), plain, start + kind)
        parts.append(kind + struct.pack(">I", len(sealed)) + sealed)
    return b"".join(parts)
