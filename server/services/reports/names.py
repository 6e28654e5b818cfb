"""Names of units within Vietnamese sentences.

>>> within("Huyện Kim Động"), whole("Thị xã Mỹ Hào"), whole("Ban chỉ đạo 138")
('huyện Kim Động', 'Toàn thị xã', 'Toàn đơn vị')
"""

from __future__ import annotations

from server.services.letterheads import LEVELS, within

__all__ = ["level_of", "whole", "within"]


def level_of(name: str) -> str:
    """The level word that a name begins with; empty if there is none."""
    return next((level for level in LEVELS if name.startswith(f"{level} ")), "")


def whole(name: str) -> str:
    """The whole unit as the subject of a sentence."""
    return f"Toàn {level_of(name).lower() or 'đơn vị'}"
