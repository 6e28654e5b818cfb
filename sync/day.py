"""A day as people type it (SPEC V-6). The client runs the same vectors (sync/vectors/days.json).

>>> read_day("5/8", 2021), read_day("05-08-21", 2026), read_day("05082021", 2026), read_day("31/02/2021", 2021)
('2021-08-05', '2021-08-05', '2021-08-05', '')
"""

from __future__ import annotations

import re
from typing import Final

from sync.text import normal
from sync.values import is_date

_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TYPED: Final = re.compile(
    r"([0-9]{1,2}) ?[-/. ] ?([0-9]{1,2})(?: ?[-/. ] ?([0-9]{4}|[0-9]{2}))?|([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})?"
)


def read_day(text: str, this_year: int) -> str:
    """Return the day in ISO form; empty for a text that is no day."""
    typed = normal(text)
    if iso := _ISO.fullmatch(typed):
        year, month, day = iso.groups()
    elif said := _TYPED.fullmatch(typed):
        day, month, year = said.groups()[:3] if said[1] else said.groups()[3:]
        year = str(this_year) if year is None else year if len(year) == 4 else f"20{year}"
    else:
        return ""
    found = f"{year}-{month:0>2}-{day:0>2}"
    return found if is_date(found) else ""
