"""Tags of cursors, which nobody else can forge (SPEC C-5).

A tag has 16 characters: half are random and drawn with a position, half a MAC over these and the cursor's contents. The
MAC is made when a cursor is issued, not when its position is drawn. So it belongs to the time since the last restore,
and an older tag cannot be reused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

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
