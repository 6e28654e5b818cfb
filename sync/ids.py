"""Ids: 96 random bits as 16 base64url characters (SPEC ID-1).

Unguessable, so an id can be given out on any phone without asking, and naming one proves that it was seen.
"""

from __future__ import annotations

import base64
import re

ID_BYTES = 12
_FORM = re.compile(r"[A-Za-z0-9_-]{16}")


def is_id(value: object) -> bool:
    """True for a text of the form of an id."""
    return isinstance(value, str) and _FORM.fullmatch(value) is not None


def encode_id(random_bytes: bytes) -> str:
    """12 random bytes, drawn by the caller (this package draws none), as an id.

    >>> encode_id(bytes(12))
    'AAAAAAAAAAAAAAAA'
    """
    if len(random_bytes) != ID_BYTES:
        raise ValueError(f"an id takes {ID_BYTES} bytes, not {len(random_bytes)}")
    return base64.urlsafe_b64encode(random_bytes).decode("ascii")
