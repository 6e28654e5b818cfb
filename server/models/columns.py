"""Column types that every table shares, and the step that locks, papers, totals and money have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, ClassVar, Self

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Integer, String, Text, exists
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, aliased, mapped_column

from server.core.clock import new_id, now_ms

Id = Annotated[str, mapped_column(String(16))]
"""96 random bits as text (SPEC ID-1)."""
IdKey = Annotated[str, mapped_column(String(16), primary_key=True)]
Millis = Annotated[int, mapped_column(BigInteger)]
"""Milliseconds since 1970 UTC, by the server's clock unless the name says otherwise."""
Hash = Annotated[str, mapped_column(String(64))]
"""SHA-256 as hex."""
UnitId = Annotated[str, mapped_column(String(16), ForeignKey("unit.id"), index=True)]
OfficerId = Annotated[str, mapped_column(String(16), ForeignKey("officer.id"), index=True)]
RecordId = Annotated[str, mapped_column(String(16), ForeignKey("record.id"), index=True)]
StreamId = Annotated[str, mapped_column(String(16), ForeignKey("stream.id"))]
ByBytes = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text compared byte by byte, whatever the database's collation."""


def filled_from(make: Callable[..., str], *columns: str) -> Callable[[DefaultExecutionContext], str]:
    """Make a column default: the value is computed from other columns of the inserted row."""

    def value(context: DefaultExecutionContext) -> str:
        row: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # the library's own
        return make(*(row[name] for name in columns))

    return value


class Step:
    """One act: who, when, what and why, which triggers let nobody change.

    `number` counts those of one thing from 1; the last is its present state.
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
    @cache  # a page asks of the same things at every request, and most of the cost is to put the words together
    def is_last(cls) -> ColumnElement[bool]:
        """SQL condition: it is the present state of its thing."""
        later = aliased(cls)
        same = (getattr(later, name) == getattr(cls, name) for name in cls.of)
        return ~exists().where(*same, later.number > cls.number)
