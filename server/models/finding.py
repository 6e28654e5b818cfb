"""What lists and searches read of records beside the records themselves (sync/finding.py).

One narrow row a record, in the order of the lists, and one row for each word of its texts. Both databases search plain
indexes: SQLite's full-text search misses đ and leaves deleted words in its file, PostgreSQL's has no twin.
The rows are made from the writes, under the stream's lock; `loa db recount` makes them anew.
"""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import ByBytes, Id, StreamId


class ListedRecord(Base):
    """A record that lists show: no act (SPEC F-6), and not purged.

    `day`: ISO day of the activity; the day its first write arrived, in Việt Nam, if none was given.
    `lat_e6`, `lon_e6`: its place in millionths of a degree, or null.
    """

    __tablename__ = "listed_record"
    __table_args__ = (
        Index(None, "campaign_id", "day", "record_id"),
        Index(None, "stream_id", "day", "record_id"),
        Index(None, "campaign_id", "kind", "number"),
    )

    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id"), primary_key=True)
    stream_id: Mapped[StreamId]
    campaign_id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    day: Mapped[str] = mapped_column(String(10))
    slogan: Mapped[str] = mapped_column(String(64))
    photos: Mapped[bool] = mapped_column(Boolean)
    lat_e6: Mapped[int | None] = mapped_column(Integer)
    lon_e6: Mapped[int | None] = mapped_column(Integer)


class RecordWord(Base):
    """A word of a record's texts, folded (SPEC F-12)."""

    __tablename__ = "record_word"
    __table_args__ = (Index(None, "campaign_id", "word", "record_id"),)

    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id"), primary_key=True)
    word: Mapped[str] = mapped_column(ByBytes, primary_key=True)
    campaign_id: Mapped[Id]
