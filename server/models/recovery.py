"""After a loss: rescue files that were handed in (SPEC R-7 to R-9), and writes that exist but are missing (B-1)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Id, IdKey, Millis, OfficerId, UnitId


class Rescue(Base):
    """One file handed in by `officer_id`. Ids and codes only: contents are in the journal, or in the file.

    `held`: nothing is taken without a person (R-9). Its sealed file is kept for some days, as one is in which something
    is to be read (R-12). If a restored database does not know the device, `device_id` is what the file says and
    `author_id` is empty. `damaged`: not every block opened.
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


class MissingWrite(Base):
    """A write that a client held and this database does not. The row is deleted when the write arrives.

    A whole record is missing if the missing write has the record's own id (SPEC W-2). The campaign may be missing too,
    so it is no foreign key.
    """

    __tablename__ = "missing_write"

    id: Mapped[IdKey]
    record_id: Mapped[Id]
    unit_id: Mapped[UnitId]
    campaign_id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(60))
    told_by: Mapped[Id]
    told_at: Mapped[Millis]
