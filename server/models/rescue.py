"""Rescue files that were handed in, and the fate of each write and photo in them (SPEC R-7 to R-9)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Id, IdKey, Millis, OfficerId


class Rescue(Base):
    """One file handed in by `officer_id`. Ids and codes only: contents are in the journal, or in the file.

    `held`: nothing is taken without a person (R-9), and the sealed file is kept for some days. If a restored database
    does not know the device, `device_id` is what the file says and `author_id` is empty. `damaged`: not every block
    opened.
    """

    __tablename__ = "rescue"

    id: Mapped[IdKey]
    officer_id: Mapped[OfficerId]
    device_id: Mapped[Id]
    author_id: Mapped[str | None] = mapped_column(String(16), ForeignKey("officer.id"))
    at: Mapped[Millis]
    made_at: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[bool] = mapped_column(Boolean)
    damaged: Mapped[bool] = mapped_column(Boolean)
    writes: Mapped[list[Any]] = mapped_column(Json)
    photos: Mapped[list[Any]] = mapped_column(Json)
