"""Text: one normal form in, one folded form for search (SPEC W-8, W-9).

>>> fold("Hoà"), fold("Hòa"), fold("ĐÌNH CAO")
('hoa', 'hoa', 'dinh cao')

SQLite's lower() is ASCII only and its full-text search misses đ, so both languages fold by themselves and run the
same vectors.
"""

from __future__ import annotations

import unicodedata


def is_well_formed(text: str) -> bool:
    """No lone surrogate (cannot be UTF-8) and no NUL (PostgreSQL refuses it)."""
    return not any("\ud800" <= char <= "\udfff" or char == "\x00" for char in text)


def normal(text: str) -> str:
    """NFC without blanks at the ends. Line breaks inside are kept: a note may have several lines."""
    return unicodedata.normalize("NFC", text).strip()


def fold(text: str) -> str:
    """For search only: marks dropped, đ to d, lower case, runs of blanks to one."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return " ".join(bare.replace("đ", "d").replace("Đ", "D").lower().split())
