"""A signed long-lived cookie text: the accounts that signed in from this browser before.

It grants no access. It only gives the browser's owner a separate count of failures (tries.py), so that guesses from
elsewhere do not lock the account for them. Each sign-in draws a new id; a new password invalidates the old text.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from server.core.clock import new_id, now_ms
from server.core.keyring import Key, Keyring, Purpose

DAYS = 400
"""As long as browsers keep a cookie."""
ACCOUNTS = 5
"""Most accounts of one browser; the oldest is dropped."""
_DAY_MS = 24 * 60 * 60 * 1000


def known_as(kept: str | None, officer_id: str, password_hash: str, keyring: Keyring) -> str | None:
    """The browser's id with this account; None if it did not sign in to it, or not lately."""
    for officer, id_, mark, at in _read(kept, keyring):
        if officer == officer_id and at > now_ms() - DAYS * _DAY_MS:
            marks = [_mark(password_hash, key) for key in keyring.all(Purpose.BROWSERS)]
            return str(id_) if any(hmac.compare_digest(mark, each) for each in marks) else None
    return None


def accounts(kept: str | None, keyring: Keyring) -> list[str]:
    """The accounts that signed in from this browser, the last one first; none if the text was not signed here."""
    return [str(row[0]) for row in _read(kept, keyring)]


def renewed(kept: str | None, officer_id: str, password_hash: str, keyring: Keyring) -> str:
    """The text to keep after this account signed in; other accounts in it are kept."""
    others = [row for row in _read(kept, keyring) if row[0] != officer_id]
    mark = _mark(password_hash, keyring.current(Purpose.BROWSERS))
    rows = [[officer_id, new_id(), mark, now_ms()], *others][:ACCOUNTS]
    return str(_serializer(keyring).dumps(rows))


def _read(kept: str | None, keyring: Keyring) -> list[Any]:
    """Parse the text; returns an empty list if it was not signed here."""
    try:
        rows = _serializer(keyring).loads(kept or "")
    except BadSignature:
        return []
    return list(rows)


def _mark(password_hash: str, key: Key) -> str:
    """A value that changes with the password and reveals nothing of it."""
    return hmac.new(key.material, b"known-browser:" + password_hash.encode(), hashlib.sha256).hexdigest()[:16]


def _serializer(keyring: Keyring) -> URLSafeSerializer:
    return URLSafeSerializer(keyring.signing(Purpose.BROWSERS), salt="known-browser")
