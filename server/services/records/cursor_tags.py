"""Tags of cursors, of which nobody can make one up (SPEC C-5).

16 characters: half of them random and drawn with a position, half a MAC over that and what the cursor says. The MAC is
made when a cursor is given out and not when its position is taken: so it is of the time since the last restore, and
one of a time before cannot be used again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

DRAWN = 8
"""So many characters, 48 bits, are of the random tag stored with a position."""
_MAC_BYTES = 6


def key_from(secret: str) -> bytes:
    """The key for this purpose alone."""
    return hmac.digest(secret.encode(), b"cursor", hashlib.sha256)


def is_known(stored: str | None, sent: str) -> bool:
    """True when the tag was given out for the position with which `stored` was drawn; whenever that was.

    Apps that have not asked since tags have a MAC send all 16 characters as they were drawn.
    """
    return stored is not None and stored[:DRAWN] == sent[:DRAWN]


def given(key: bytes, unit: str, campaign: str, position: int, tag: str, restored: int | None) -> str:
    """The tag as it is given out after that restore; `tag` as it was drawn, or given before."""
    said = json.dumps([unit, campaign, position, tag[:DRAWN], restored or 0]).encode()
    mac = hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]
    return tag[:DRAWN] + base64.urlsafe_b64encode(mac).decode("ascii")
