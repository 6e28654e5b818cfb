"""What a restore leaves to be said: that there was one, and what is known to exist and has not come back (SPEC B-1)."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Id, IdKey, Millis, UnitId

BY_START = "start"
"""In the place of a device: the server noticed it when it started."""


class Restoration(Base):
    """An older copy took this database's place: `loa restore` said so, or a phone's cursor gave it away.

    `at`: when it was done or noticed; phones name it (SPEC B-2). `taken_at` and `holds_until` are the backup's moment
    and the last entry in it; unknown where nobody said so. `noticed_by`: the device in whose exchange it was noticed,
    or BY_START. None of them: one that the database put in place later had forgotten, as the file beside it says
    (SPEC B-8).
    """

    __tablename__ = "restoration"

    at: Mapped[Millis] = mapped_column(primary_key=True, autoincrement=False)
    taken_at: Mapped[int | None] = mapped_column(BigInteger)
    holds_until: Mapped[int | None] = mapped_column(BigInteger)
    noticed_by: Mapped[Id | None]
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_by: Mapped[Id | None]


class MissingWrite(Base):
    """A write that a phone held and this database does not; gone from here when it arrives.

    A record that is missing whole is the missing write with the record's own id (SPEC ID-2). The campaign may be
    missing too, so it is no foreign key.
    """

    __tablename__ = "missing_write"

    id: Mapped[IdKey]
    record_id: Mapped[Id]
    unit_id: Mapped[UnitId]
    campaign_id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(60))
    told_by: Mapped[Id]
    told_at: Mapped[Millis]


class Mark(Base):
    """One of each minute in which something was stored, for 30 days: an older copy lacks the last one (SPEC B-10)."""

    __tablename__ = "mark"

    value: Mapped[IdKey]
    at: Mapped[Millis] = mapped_column(index=True)
