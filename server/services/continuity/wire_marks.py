"""The mark as a client is given it and sends it back: it proves the restore of a whole disk, too (SPEC B-31, B-32).

It names the database's last mark, or the client's own last write where that is newer: a mark is made once a minute, and
no own write may be lost unnoticed, however young the copy. The text is base64url of the mark's 8 bytes or the write's
12, 4 of its time in seconds, and 6 of a MAC, which covers also the moment of the last restore. So only this server can
make one, and one from before that restore is told from one made since.
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

_TIME_BYTES, _MAC_BYTES = 4, 6
_MARK, _WRITE = re.compile(r"[A-Za-z0-9_-]{24}"), re.compile(r"[A-Za-z0-9_-]{30}")


@dataclass(frozen=True, slots=True)
class WireMark:
    """`value`: a mark as in the database, 16 hex digits, or a write's id. `at`: ms; read from a client, the second."""

    value: str
    at: int
    of_write: bool = False
    mac: bytes = b""

    @classmethod
    def read(cls, text: object) -> Self | None:
        """What a client sent; None if it is no mark."""
        if not isinstance(text, str) or not (_MARK.fullmatch(text) or _WRITE.fullmatch(text)):
            return None
        sent = base64.urlsafe_b64decode(text + "==")
        body, mac = sent[:-_MAC_BYTES], sent[-_MAC_BYTES:]
        value, at = body[:-_TIME_BYTES], int.from_bytes(body[-_TIME_BYTES:], "big") * 1000
        if len(text) == 24:
            return cls(value.hex(), at, mac=mac)
        return cls(base64.urlsafe_b64encode(value).decode("ascii"), at, True, mac)

    def given(self, key: bytes, restored: int | None) -> str:
        """The text to give out after that restore."""
        value = base64.urlsafe_b64decode(self.value) if self.of_write else bytes.fromhex(self.value)
        text = base64.urlsafe_b64encode(value + self.second.to_bytes(_TIME_BYTES, "big") + self._mac_by(key, restored))
        return text.decode("ascii").rstrip("=")

    @property
    def second(self) -> int:
        """Its time as clients are given it."""
        return self.at // 1000

    def is_genuine(self, keys: Sequence[bytes], restored: int | None) -> bool:
        """True if only a holder of one of the keys can have given it out, after that restore."""
        return any(hmac.compare_digest(self.mac, self._mac_by(key, restored)) for key in keys)

    def _mac_by(self, key: bytes, restored: int | None) -> bytes:
        said = json.dumps(["write" if self.of_write else "mark", self.value, self.second, restored or 0]).encode()
        return hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]
