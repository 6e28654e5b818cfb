"""Secrets: random tokens stored as SHA-256, enrolment codes as keyed hashes. Passwords are in passwords.py.

An enrolment code has only 16 digits: a thief of the database could search a plain hash. The key is not stored there.

Each function takes the key of its own purpose (keyring.py). Each message begins with its purpose too, because the keys
of the first secret are one and the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

from server.core.keyring import Key, Keyring, Purpose
from sync.code import CODE_DIGITS, check_digit

_ROOM = "ABCDEGHKLMNPQRSTVXY2346789"
"""None that is taken for another when it is read from a wall."""
CODES = 10 ** (CODE_DIGITS - 1)
"""Number of possible codes; the check digit adds none."""


def new_token() -> str:
    """A fresh token: 256 random bits."""
    return secrets.token_urlsafe(32)


DEVICE_TOKEN_BYTES: Final = 16
"""128 random bits: nobody guesses them (ASVS 7.2.3), and each request of a phone carries them."""
EARLIER_TOKEN_BYTES: Final = 32
"""Of the development versions before 1.0: a phone whose answer was lost then is given that token once more."""


def new_device_token() -> str:
    """A fresh token of a device that enrolled without a nonce."""
    return secrets.token_urlsafe(DEVICE_TOKEN_BYTES)


def token_for(device_id: str, nonce: str, key: Key, size: int = DEVICE_TOKEN_BYTES) -> str:
    """The token of a device, derived from the nonce its client drew. Always the same, so a lost answer can be repeated.

    Neither the nonce nor the key is in the database.
    """
    drawn = hmac.new(key.material, f"token:{device_id}:{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(drawn[:size]).decode("ascii").rstrip("=")


def token_hash(token: str) -> str:
    """The stored hash of a token. Tokens are random, so one round is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_code() -> str:
    """Fifteen random digits and their check digit (SPEC ID-5)."""
    drawn = f"{secrets.randbelow(CODES):0{CODE_DIGITS - 1}d}"
    return drawn + check_digit(drawn)


def code_hash(code: str, key: Key) -> str:
    """The stored hash of an enrolment code."""
    return hmac.new(key.material, b"enrolment:" + code.encode(), hashlib.sha256).hexdigest()


def training_token(training_id: str, key: Key) -> str:
    """What the address of a training day ends with: 128 bits, derived, so that no copy of the database holds it."""
    drawn = hmac.new(key.material, f"training:{training_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(drawn[:16]).decode("ascii").rstrip("=")


def room_code(training_id: str, step: int, key: Key) -> str:
    """What the screen of a training day shows in this step of time: eight letters and digits, 38 bits."""
    drawn = hmac.new(key.material, f"training-room:{training_id}:{step}".encode(), hashlib.sha256).digest()
    return "".join(_ROOM[byte % len(_ROOM)] for byte in drawn[:8])


def rescue_key(device_id: str, key: Key) -> bytes:
    """The key that seals the rescue files of a device (SPEC R-5).

    It is derived from the installation's key each time. So a stolen database holds no keys, and a database restored to
    before the device enrolled still opens its files.
    """
    return hmac.new(key.material, b"rescue:" + device_id.encode(), hashlib.sha256).digest()


def rescue_key_text(device_id: str, key: Key) -> str:
    """The rescue key as sent to the client: base64url without padding."""
    return base64.urlsafe_b64encode(rescue_key(device_id, key)).decode("ascii").rstrip("=")


def fingerprints(keyring: Keyring) -> list[str]:
    """Short hashes, newest first, that tell one installation's keys from another's without revealing them."""
    return [
        hmac.new(key.material, b"backup", hashlib.sha256).hexdigest()[:16] for key in keyring.all(Purpose.FINGERPRINT)
    ]
