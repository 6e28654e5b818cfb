"""Texts of a report that people write, section by section (services/narrative/)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Id, IdKey, Millis, OfficerId, UnitId


class Passage(Base):
    """The text of one section: of a unit in a campaign, or of one of its papers (`paper_id`).

    `owner` is the id of the unit or of the paper. `text`: paragraphs, a line each; figures are `{code}`. `version`
    counts what was saved; 0: never. `held_by`, `held_at`: who is writing, and when they last saved. `sources`: what was
    picked from units below, `[{unit, name, text, at, by}]`.
    """

    __tablename__ = "passage"
    __table_args__ = (UniqueConstraint("campaign_id", "owner", "section"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    paper_id: Mapped[Id | None] = mapped_column(ForeignKey("paper.id"), index=True)
    owner: Mapped[Id]
    section: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=0)
    edited_by: Mapped[Id | None] = mapped_column(ForeignKey("officer.id"))
    edited_at: Mapped[int | None] = mapped_column(BigInteger)
    held_by: Mapped[Id | None] = mapped_column(ForeignKey("officer.id"))
    held_at: Mapped[int | None] = mapped_column(BigInteger)
    sources: Mapped[list[Any]] = mapped_column(Json, default=list)


class PassageAside(Base):
    """A text that lost, because somebody else had taken the section over: it is kept until a person settles it."""

    __tablename__ = "passage_aside"

    id: Mapped[IdKey]
    passage_id: Mapped[Id] = mapped_column(ForeignKey("passage.id"), index=True)
    officer_id: Mapped[OfficerId]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[Millis]
    settled_at: Mapped[int | None] = mapped_column(BigInteger)
