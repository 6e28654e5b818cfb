"""The mark as a client is given it and sends it back: it proves the restore of a whole disk, too (SPEC B-31, B-32).

The text is base64url of 8 bytes of the mark, 4 of its time in seconds, and 6 of a MAC, which covers also the moment of
the last restore. So only this server can make one, and one from before that restore is told from one made since.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

_BYTES, _MAC_BYTES = 8, 6
_FORM = re.compile(r"[A-Za-z0-9_-]{24}")


@dataclass(frozen=True, slots=True)
class WireMark:
    """`value`: as in the database, 16 hex digits. `at`: when it was made, ms; read from a client, the second."""

    value: str
    at: int
    mac: bytes = b""

    @classmethod
    def read(cls, text: object) -> Self | None:
        """What a client sent; None if it is no mark."""
        if not isinstance(text, str) or not _FORM.fullmatch(text):
            return None
        sent = base64.urlsafe_b64decode(text)
        value, at = sent[:_BYTES], int.from_bytes(sent[_BYTES:-_MAC_BYTES], "big")
        return cls(value.hex(), at * 1000, sent[-_MAC_BYTES:])

    def given(self, key: bytes, restored: int | None) -> str:
        """The text to give out after that restore."""
        body = bytes.fromhex(self.value) + (self.at // 1000).to_bytes(4, "big")
        return base64.urlsafe_b64encode(body + self._mac_by(key, restored)).decode("ascii")

    def is_genuine(self, keys: Sequence[bytes], restored: int | None) -> bool:
        """True if only a holder of one of the keys can have given it out, after that restore."""
        return any(hmac.compare_digest(self.mac, self._mac_by(key, restored)) for key in keys)

    def _mac_by(self, key: bytes, restored: int | None) -> bytes:
        said = json.dumps(["mark", self.value, self.at // 1000, restored or 0]).encode()
        return hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]
