"""Data at rest: canonical JSON of a length that tells nothing, sealed for its own place in the database."""

from __future__ import annotations

import json
from typing import Any, Final

from server.core.keyring import Keyring
from server.services.access import sealing
from server.services.access.sealing import SealedSecret
from server.services.locks.canonical import canonical

PURPOSE: Final = "confidential-totals"
BLOCK: Final = 1024
"""Texts are filled up with blanks to a multiple of this, so that 3 and 300 are of one length."""


class Unreadable(Exception):  # noqa: N818  # it is what it says
    """The key was retired, or somebody altered the row."""


def place_of(table: str, id_: str) -> str:
    """Return the associated data of a row's text."""
    return f"{table}:{id_}:sealed"


def seal(ring: Keyring, place: str, data: Any) -> SealedSecret:
    """Seal with the current key."""
    text = canonical(data)
    missing = -len(text.encode()) % BLOCK
    return sealing.seal(ring, PURPOSE, place, text + " " * missing)


def opened(ring: Keyring, place: str, key_id: str, text: str) -> Any:
    """Return the data. Raises Unreadable."""
    found = sealing.opened(ring, PURPOSE, place, SealedSecret(key_id, text))
    if found is None:
        raise Unreadable(place)
    return json.loads(found)


def sealed_anew(ring: Keyring, place: str, key_id: str, text: str) -> SealedSecret:
    """Seal the same data with the current key. Raises Unreadable."""
    return seal(ring, place, opened(ring, place, key_id, text))
