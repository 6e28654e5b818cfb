"""Late: behind the unit's latest seal or behind the campaign's end, told by position and by no clock (SPEC L-1)."""

from __future__ import annotations


def line(sealed: int | None, closed: int | None) -> int | None:
    """The last position that is in time; None where nothing was sealed or closed."""
    return min((place for place in (sealed, closed) if place is not None), default=None)


def is_late(position: int, sealed: int | None, closed: int | None) -> bool:
    """A write at this position came after the unit's statement, or after the campaign's end.

    >>> is_late(8, 7, None), is_late(7, 7, None), is_late(8, 9, 7), is_late(8, None, None)
    (True, False, True, False)
    """
    last = line(sealed, closed)
    return last is not None and position > last
