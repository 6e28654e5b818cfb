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


@lru_cache(maxsize=8192)  # a page of figures asks thousands of times, mostly for small numbers
def number(value: int | Amount, language: str) -> str:
    """Return the number with the language's separators; a decimal comma only where something stands behind it."""
    return format_decimal(value.decimal if isinstance(value, Amount) else value, locale=_LOCALES[language])


def plural(value: int | Amount, language: str) -> str:
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
