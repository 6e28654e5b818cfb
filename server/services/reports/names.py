"""Names of units within Vietnamese sentences.

>>> within("Huyện Kim Động"), whole("Thị xã Mỹ Hào"), whole("Ban chỉ đạo 138")
('huyện Kim Động', 'Toàn thị xã', 'Toàn đơn vị')
"""

from __future__ import annotations

from typing import Final

LEVELS: Final = ("Tỉnh", "Thành phố", "Quận", "Huyện", "Thị xã", "Thị trấn", "Phường", "Xã", "Đặc khu")
"""The level words that a unit's name may begin with."""


def level_of(name: str) -> str:
    """The level word that a name begins with; empty if there is none."""
    return next((level for level in LEVELS if name.startswith(f"{level} ")), "")


def within(name: str) -> str:
    """The name in mid-sentence: its level word in lower case."""
    return name[0].lower() + name[1:] if level_of(name) else name


def whole(name: str) -> str:
    """The whole unit as the subject of a sentence."""
    return f"Toàn {level_of(name).lower() or 'đơn vị'}"
