"""Numbers, days, times and plural categories as a language writes them: CLDR, the locale data that Babel carries.

>>> number(29125, "vi"), number(29125, "en")
('29.125', '29,125')
>>> number(Amount(1250, 2), "vi")
'12,5'
>>> plural(1, "en"), plural(2, "en")
('one', 'other')
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone
from babel.numbers import format_decimal

from sync.amount import Amount
from sync.protocol import TIME_ZONE

_LOCALES: Final = {language: Locale(language) for language in ("vi", "en")}
_ZONE: Final = get_timezone(TIME_ZONE)


def number(value: int, language: str) -> str:
    """Return the number with the language's separators; a decimal comma only where something stands behind it."""
    return _number(int(value), value.scale if isinstance(value, Amount) else 0, language)


@lru_cache(maxsize=8192)  # a page of figures asks thousands of times, mostly for small numbers
def _number(digits: int, scale: int, language: str) -> str:
    return format_decimal(Amount(digits, scale).decimal if scale else digits, locale=_LOCALES[language])


def plural(value: int, language: str) -> str:
    """Return the plural category of a number of things: `one`, `other`."""
    return str(_LOCALES[language].plural_form(value.decimal.normalize() if isinstance(value, Amount) else value))


def day(value: date, pattern: str, language: str) -> str:
    """Return a day by a pattern of CLDR, such as `dd/MM/y`."""
    return format_date(value, pattern, locale=_LOCALES[language])


def moment(at_ms: int, pattern: str, language: str) -> str:
    """Return a time in Việt Nam by a pattern of CLDR, such as `HH:mm`.

    Raises ValueError, OverflowError or OSError for a time that no calendar has.
    """
    return format_datetime(at_ms / 1000, pattern, tzinfo=_ZONE, locale=_LOCALES[language])
