"""Cases at rest: sealed with the case key for their own place, filled up to one length, and found by keyed tags.

What tells nothing of a case and is needed while nobody is in is sealed with the keyring (`note`, `log_tag`).
"""

from __future__ import annotations

import hmac
import json
from typing import Any, Final

from server.core.canonical import canonical
from server.core.keyring import Key
from server.core.problem_details import required
from server.services.access import sealing
from server.services.access.sealing import SealedSecret
from server.services.keyholders.vault import Vault

PURPOSE: Final = "cases"
LOG_TAGS: Final = "cases-log-tags"
BLOCK: Final = 4096
"""Bytes: a case with every benefit provided fits in one block."""
LINE_BLOCK: Final = 512
NOTE_BLOCK: Final = 256
_TAG_LENGTH: Final = 40


def seal(vault: Vault, place: str, data: Any, block: int = BLOCK) -> SealedSecret:
    """Seal with the case key. `place`: `table:row:field`."""
    text = canonical(data)
    return vault.seal(PURPOSE, place, text + " " * (-len(text.encode()) % block))


def opened(vault: Vault, place: str, key_id: str, text: str) -> Any:
    """Return the data. Raises Problem `case_locked`; `case_unreadable`: the key is lost, or the row was altered."""
    found = required(vault.opened(PURPOSE, place, SealedSecret(key_id, text)), "case_unreadable")
    return json.loads(found)


def note(vault: Vault, place: str, data: Any) -> str:
    """Seal with the keyring what is needed while nobody is in. Returns the text with the id of its key."""
    text = canonical(data)
    made = sealing.seal(vault.ring, PURPOSE, place, text + " " * (-len(text.encode()) % NOTE_BLOCK))
    return f"{made.key_id}:{made.text}"


def noted(vault: Vault, place: str, text: str) -> Any:
    """Return what `note` sealed. Raises Problem `case_unreadable`."""
    key_id, _, sealed = text.partition(":")
    found = required(sealing.opened(vault.ring, PURPOSE, place, SealedSecret(key_id, sealed)), "case_unreadable")
    return json.loads(found)


def log_tag(vault: Vault, case: str) -> str:
    """Return the tag of a case's lines in the log, by the current key of the ring; empty for no case."""
    return _tag(vault.ring.current(LOG_TAGS), case) if case else ""


def log_tags(vault: Vault, case: str) -> list[str]:
    """Return the tags of a case's lines by every key of the ring, newest first."""
    return [_tag(key, case) for key in vault.ring.all(LOG_TAGS)]


def _tag(key: Key, case: str) -> str:
    return f"{key.id}.{hmac.digest(key.material, case.encode(), 'sha256').hex()[:_TAG_LENGTH]}"
