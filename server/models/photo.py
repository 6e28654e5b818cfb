"""Photos: which records name which hashes, and which hashes are held (SPEC P-1 to P-8). The bytes are in server/blobs."""

from __future__ import annotations

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.models.columns import Hash, Millis, RecordId, StreamId


class PhotoRef(Base):
    """A stored write of this record names this hash, as an `original` or as its `thumb`."""

    __tablename__ = "photo_ref"

    sha256: Mapped[Hash] = mapped_column(primary_key=True)
    record_id: Mapped[RecordId] = mapped_column(primary_key=True)
    stream_id: Mapped[StreamId]
    role: Mapped[str] = mapped_column(String(8))


class Photo(Base):
    """A hash whose bytes came and were judged: `verified`, or `refused` with a code and never asked for again."""

    __tablename__ = "photo"

    sha256: Mapped[Hash] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    judged_at: Mapped[Millis]
