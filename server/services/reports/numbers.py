"""Numbers and days as official Vietnamese prose writes them.

>>> from sync.amount import Amount
>>> padded(4), padded(24), padded(2430), padded(Amount(250, 2)), padded(Amount(200, 2))
('04', '24', '2.430', '2,5', '02')
>>> official_day(date(2021, 5, 4)), official_day(date(2021, 11, 27))
('04/5/2021', '27/11/2021')
"""

from __future__ import annotations

from datetime import date
from typing import Final, Self

from server.core import cldr
from server.services.reports.words import LANG


class Printed(str):
    """A number in a table, with its sign behind it. It keeps both, so that a workbook need not read the text."""

    __slots__ = ("amount", "sign")
    amount: int
    sign: str

    def __new__(cls, amount: int, sign: str = "") -> Self:
        """Return the text of an amount."""
        made = super().__new__(cls, cldr.number(amount, LANG) + sign)
        made.amount, made.sign = amount, sign
        return made

    def __deepcopy__(self, _memo: object) -> Self:
        """Return itself: nothing of it changes."""
        return self


def dotted(amount: int) -> Printed:
    """A number in a table: dots between thousands, no leading zero."""
    return Printed(amount)


def padded(amount: int) -> str:
    """A number in a sentence: from 1 to 9 with a leading zero, so that no digit can be added."""
    said = dotted(amount)
    return f"0{said}" if len(said) == 1 and amount else said


def official_day(day: date) -> str:
    """A date with leading zeros for days below 10 and for months 1 and 2 (Decree 30/2020)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}"


_ROMAN: Final = (
    *((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X")),
    *((9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)


def roman(number: int) -> str:
    """A Roman numeral, for annexes and lines of a table.

    >>> roman(4), roman(49), roman(161)
    ('IV', 'XLIX', 'CLXI')
    """
    said = ""
    for value, letters in _ROMAN:
        said += letters * (number // value)
        number %= value
    return said
