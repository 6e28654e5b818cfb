"""Amounts in cells of Vietnamese tables: numbers as people type them (SPEC F-18), and words for nothing.

>>> amount("1.234,5"), amount("12 000"), amount("-"), amount("KPS"), amount("1.5"), amount("1,200")
(Decimal('1234.5'), Decimal('12000'), None, Decimal('0'), Decimal('1.5'), 'number')
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from sync.amount import Amount, Unread, read
from sync.text import fold

MOST: Final = 10**13
"""Amounts have at most 13 digits before the comma, as typed ones (SPEC F-18)."""
_FINEST: Final = 9
"""Decimals of a cell that are read; what a figure has fewer of is rounded, and the page says so."""
_LONG: Final = re.compile(rf"([.,][0-9]{{{_FINEST}}})[0-9]+(?=[^0-9]*$)")
"""Decimals beyond these, as programs write a third; a cell is rounded all the same."""
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
    bare = _LONG.sub(r"\1", bare)
    in_brackets = bare[:1] == "(" and bare[-1:] == ")"  # as accountants write what is below 0
    try:
        digits = read(f"-{bare[1:-1].strip()}" if in_brackets else bare, _FINEST)
    except Unread as unread:
        return unread.code if unread.code in ("negative", "large") else "number"
    return None if digits is None else checked(Amount(digits, _FINEST).decimal.normalize() + 0)


def checked(value: Decimal) -> Decimal | str:
    """Return the value, or the code of what is wrong with it."""
    if not value.is_finite():
        return "number"
    if value < 0:
        return "negative"
    return value if value < MOST else "large"


def rounded(value: Decimal, scale: int) -> Amount:
    """Return it with the decimals that a figure has, halves up."""
    return Amount(int(value.scaleb(scale).quantize(Decimal(1), ROUND_HALF_UP)), scale)
