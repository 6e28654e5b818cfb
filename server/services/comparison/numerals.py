"""Numbers as Vietnamese tables write them: dots between thousands, a comma before decimals.

>>> amount("1.234,5"), amount("12 000"), amount("-"), amount("KPS"), amount("1.5"), amount("1,200")
(Decimal('1234.5'), Decimal('12000'), None, Decimal('0'), 'number', 'number')
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from sync.text import fold

MOST: Final = 10**15
"""Amounts have at most 15 digits."""
_WRITTEN: Final = re.compile(r"(?:[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
_OF_TWO_READINGS: Final = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
"""1,200: 1200 in a table written in English, 1.2 here."""
_NOTHING: Final = frozenset(("", "-", "–", "—", "x", "chua bao cao", "chua co", "khong co so lieu"))
_NIL: Final = frozenset(("kps", "khong phat sinh", "khong"))


def amount(text: str) -> Decimal | str | None:
    """Return a typed amount, None for a cell that has none, or the code of what is wrong with it."""
    bare = text.strip()
    said = fold(bare)
    if said in _NOTHING:
        return None
    if said in _NIL:
        return Decimal(0)
    if bare[:1] in ("-", "−", "(") and _WRITTEN.fullmatch(bare[1:].rstrip(")").strip()):
        return "negative"
    if not _WRITTEN.fullmatch(bare) or _OF_TWO_READINGS.fullmatch(bare):
        return "number"
    return checked(Decimal(re.sub(r"[. \u00a0\u202f]", "", bare).replace(",", ".")))


def checked(value: Decimal) -> Decimal | str:
    """Return the value, or the code of what is wrong with it."""
    if not value.is_finite():
        return "number"
    if value < 0:
        return "negative"
    return value if value < MOST else "large"


def whole(value: Decimal) -> int:
    """Return it rounded to a whole number, halves up."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
