"""Enrolment codes: 16 digits in four groups, the last a check digit (SPEC ID-5).

Damm's check digit, not Luhn's as on bank cards: both catch every single wrong digit, but Luhn's takes 09 for 90. Codes
are read over the telephone, where people swap neighbouring digits. Damm's needs one table and no weights.

Source: H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004.
"""

from __future__ import annotations

from typing import Final

CODE_DIGITS: Final = 16
GROUP: Final = 4
_TABLE: Final = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def digits(typed: str) -> str:
    """The ASCII digits of what was typed."""
    return "".join(char for char in typed if char in "0123456789")


def check_digit(number: str) -> str:
    """The check digit to append to a number.

    >>> check_digit("572")
    '4'
    """
    interim = 0
    for char in number:
        interim = _TABLE[interim][int(char)]
    return str(interim)


def is_whole(code: str) -> bool:
    """True for 16 digits whose check digit is right."""
    return len(code) == CODE_DIGITS and code == digits(code) and check_digit(code) == "0"


def grouped(code: str) -> str:
    """A code as it is displayed and read out.

    >>> grouped("1234567890123456")
    '1234 5678 9012 3456'
    """
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))
