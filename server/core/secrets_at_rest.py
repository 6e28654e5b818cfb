"""Secrets: random tokens stored as SHA-256, enrolment codes as keyed hashes. Passwords are in passwords.py.

An enrolment code has 16 digits, so a plain hash of it could be searched in a stolen database; the key is not in there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from sync.code import CODE_DIGITS, check_digit

CODES = 10 ** (CODE_DIGITS - 1)
"""How many codes there are to choose from; the check digit adds none."""


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def token_for(device_id: str, nonce: str, key: str) -> str:
    """The token of a device whose phone drew this nonce, the same each time: a lost answer can be given again.

    Neither the nonce nor the key is in the database.
    """
    drawn = hmac.new(key.encode(), f"token:{device_id}:{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(drawn).decode("ascii").rstrip("=")


def token_hash(token: str) -> str:
    """What is stored of a token: it is random, so one round is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_code() -> str:
    """Fifteen random digits and their check digit (SPEC ID-5)."""
    drawn = f"{secrets.randbelow(CODES):0{CODE_DIGITS - 1}d}"
    return drawn + check_digit(drawn)


def code_hash(code: str, key: str) -> str:
    """What is stored of an enrolment code."""
    return hmac.new(key.encode(), b"enrolment:" + code.encode(), hashlib.sha256).hexdigest()


def rescue_key(device_id: str, key: str) -> bytes:
    """The key that seals the rescue files of a device (SPEC R-5).

    Drawn anew from the installation's secret each time: a stolen database holds none, and a database put back to
    before the device enrolled still opens its files.
    """
    return hmac.new(key.encode(), b"rescue:" + device_id.encode(), hashlib.sha256).digest()


def rescue_key_text(device_id: str, key: str) -> str:
    """The same as a phone is told it: base64url without padding."""
    return base64.urlsafe_b64encode(rescue_key(device_id, key)).decode("ascii").rstrip("=")


def fingerprint(key: str) -> str:
    """Tells one installation's secret from another and gives nothing of it away."""
    return hmac.new(key.encode(), b"backup", hashlib.sha256).hexdigest()[:16]
