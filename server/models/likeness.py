"""Likeness: the windows of photos, which photos look alike, and which are still to be asked.

All of it goes with the photo's own row: a purge deletes that one, and the database the rest.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Millis


class LikenessPending(Base):
    """A photo that was verified and has not been compared since. `at`: when that was; 0: it is to be made anew."""

    __tablename__ = "likeness_pending"

    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("photo.sha256", ondelete="CASCADE"), primary_key=True)
    at: Mapped[Millis]


class PhotoWindows(Base):
    """The hashes of a photo's 46 windows, 368 bytes, once for each province and year that has it in a record.

    `parts`: what it shows that may be a photo by itself, 48 bytes each. `spots`: places in it that a copy has, too, 22
    bytes each and as many for its sides.
    """

    __tablename__ = "photo_windows"
    __table_args__ = (Index(None, "province_id", "year"),)

    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("photo.sha256", ondelete="CASCADE"), primary_key=True)
    province_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    hashes: Mapped[bytes] = mapped_column(LargeBinary(368))
    parts: Mapped[bytes] = mapped_column(LargeBinary, server_default="")
    spots: Mapped[bytes] = mapped_column(LargeBinary, server_default="")


class PhotoMatch(Base):
    """Two photos that look alike; the smaller hash comes first.

    `sure`: enough texture was compared. `share`: percent of the textured blocks that both have at the same place.
    `laid`: a matrix by rows, from a place in the first photo (x, y, 1, parts of its sides) to the one in the other.
    Empty for what was found before it was kept.
    """

    __tablename__ = "photo_match"

    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("photo.sha256", ondelete="CASCADE"), primary_key=True)
    other: Mapped[str] = mapped_column(
        String(64), ForeignKey("photo.sha256", ondelete="CASCADE"), primary_key=True, index=True
    )
    sure: Mapped[bool]
    share: Mapped[int] = mapped_column(Integer)
    laid: Mapped[list[float]] = mapped_column(Json, server_default="[]")
    found_at: Mapped[Millis]
