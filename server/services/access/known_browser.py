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

DAYS = 400
"""As long as browsers keep a cookie."""
ACCOUNTS = 5
"""Most accounts of one browser; the oldest is dropped."""
_DAY_MS = 24 * 60 * 60 * 1000


def known_as(kept: str | None, officer_id: str, password_hash: str, key: str) -> str | None:
    """The browser's id with this account; None if it did not sign in to it, or not lately."""
    for officer, id_, mark, at in _read(kept, key):
        if officer == officer_id and at > now_ms() - DAYS * _DAY_MS:
            return str(id_) if hmac.compare_digest(mark, _mark(password_hash, key)) else None
    return None


def renewed(kept: str | None, officer_id: str, password_hash: str, key: str) -> str:
    """The text to keep after this account signed in; other accounts in it are kept."""
    others = [row for row in _read(kept, key) if row[0] != officer_id]
    rows = [[officer_id, new_id(), _mark(password_hash, key), now_ms()], *others][:ACCOUNTS]
    return str(_serializer(key).dumps(rows))


def _read(kept: str | None, key: str) -> list[Any]:
    """Parse the text; returns an empty list if it was not signed here."""
    try:
        rows = _serializer(key).loads(kept or "")
    except BadSignature:
        return []
    return list(rows)


def _mark(password_hash: str, key: str) -> str:
    """A value that changes with the password and reveals nothing of it."""
    return hmac.new(key.encode(), b"known-browser:" + password_hash.encode(), hashlib.sha256).hexdigest()[:16]


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="known-browser")
