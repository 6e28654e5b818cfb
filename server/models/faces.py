"""Faces: what somebody said of a photo before it leaves the review, and the rule of a campaign."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, Id, Millis, OfficerId


class PhotoMark(Base):
    """What a person said of a photo of a record. The one with the highest `number` holds; a purge removes them all.

    `face`: whether a child's face can be recognised; null: nobody answered. `unused`: it is kept out of reports.
    `parts`: rectangles that are covered, `[x, y, width, height]` each in ten-thousandths of the upright picture.
    """

    __tablename__ = "photo_mark"

    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[Hash] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    face: Mapped[bool | None] = mapped_column(Boolean)
    unused: Mapped[bool] = mapped_column(Boolean, default=False)
    parts: Mapped[list[Any]] = mapped_column(Json)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]


class FaceRule(Base):
    """A campaign's rule for photos that leave the review (services/faces/marks.py), where it is not the usual one."""

    __tablename__ = "face_rule"

    campaign_id: Mapped[str] = mapped_column(
        String(16), ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    rule: Mapped[str] = mapped_column(String(8))
    by_id: Mapped[Id] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[Millis]
