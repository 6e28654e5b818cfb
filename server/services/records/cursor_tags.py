"""Cursors, and their tags, which nobody else can forge (SPEC C-2, C-5).

A tag has 16 characters: half are random and drawn with a position, half a MAC over these and the cursor's contents. The
MAC is made when a cursor is issued, not when its position is drawn. So it belongs to the time since the last restore,
and an older tag cannot be reused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.core.keyring import Keyring, Purpose

DRAWN = 8
"""Length of the random part, 48 bits, which is stored with a position."""
_MAC_BYTES = 6


def keys_from(keyring: Keyring) -> tuple[bytes, ...]:
    """The keys for cursor tags only, newest first: that one makes tags, all recognise them."""
    return tuple(hmac.digest(key.material, b"cursor", hashlib.sha256) for key in keyring.all(Purpose.CURSORS))


def is_known(stored: str | None, sent: str) -> bool:
    """True if the tag was issued, at any time, for the position with which `stored` was drawn.

    Apps that have not pulled since tags have a MAC still send all 16 characters as drawn.
    """
    return stored is not None and stored[:DRAWN] == sent[:DRAWN]


def given(key: bytes, unit: str, campaign: str, position: int, tag: str, restored: int | None) -> str:
    """The tag to issue after that restore; `tag`: as drawn, or as issued before."""
    said = json.dumps([unit, campaign, position, tag[:DRAWN], restored or 0]).encode()
    mac = hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]
    return tag[:DRAWN] + base64.urlsafe_b64encode(mac).decode("ascii")


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a client has considered a stream (C-2), and after which positions a write in it is late (L-3)."""

    unit: str
    campaign: str
    position: int
    tag: str
    floor: int
    reset: bool = False
    sealed: int | None = None
    closed: int | None = None

    def given(self, keys: Sequence[bytes], restored: int | None) -> Cursor:
        """The cursor with the tag to issue after that restore, made with the first key."""
        if self.position == 0:
            return self
        tag = given(keys[0], self.unit, self.campaign, self.position, self.tag, restored)
        return replace(self, tag=tag)

    def is_genuine(self, keys: Sequence[bytes], restored: int | None) -> bool:
        """True if only a holder of one of the keys can have made it."""
        made = [self.given([key], restored).tag.encode() for key in keys]
        return any(hmac.compare_digest(self.tag.encode(), tag) for tag in made)
