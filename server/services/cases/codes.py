"""The code of a case: nine random signs and a check sign, to be read aloud and written on paper.

23 signs that are not confused when spoken or written, and a check by the prime 23: one wrong sign or two that changed
places are always found. A code has three letters at least, so no telephone or document number is one.

>>> is_right("23456ACDE" + check("23456ACDE"))
True
"""

from __future__ import annotations

import re
import secrets
from typing import Final

SIGNS: Final = "23456789ACDEGHKMPQRTVXY"
LENGTH: Final = 10
LETTERS: Final = 3
_WORDS: Final = {
    "2": "hai", "3": "ba", "4": "bốn", "5": "năm", "6": "sáu", "7": "bảy", "8": "tám", "9": "chín", "A": "An",
    "C": "Công", "D": "Dung", "E": "Em", "G": "Giang", "H": "Hoa", "K": "Khánh", "M": "Minh", "P": "Phúc",
    "Q": "Quang", "R": "Rồng", "T": "Tâm", "V": "Vinh", "X": "Xuân", "Y": "Yên",
}  # fmt: skip


def new() -> str:
    """Return a random code: 40 bits."""
    while True:
        body = "".join(secrets.choice(SIGNS) for _ in range(LENGTH - 1))
        code = body + check(body)
        if is_right(code):
            return code


def check(body: str) -> str:
    """Return the check sign of the nine before it."""
    return SIGNS[sum(place * SIGNS.index(sign) for place, sign in enumerate(body, 1)) % len(SIGNS)]


def is_right(code: str) -> bool:
    """True for ten known signs, three letters among them, with the right check sign."""
    if len(code) != LENGTH or not set(code) <= set(SIGNS) or sum(map(str.isalpha, code)) < LETTERS:
        return False
    return check(code[:-1]) == code[-1]


def typed(text: str) -> str:
    """Return the code that somebody typed, with any blanks and dashes; empty if it is none."""
    found = re.sub(r"[\s\-–—.]", "", text[:40]).upper()
    return found if is_right(found) else ""


def written(code: str) -> str:
    """Return the code in two groups, as it is printed."""
    return f"{code[:5]}-{code[5:]}"


def spoken(code: str) -> str:
    """Return the code as it is read aloud: a word for each sign."""
    return " ".join(_WORDS[sign] for sign in code)
