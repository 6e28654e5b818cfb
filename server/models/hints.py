"""Hints for reviewers: what a record's evidence shows, in two grades, and what they are computed from."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json


class Hint(Base):
    """One hint on a record. `grade`: `note` or `look`. `hits`: how many records or photos it is about.

    `detail`: what its sentence names, never a text that somebody typed; `others` in it are ids of records.
    """

    __tablename__ = "hint"
    __table_args__ = (Index(None, "stream_id", "grade"), Index(None, "stream_id", "rule"))

    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(20), primary_key=True)
    stream_id: Mapped[str] = mapped_column(String(16), ForeignKey("stream.id", ondelete="CASCADE"))
    grade: Mapped[str] = mapped_column(String(4))
    hits: Mapped[int] = mapped_column(Integer)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)


class HintMark(Base):
    """A hash of what a record says, equal for records that say the same."""

    __tablename__ = "hint_mark"

    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    stream_id: Mapped[str] = mapped_column(String(16), ForeignKey("stream.id", ondelete="CASCADE"), index=True)


class HintedStream(Base):
    """From what the hints of a stream were made: its last write, the campaign's days, the changes that came before."""

    __tablename__ = "hinted_stream"

    stream_id: Mapped[str] = mapped_column(String(16), ForeignKey("stream.id", ondelete="CASCADE"), primary_key=True)
    written: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    changes: Mapped[int] = mapped_column(BigInteger, default=0)


class HintChange(Base):
    """How often something else changed on which the hints of a stream depend: photos, other streams, grades, people.

    It is only counted up. So a change that comes while hints are made is seen when they have been stored. No foreign
    key: its check would lock the stream's row, out of the order in which streams are locked.
    """

    __tablename__ = "hint_change"

    stream_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    changes: Mapped[int] = mapped_column(BigInteger)


class HintGrade(Base):
    """A grade that a campaign gives to a rule, where it is another than the usual one."""

    __tablename__ = "hint_grade"

    campaign_id: Mapped[str] = mapped_column(
        String(16), ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    rule: Mapped[str] = mapped_column(String(20), primary_key=True)
    grade: Mapped[str] = mapped_column(String(4))


class UnitPopulation(Base):
    """How many people live in a unit, where somebody said so."""

    __tablename__ = "unit_population"

    unit_id: Mapped[str] = mapped_column(String(16), ForeignKey("unit.id"), primary_key=True)
    people: Mapped[int] = mapped_column(Integer)
