"""Words and forms that official documents share, as patterns (Decree 30/2020/NĐ-CP, Annex I).

Every pattern is read on the flat text, has no repeated group inside a repeated group, and is bounded, so that a text
made for it costs no time.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

_TONED: Final = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
SMALL: Final = f"a-z{_TONED}"
"""Small letters of Vietnamese, and below capital ones, inside a class; only for patterns that mind capitals."""
CAPITAL: Final = f"A-Z{_TONED.upper()}"
COMMITTEE: Final = r"(?:ủy|uỷ) +ban"
BODY: Final = (
    rf"(?:(?<![^\W\d_])(?<![-/])(?:{COMMITTEE}|UBND|UBMTTQ|BCH|sở|đồn +biên|liên +sở|ban +chỉ +đạo|BCĐ|bộ|công +an|"
    r"tổng +cục|chi +cục|cục|phòng|văn +phòng|tỉnh +ủy|tỉnh +uỷ|thành +ủy|thành +uỷ|huyện +ủy|huyện +uỷ|"
    r"đảng +ủy|đảng +uỷ|hội|đoàn|tỉnh +đoàn|mặt +trận|"
    r"chủ +tịch|thường +trực|giám +đốc|trung +tâm|thanh +tra|viện|tòa +án|toà +án|liên +đoàn|hội +đồng|đài|"
    r"chính +phủ|thủ +tướng|ban)(?![^\W\d_]))"
)
"""What the name of a body begins with."""
CUT_NAME: Final = "".join(f"(?<!{word})" for word in ("và xã", "cục", "sở", "bộ", "ban", "của", "và", "tỉnh", "huyện"))
"""Behind these a line goes on with the name of a body, and no sentence begins."""
ASKS: Final = r"(?:kính +)?(?:đề +nghị|yêu +cầu|hướng +dẫn|thông +báo|ban +hành|xây +dựng|triển +khai|trân +trọng|giao)"
"""What a body does in the sentence that names it."""
CITED: Final = (
    r"(?:bộ +luật|luật|pháp +lệnh|nghị +định|nghị +quyết|quyết +định|chỉ +thị|thông +tư(?: +liên +tịch)?|kế +hoạch|"
    r"công +văn|công +điện|hướng +dẫn|chương +trình|đề +án|thông +báo|văn +bản|kết +luận|điện|thông +tri)"
)
"""Kinds of documents that a letter names as its bases."""
ORDERS: Final = (
    r"(?:căn +cứ|thực +hiện|triển +khai(?: +thực +hiện)?|theo|tiếp +theo|xét|trên +cơ +sở|hưởng +ứng|thi +hành)"
)
"""What a basis begins with."""
DAY: Final = (
    r"(?:ngày +)?(\d{1,2}) *(?:(?:/|-|–|\.) *(\d{1,2})(?!\d)(?: *(?:/|-|–|\.| +năm +) *(\d{4})(?!\d))?"
    r"|tháng +(\d{1,2})(?!\d)(?: *(?:,? *năm|/|-) *(\d{4})(?!\d))?)"
)
"""A day: 03/8/2021, 3-8, 30.7.2026, 30 tháng 7 năm 2026. Five groups, which `day_of` reads."""
DAY_GROUPS: Final = 5
MOTTO: Final = (
    r"cộng +(?:hòa|hoà) +xã +hội +chủ +nghĩa +việt +nam|đảng +cộng +sản +việt +nam"
    r"|(?<!bch )(?<!hành )đoàn +tncs +hồ +chí +minh(?! +(?:tỉnh|thành|thị|huyện|quận|xã|phường|đặc))"
    r"|độc +lập *[-–—] *tự +do *[-–—] *hạnh +phúc"
)
_IGNORE: Final = re.IGNORECASE


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that minds no capitals, and in which blanks may be a line break."""
    return re.compile(pattern.replace(" +", r"\s+"), _IGNORE)


def day_of(match: re.Match[str], first: int = 1) -> tuple[int, int, int | None]:
    """Return day, month and year (None: not written) of the five groups of DAY, from the group `first` on."""
    day, month, year, spelt_month, spelt_year = (match[first + number] for number in range(DAY_GROUPS))
    written = year or spelt_year
    return int(day), int(month or spelt_month), int(written) if written else None


def as_date(day: int, month: int, year: int | None) -> date | None:
    """Return the date; None for a day that no calendar has, or one without a year."""
    try:
        return date(year, month, day) if year and 1990 <= year <= 2100 else None
    except ValueError:
        return None


def following(day: int, month: int, after: date | None, year: int | None) -> date | None:
    """Return the day of which no year is written: the first one not before the letter, or that of the letter's year."""
    if after is not None:
        nearest = as_date(day, month, after.year)
        return as_date(day, month, after.year + 1) if nearest and nearest < after - timedelta(days=60) else nearest
    return as_date(day, month, year)
