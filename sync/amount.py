"""An amount, and how people type numbers (SPEC F-17, F-18).

An amount is an integer with a scale, its number of decimal digits: 12.5 metres are 1250 with scale 2. So sums and
hashes never meet a fraction. Client and server run the same vectors (sync/vectors/amounts.json).

>>> Amount(1250, 2).text(",", "."), Amount(1200, 2).text(",", "."), Amount(29125).text(",", ".")
('12,5', '12', '29.125')
>>> read("12,5", 2), read("1.200"), read("  ")
(1250, 1200, None)
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Self

from sync.text import normal

WHOLE_DIGITS: Final = 13
"""Most digits before the decimal comma of a typed number."""
_NUMBER: Final = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?:[ \u00a0\u202f][0-9]{3})+)|[0-9]+)(?:,(?P<comma>[0-9]+))?"
    r"|(?P<bare>[0-9]+)\.(?P<point>[0-9]{1,2})"
)
_TWO_READINGS: Final = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
"""1,200: 1200 to who writes English, 1.2 here."""


class Unread(ValueError):  # noqa: N818 - a text that says no number is no error of the program
    """A typed text that is not taken as a number. `code`: why, one of `CODES`."""

    CODES: Final = ("number", "negative", "two_readings", "decimals", "large")

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Amount(int):
    """The integer that is stored and summed; the last `scale` of its digits stand behind the comma.

    Sums, differences and multiples keep the scale. As an int, and in JSON, it is its digits.
    """

    scale: int

    def __new__(cls, digits: int, scale: int = 0) -> Self:
        """Return an amount of these digits."""
        made = super().__new__(cls, digits)
        made.scale = scale
        return made

    def _with(self, digits: int, other: int = 0) -> Amount:
        if isinstance(other, Amount) and other.scale != self.scale:
            raise ValueError("amounts of two scales")
        return Amount(digits, self.scale)

    def __add__(self, other: int, /) -> Amount:
        """Return the sum."""
        return self._with(int(self) + int(other), other)

    __radd__ = __add__

    def __sub__(self, other: int, /) -> Amount:
        """Return the difference."""
        return self._with(int(self) - int(other), other)

    def __rsub__(self, other: int, /) -> Amount:
        """Return the difference from a number."""
        return self._with(int(other) - int(self), other)

    def __mul__(self, times: int, /) -> Amount:
        """Return so many times this."""
        return self._with(int(self) * int(times))

    __rmul__ = __mul__

    def __neg__(self) -> Amount:
        """Return it below zero."""
        return self._with(-int(self))

    def __abs__(self) -> Amount:
        """Return it without its sign."""
        return self._with(abs(int(self)))

    @property
    def decimal(self) -> Decimal:
        """The exact value."""
        return Decimal(int(self)).scaleb(-self.scale)

    @property
    def whole(self) -> int:
        """Rounded to a whole number, halves up: for clients that know no scale."""
        unit: int = 10**self.scale
        return (2 * int(self) + unit) // (2 * unit)

    def text(self, comma: str = ".", thousands: str = "") -> str:
        """Return it with these separators; a decimal comma only where something stands behind it."""
        whole, rest = divmod(abs(int(self)), 10**self.scale)
        behind = f"{rest:0{self.scale}d}".rstrip("0") if rest else ""
        said = f"{whole:,d}".replace(",", thousands) + (comma + behind if behind else "")
        return f"-{said}" if self < 0 else said


def read(text: str, scale: int = 0) -> int | None:
    """Return the digits of a typed number at this scale; None for an empty text. Raises Unread (SPEC F-18)."""
    bare = normal(text)
    if not bare:
        return None
    if bare[0] in "-−–" and _NUMBER.fullmatch(bare[1:].lstrip()):
        raise Unread("negative")
    found = _NUMBER.fullmatch(bare)
    if found is None:
        raise Unread("number")
    if _TWO_READINGS.fullmatch(bare):
        raise Unread("two_readings")
    whole = re.sub("[^0-9]", "", found["whole"] or found["bare"]).lstrip("0")
    behind = (found["comma"] or found["point"] or "").rstrip("0")
    if len(behind) > scale:
        raise Unread("decimals")
    if len(whole) > WHOLE_DIGITS:
        raise Unread("large")
    return int(whole + behind.ljust(scale, "0") or "0")
