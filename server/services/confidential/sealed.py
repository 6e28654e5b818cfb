"""Data at rest: canonical JSON of a length that tells nothing, sealed for its own place in the database."""

from __future__ import annotations

import json
from typing import Any, Final

from server.core.canonical import canonical
from server.services.access.sealing import SealedSecret
from server.services.keyholders.vault import Vault

PURPOSE: Final = "confidential-totals"
BLOCK: Final = 1024
"""Texts are filled up with blanks to a multiple of this, so that 3 and 300 are of one length."""


class Unreadable(Exception):  # noqa: N818  # it is what it says
    """The key was retired, or somebody altered the row."""


def place_of(table: str, id_: str) -> str:
    """Return the associated data of a row's text."""
    return f"{table}:{id_}:sealed"


def seal(vault: Vault, place: str, data: Any) -> SealedSecret:
    """Seal so that only holders read it."""
    text = canonical(data)
    missing = -len(text.encode()) % BLOCK
    return vault.seal(PURPOSE, place, text + " " * missing)


def opened(vault: Vault, place: str, key_id: str, text: str) -> Any:
    """Return the data. Raises Unreadable, and Problem `case_locked` if nobody opened the case key."""
    found = vault.opened(PURPOSE, place, SealedSecret(key_id, text))
    if found is None:
        raise Unreadable(place)
    return json.loads(found)


def sealed_anew(vault: Vault, place: str, key_id: str, text: str) -> SealedSecret:
    """Seal the same data with the current key. Raises Unreadable."""
    return seal(vault, place, opened(vault, place, key_id, text))
