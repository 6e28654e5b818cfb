"""Cases at rest: sealed with the keyring for their own place, filled up to one length, and found by keyed tags.

A tag is made with the key of its row, so that a new key changes all tags with the texts (rotating.py). Until then one
looks for the tags of every key.
"""

from __future__ import annotations

import hmac
import json
from typing import Any, Final

from server.core.keyring import Key, Keyring
from server.core.problem_details import Problem
from server.services.access import sealing
from server.services.access.sealing import SealedSecret
from server.services.locks.canonical import canonical

PURPOSE: Final = "cases"
TAGS: Final = "cases-tags"
BLOCK: Final = 4096
"""Bytes: a case with every benefit provided fits in one block."""
LINE_BLOCK: Final = 512


def seal(ring: Keyring, place: str, data: Any, block: int = BLOCK) -> SealedSecret:
    """Seal with the current key. `place`: `table:row:field`."""
    text = canonical(data)
    return sealing.seal(ring, PURPOSE, place, text + " " * (-len(text.encode()) % block))


def opened(ring: Keyring, place: str, key_id: str, text: str) -> Any:
    """Return the data. Raises Problem `case_unreadable`: the key is lost or another one, or the row was altered."""
    found = sealing.opened(ring, PURPOSE, place, SealedSecret(key_id, text))
    if found is None:
        raise Problem("case_unreadable")
    return json.loads(found)


def tag(ring: Keyring, kind: str, value: str) -> str:
    """Return the tag by the current key. `kind`: `unit` or `code`."""
    return _tag(ring.current(TAGS), kind, value)


def tags(ring: Keyring, kind: str, *values: str) -> list[str]:
    """Return the tags of these values by every key."""
    return [_tag(key, kind, value) for key in ring.all(TAGS) for value in values]


def _tag(key: Key, kind: str, value: str) -> str:
    return hmac.digest(key.material, f"{kind}:{value}".encode(), "sha256").hex()
