"""The server's clock and random ids. Callers pass them on as arguments, so that the rules stay pure functions."""

from __future__ import annotations

import calendar
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sync.protocol import TIME_ZONE
from sync.text import ID_BYTES, encode_id

MINUTE_MS: Final = 60 * 1000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

ZONE = ZoneInfo(TIME_ZONE)
_stopped: ContextVar[int | None] = ContextVar("stopped", default=None)


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    stopped = _stopped.get()
    return time.time_ns() // 1_000_000 if stopped is None else stopped


@contextmanager
def stopped_at(at_ms: int) -> Iterator[None]:
    """Stop the clock at a moment: the demo replays in seconds what came in over weeks."""
    before = _stopped.set(at_ms)
    try:
        yield
    finally:
        _stopped.reset(before)


def new_id() -> str:
    """A fresh id (SPEC ID-1)."""
    return encode_id(secrets.token_bytes(ID_BYTES))


def local(at_ms: int) -> datetime:
    """The moment as a time in Việt Nam."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZONE)


def start_of(day: date) -> int:
    """The moment at which this day begins in Việt Nam, in milliseconds."""
    return int(datetime.combine(day, datetime.min.time(), ZONE).timestamp() * 1000)


def today() -> date:
    """Today's date in Việt Nam."""
    return local(now_ms()).date()


def by_months(day: date, months: int) -> date:
    """The day so many months later, or earlier if negative; a shorter month's last day.

    >>> by_months(date(2026, 1, 31), 1), by_months(date(2026, 3, 31), -13)
    (datetime.date(2026, 2, 28), datetime.date(2025, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
