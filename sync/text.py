"""Text: one normal form for storage, one folded form for search (SPEC W-9, W-12, F-12); and the form of ids.

>>> fold("Hoà"), fold("Hòa"), fold("ĐÌNH CAO")
('hoa', 'hoa', 'dinh cao')

SQLite's lower() is ASCII only and its full-text search misses đ. So Python and TypeScript each fold by themselves, one
code point at a time, by the ranges in folding.json: each runtime has a Unicode version of its own. They run the same
test vectors, and a digest over all code points.

Ids are 96 random bits as 16 base64url characters (SPEC ID-1), which cannot be guessed. So any client can draw one
without asking, and naming one proves that it was seen.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from pathlib import Path
from typing import Final

_ILL_FORMED: Final = re.compile("[\ud800-\udfff\x00]")


def is_well_formed(text: str) -> bool:
    """True for text without lone surrogates (they cannot be UTF-8) and without NUL (PostgreSQL refuses it)."""
    return "\0" not in text if text.isascii() else _ILL_FORMED.search(text) is None


def normal(text: str) -> str:
    """NFC without blanks at the ends. Line breaks inside are kept: a note may have several lines."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def _in_ranges(lines: list[str]) -> frozenset[int]:
    """Return the code points of ranges in hex, like `300-36f 483-489 5bf`."""
    pairs = [[int(end, 16) for end in each.split("-")] for line in lines for each in line.split()]
    return frozenset(code for pair in pairs for code in range(pair[0], pair[-1] + 1))


class _Folded(dict[int, str]):
    """What each code point is folded to, for `str.translate`; found once, then kept."""

    def __init__(self) -> None:
        ranges = json.loads((Path(__file__).parent / "folding.json").read_text("utf-8"))
        self._marks, self._letters = _in_ranges(ranges["marks"]), _in_ranges(ranges["letters"])
        super().__init__({ord("đ"): "d", ord("Đ"): "d"})

    def __missing__(self, code: int) -> str:
        parts = [chr(code)]
        if code in self._letters:
            parts = [part.lower() for part in unicodedata.normalize("NFD", chr(code))]
        self[code] = found = "".join([part for part in parts if ord(part) not in self._marks])
        return found


_FOLDED: Final = _Folded()


def fold(text: str) -> str:
    """Fold a text for search: no diacritics, đ to d, lower case, runs of blanks to one. Never for storage."""
    return " ".join(text.translate(_FOLDED).split())


_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries


def sort_key(text: str) -> tuple[list[int], list[int], str]:
    """Sort key in Vietnamese order: letters first (a ă â b c d đ e ê ...), then tones, then the text itself.

    >>> sorted(["Đức Thắng", "An Viên", "Dị Sử", "Ân Thi", "Hòa", "Hóa", "Hoa"], key=sort_key)
    ['An Viên', 'Ân Thi', 'Dị Sử', 'Đức Thắng', 'Hoa', 'Hòa', 'Hóa']
    """
    letters: list[int] = []
    tones: list[int] = [0]  # one per syllable, on whichever vowel it is written: Hoà and Hòa are one word
    for char in unicodedata.normalize("NFC", text.casefold()):
        parts = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in parts if mark in _TONES), "")
        letter = unicodedata.normalize("NFC", parts.replace(tone, "")) if tone else char
        at = _LETTERS.find(letter)
        # Blanks and digits sort before the letters, letters of other alphabets after them.
        letters.append(0x1000 + at if at >= 0 else ord(letter[0]) + (0 if ord(letter[0]) < 0x80 else 0x2000))
        if char == " ":
            tones.append(0)
        elif tone:
            tones[-1] = _TONES.find(tone) + 1
    return letters, tones, text


def sort_text(text: str) -> str:
    """The order of `sort_key` as hex digits, for a database that compares byte by byte.

    >>> sorted(["Hóa", "Hòa Bình", "Hòa", "Hoa"], key=sort_text)
    ['Hoa', 'Hòa', 'Hóa', 'Hòa Bình']
    """
    letters, tones, _ = sort_key(text)
    # The separator is smaller than every letter, so a word sorts before a longer one.
    return "".join(f"{min(letter, 0xFFFF):04x}" for letter in letters) + "0000" + "".join(map(str, tones))


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
