"""How a user name and a telephone number may look."""

from __future__ import annotations

import re
from typing import Final

from sync.text import fold, normal

_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_PHONE: Final = re.compile(r"\+?[0-9]{8,15}")
_BETWEEN: Final = re.compile(r"[ .()-]")
_MOBILE_DIGITS: Final = 9
"""Of a number whose first zero was dropped by Excel."""


def username(text: str) -> str | None:
    """Return the user name in lower case; None if it has other characters than letters without marks, digits, `._-`."""
    found = normal(text).lower()
    return found if _USERNAME.fullmatch(found) else None


def phone(text: str) -> str | None:
    """Return the number in digits, empty for no number; None if it is none.

    >>> phone("0912 345.678"), phone("912345678"), phone("+84 912 345 678"), phone("gọi sau")
    ('0912345678', '0912345678', '+84912345678', None)
    """
    digits = _BETWEEN.sub("", normal(text))
    if not digits:
        return ""
    if not _PHONE.fullmatch(digits):
        return None
    return f"0{digits}" if len(digits) == _MOBILE_DIGITS and not digits.startswith(("0", "+")) else digits


def suggested(name: str) -> str:
    """Return a user name made of a person's name, as a suggestion.

    >>> suggested("Phạm Ngũ Lão")
    'pham.ngu.lao'
    """
    return ".".join(re.findall(r"[a-z0-9]+", fold(name)))[:64]
