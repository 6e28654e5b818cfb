"""Seals: a unit's statements over its submitted set, one after the other (SPEC L-1, L-2)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Id, IdKey, Millis, OfficerId, StreamId


class Seal(Base):
    """One statement over a stream, "these are our figures", up to `position`.

    `on_behalf`: made by somebody above the unit. `taken_back_at`, `taken_back_by`, `reason`: set when it no longer
    holds. `prepared_by` made the figures, and a leader (`approved_by`, with title and day) approved them: as whoever
    confirmed wrote, "" where nothing was written.
    """

    __tablename__ = "seal"
    __table_args__ = (
        Index(
            None,
            "stream_id",
            "position",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    id: Mapped[IdKey]
    stream_id: Mapped[StreamId]
    position: Mapped[int] = mapped_column(BigInteger)
    officer_id: Mapped[OfficerId]
    on_behalf: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[Millis]
    taken_back_at: Mapped[int | None] = mapped_column(BigInteger)
    taken_back_by: Mapped[Id | None]
    reason: Mapped[str] = mapped_column(String(2000), default="")
    prepared_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    approved_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    approved_title: Mapped[str] = mapped_column(String(100), default="", server_default="")
    approved_on: Mapped[str] = mapped_column(String(10), default="", server_default="")
