"""Secrets that the server must read again, sealed with a key of the keyring (AES-256-GCM).

A sealed text opens only in its own place: the associated data are `table:row:field`. So somebody who writes to the
database, but has no key, can neither read a secret nor put another row's in its place.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.core.keyring import Keyring

_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A sealed text in base64, nonce first, and the id of its key."""

    key_id: str
    text: str


def seal(keyring: Keyring, purpose: str, place: str, secret: str) -> SealedSecret:
    """Seal with the current key. `place`: `table:row:field`."""
    key, nonce = keyring.current(purpose), secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key.material).encrypt(nonce, secret.encode(), place.encode())
    return SealedSecret(key.id, base64.b64encode(nonce + sealed).decode("ascii"))


def opened(keyring: Keyring, purpose: str, place: str, sealed: SealedSecret) -> str | None:
    """The secret; None if its key was retired, or the text was altered or belongs to another place."""
    key = keyring.by_id(purpose, sealed.key_id)
    if key is None:
        return None
    try:
        whole = base64.b64decode(sealed.text, validate=True)
        return AESGCM(key.material).decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], place.encode()).decode()
    except (ValueError, InvalidTag):
        return None
