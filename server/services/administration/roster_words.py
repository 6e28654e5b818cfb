"""The words of a list of units or people: its columns, roles and levels, as people write them in a spreadsheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from server.services.units.scope import ADMIN, CONFIDENTIAL, COORDINATOR, OFFICER, REVIEWER
from sync.text import fold

UNITS, PEOPLE = "units", "people"
KINDS: Final = (UNITS, PEOPLE)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column. `heads`: how it may be headed, the first one in the template. `most`: characters of a value."""

    name: str
    heads: tuple[str, ...]
    most: int
    required: bool = True


COLUMNS: Final[dict[str, tuple[SheetColumn, ...]]] = {
    UNITS: (
        SheetColumn("code", ("Mã đơn vị", "Mã"), 16),
        SheetColumn("name", ("Tên đầy đủ", "Tên đơn vị", "Tên"), 200),
        SheetColumn("short_name", ("Tên gọi", "Tên ngắn"), 100, required=False),
        SheetColumn("level", ("Cấp",), 40),
        SheetColumn("parent", ("Mã đơn vị cấp trên", "Mã cấp trên"), 16),
    ),
    PEOPLE: (
        SheetColumn("name", ("Họ và tên", "Họ tên"), 200),
        SheetColumn("username", ("Tên đăng nhập", "Tài khoản"), 64),
        SheetColumn("unit", ("Mã đơn vị", "Mã"), 16),
        SheetColumn("role", ("Vai trò",), 60),
        SheetColumn("phone", ("Số điện thoại", "Điện thoại"), 30, required=False),
    ),
}
ROLE_WORDS: Final = {
    OFFICER: ("Cán bộ nhập liệu", "Nhập liệu", "Cán bộ"),
    REVIEWER: ("Người duyệt", "Duyệt"),
    COORDINATOR: ("Cán bộ tổng hợp", "Tổng hợp"),
    ADMIN: ("Quản trị",),
    CONFIDENTIAL: ("Cán bộ phụ trách nạn nhân",),
}
LEVELS: Final = ("province", "district", "commune")
"""From the top: a unit is below one of a level before its own."""
LEVEL_WORDS: Final = {
    "province": ("Tỉnh", "Thành phố trực thuộc trung ương"),
    "district": ("Huyện", "Thị xã", "Quận", "Thành phố"),
    "commune": ("Xã", "Phường", "Thị trấn", "Đặc khu"),
}
_ROLES: Final = {fold(word): role for role, words in ROLE_WORDS.items() for word in (*words, role)}
_LEVELS: Final = {fold(word): level for level, words in LEVEL_WORDS.items() for word in (*words, level)}
_ROMAN: Final = re.compile(r"[IVX]+")
_KINDS_OF_UNIT: Final = sorted((word for words in LEVEL_WORDS.values() for word in words), key=len, reverse=True)


def role(text: str) -> str | None:
    """Return the role of this word; None for any other."""
    return _ROLES.get(fold(text))


def level(text: str) -> str | None:
    """Return the level of this word; None for any other."""
    return _LEVELS.get(fold(text).removeprefix("cap "))


def short(name: str) -> str:
    """Return a unit's name without the word for its kind; a number alone is no name, so its word stays.

    >>> short("Xã Chính Nghĩa"), short("Thị xã Mỹ Hào"), short("Phường 1")
    ('Chính Nghĩa', 'Mỹ Hào', 'Phường 1')
    """
    for word in _KINDS_OF_UNIT:
        if name.casefold().startswith(f"{word.casefold()} "):
            rest = name[len(word) + 1 :].strip()
            return rest if any(map(str.isalpha, rest)) and not _ROMAN.fullmatch(rest) else name
    return name
