"""Ids: 96 random bits as 16 base64url characters (SPEC ID-1).

They cannot be guessed. So any client can draw one without asking, and naming one proves that it was seen.
"""

from __future__ import annotations

import base64
import re

ID_BYTES = 12
_FORM = re.compile(r"[A-Za-z0-9_-]{16}")


def is_id(value: object) -> bool:
    """True for a text in the form of an id."""
    return isinstance(value, str) and _FORM.fullmatch(value) is not None


def encode_id(random_bytes: bytes) -> str:
    """Encode 12 random bytes as an id. The caller draws them: this package draws none.

    >>> encode_id(bytes(12))
    'AAAAAAAAAAAAAAAA'
    """
    if len(random_bytes) != ID_BYTES:
        raise ValueError(f"an id takes {ID_BYTES} bytes, not {len(random_bytes)}")
    return base64.urlsafe_b64encode(random_bytes).decode("ascii")
