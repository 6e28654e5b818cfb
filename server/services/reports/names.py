"""Names of units within Vietnamese sentences.

>>> within("Huyện Kim Động"), whole("Thị xã Mỹ Hào"), whole("Ban chỉ đạo 138")
('huyện Kim Động', 'Toàn thị xã', 'Toàn đơn vị')
>>> quoted("Ngày toàn dân năm 2022"), quoted("Ngày toàn dân 2022"), quoted("Tháng hành động")
('“Ngày toàn dân” năm 2022', '“Ngày toàn dân” năm 2022', '“Tháng hành động”')
"""

from __future__ import annotations

import re
from typing import Final

from server.services.letterheads import LEVELS, within

__all__ = ["level_of", "quoted", "whole", "within"]
_YEAR: Final = re.compile(r"(.*\S)\s+(?:năm\s+)?((?:19|20)\d\d)")


def level_of(name: str) -> str:
    """The level word that a name begins with; empty if there is none."""
    return next((level for level in LEVELS if name.startswith(f"{level} ")), "")


def whole(name: str) -> str:
    """The whole unit as the subject of a sentence."""
    return f"Toàn {level_of(name).lower() or 'đơn vị'}"


def quoted(name: str) -> str:
    """A campaign in a sentence: the event in quotes, unless the name has some, and its year behind them."""
    if "“" in name:
        return name
    match = _YEAR.fullmatch(name)
    return f"“{match[1]}” năm {match[2]}" if match else f"“{name}”"
