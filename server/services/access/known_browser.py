"""Which accounts signed in from a browser before, as a signed text for a cookie that lives long.

It lets nobody in. It only gives the browser's owner a count of failures of their own (tries.py), so that guesses from
elsewhere do not shut the account for them. Signing in draws a new id; a new password makes the old text worthless.
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
"""Most accounts of one browser; the oldest goes."""
_DAY_MS = 24 * 60 * 60 * 1000


def known_as(kept: str | None, officer_id: str, password_hash: str, key: str) -> str | None:
    """The browser's id with this account; None for a browser that did not sign in to it, or not lately."""
    for officer, id_, mark, at in _read(kept, key):
        if officer == officer_id and at > now_ms() - DAYS * _DAY_MS:
            return str(id_) if hmac.compare_digest(mark, _mark(password_hash, key)) else None
    return None


def renewed(kept: str | None, officer_id: str, password_hash: str, key: str) -> str:
    """The text to keep once this account signed in, with those of other accounts that were kept."""
    others = [row for row in _read(kept, key) if row[0] != officer_id]
    rows = [[officer_id, new_id(), _mark(password_hash, key), now_ms()], *others][:ACCOUNTS]
    return str(_serializer(key).dumps(rows))


def _read(kept: str | None, key: str) -> list[Any]:
    """What the text says; nothing for one that was not signed here."""
    try:
        rows = _serializer(key).loads(kept or "")
    except BadSignature:
        return []
    return list(rows)


def _mark(password_hash: str, key: str) -> str:
    """Changes with the password, and tells nothing of it."""
    return hmac.new(key.encode(), b"known-browser:" + password_hash.encode(), hashlib.sha256).hexdigest()[:16]


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="known-browser")
