"""What proves a restore, and that there was one (SPEC B-1, B-10)."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Id, IdKey, Millis

BY_START = "start"
"""Stands in place of a device: the server noticed the restore when it started."""


class Restoration(Base):
    """An older copy took this database's place: `loa restore` said so, or a client's cursor proved it.

    `at`: when it was done or noticed; clients send it back (SPEC B-2). `taken_at` and `holds_until` are the backup's
    moment and its last entry; unknown if nobody gave them. `noticed_by`: the device whose exchange revealed it, or
    BY_START. If none of these is set, a database restored later had forgotten this restore, and the file beside it
    remembers (SPEC B-8).
    """

    __tablename__ = "restoration"

    at: Mapped[Millis] = mapped_column(primary_key=True, autoincrement=False)
    taken_at: Mapped[int | None] = mapped_column(BigInteger)
    holds_until: Mapped[int | None] = mapped_column(BigInteger)
    noticed_by: Mapped[Id | None]
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_by: Mapped[Id | None]


class Mark(Base):
    """A mark per minute in which something was stored, for 30 days. An older copy lacks the last one (SPEC B-10)."""

    __tablename__ = "mark"

    value: Mapped[IdKey]
    at: Mapped[Millis] = mapped_column(index=True)
