"""What was done to a thing, step by step: a lock, a paper, a total, money. Triggers refuse every change of a step."""

from __future__ import annotations

from typing import ClassVar, Self

from sqlalchemy import ColumnElement, Integer, String, exists
from sqlalchemy.orm import Mapped, aliased, mapped_column

from server.core.clock import new_id, now_ms
from server.models.columns import IdKey, Millis, OfficerId


class Step:
    """One act: who, when, what and why. `number` counts those of one thing from 1; the last is its present state.

    `of`: the columns that say which thing it is. `act` of each table is one of its own.
    """

    of: ClassVar[tuple[str, ...]]

    id: Mapped[IdKey]
    number: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(8))
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    reason: Mapped[str] = mapped_column(String(2000), default="")

    def follow(self, number: int, officer_id: str, at: int = 0) -> Self:
        """Make it the step after the one with this number (0: the first), by this person; `at`: by default now."""
        self.id, self.number, self.officer_id, self.at = new_id(), number + 1, officer_id, at or now_ms()
        return self

    @classmethod
    def is_last(cls) -> ColumnElement[bool]:
        """SQL condition: it is the present state of its thing."""
        later = aliased(cls)
        same = (getattr(later, name) == getattr(cls, name) for name in cls.of)
        return ~exists().where(*same, later.number > cls.number)
