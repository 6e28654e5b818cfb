"""Names of units within Vietnamese sentences.

>>> within("Huyện Kim Động"), whole("Thị xã Mỹ Hào"), whole("Ban chỉ đạo 138")
('huyện Kim Động', 'Toàn thị xã', 'Toàn đơn vị')
"""

from __future__ import annotations

from typing import Final

LEVELS: Final = ("Tỉnh", "Thành phố", "Quận", "Huyện", "Thị xã", "Thị trấn", "Phường", "Xã", "Đặc khu")
"""The words for a level that a unit's name begins with."""


def level_of(name: str) -> str:
    """The word for its level that a name begins with; empty where there is none."""
    return next((level for level in LEVELS if name.startswith(f"{level} ")), "")


def within(name: str) -> str:
    """The name in the middle of a sentence: the word for its level small."""
    return name[0].lower() + name[1:] if level_of(name) else name


def whole(name: str) -> str:
    """The unit as the subject of what was done in all of it."""
    return f"Toàn {level_of(name).lower() or 'đơn vị'}"
