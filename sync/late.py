"""Late: three separate facts about when a write came, each derived and never stored (SPEC L-1, L-13).

`after_seal` and `after_end` compare positions in the stream; `after_due` compares the server's own times. A client's
clock decides none of them. Client and server run the same test vectors (sync/vectors/late.json).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sync.protocol import TIME_ZONE

AFTER_SEAL, AFTER_END, AFTER_DUE = LATE_MARKS = ("after_seal", "after_end", "after_due")


@dataclass(frozen=True, slots=True)
class Lines:
    """The limits for a write: positions of the seal and of the campaign's end, and the due moment in ms.

    None means that there is no such limit.
    """

    sealed: int | None = None
    closed: int | None = None
    due_at: int | None = None


def due_at(before: date) -> int:
    """The moment from which a write is after the due date: the start of that day in Việt Nam, in ms since 1970 UTC.

    >>> due_at(date(2021, 8, 3))
    1627923600000
    """
    return int(datetime.combine(before, time(), ZoneInfo(TIME_ZONE)).timestamp() * 1000)


def marks(position: int, received_at: int, lines: Lines) -> tuple[str, ...]:
    """The marks of a write at this position, first received by the server at this moment (ms).

    >>> marks(8, 5_000, Lines(sealed=7)), marks(7, 5_000, Lines(sealed=7, due_at=5_000))
    (('after_seal',), ('after_due',))
    """
    found = (
        _is_after(position, lines.sealed),
        _is_after(position, lines.closed),
        lines.due_at is not None and received_at >= lines.due_at,
    )
    return tuple(mark for mark, is_so in zip(LATE_MARKS, found, strict=True) if is_so)


def _is_after(position: int, line: int | None) -> bool:
    return line is not None and position > line
