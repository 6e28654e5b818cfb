"""Photos: which records name which hashes, and whose bytes are held (SPEC P-1 to P-8). Bytes are in server/blobs."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Millis, RecordId, StreamId


class PhotoRef(Base):
    """A stored write of this record names this hash, as an `original` or as its `thumb`.

    `held`: its bytes came from this stream. Bytes from another stream do not count here (SPEC P-6). `gone`: they came,
    and a backup did not find them whole in the store since (B-13).
    """

    __tablename__ = "photo_ref"
    __table_args__ = (Index(None, "stream_id", "sha256"),)

    sha256: Mapped[Hash] = mapped_column(primary_key=True)
    record_id: Mapped[RecordId] = mapped_column(primary_key=True)
    stream_id: Mapped[StreamId]
    role: Mapped[str] = mapped_column(String(8))
    thumb_sha256: Mapped[str | None] = mapped_column(String(64))
    held: Mapped[bool] = mapped_column(Boolean, default=False)
    gone: Mapped[bool] = mapped_column(Boolean, default=False)


class Photo(Base):
    """A hash whose bytes came and were checked: `verified`, or `refused` with a code and never asked for again.

    No row: bytes that have not come, come in part, or hash to another value (`hash_mismatch`): begun anew (SPEC P-12).
    """

    __tablename__ = "photo"

    sha256: Mapped[Hash] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(20))
    size_bytes: Mapped[int] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    judged_at: Mapped[Millis]
