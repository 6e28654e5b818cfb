"""Review: what a reviewer keeps for oneself, decisions made in one act, and the rule of review by sample."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Id, IdKey, Millis, OfficerId


class ReviewerText(Base):
    """A reviewer's own wording of a ready reason (services/review/return_templates.py)."""

    __tablename__ = "reviewer_text"

    officer_id: Mapped[str] = mapped_column(String(16), ForeignKey("officer.id"), primary_key=True)
    template: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(String(2000))
    at: Mapped[Millis]


class BulkAct(Base):
    """Several decisions made in one act: `decision.bulk_id` names it. Its id is made with the page that offers it.

    `which`: `clean` (without a warning), `all`, `picked` (ticked one by one), or `sample` (by the campaign's rule of
    review by sample). `done`: records approved. Left out: `changed` since the page was drawn, and `arrived` or ready
    since. `undone`: decisions taken back.
    """

    __tablename__ = "bulk_act"

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"), index=True)
    officer_id: Mapped[OfficerId]
    which: Mapped[str] = mapped_column(String(10))
    at: Mapped[Millis]
    done: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    arrived: Mapped[int] = mapped_column(Integer, default=0)
    undone_at: Mapped[int | None] = mapped_column(BigInteger)
    undone: Mapped[int] = mapped_column(Integer, default=0)


class SampleRule(Base):
    """A campaign is reviewed by sample: `percent` of each unit's records, and at least `least` of them.

    `seed` orders the records at random (services/review/sampling.py). It is kept, so that everybody can draw again.
    """

    __tablename__ = "sample_rule"

    campaign_id: Mapped[str] = mapped_column(String(16), ForeignKey("campaign.id"), primary_key=True)
    percent: Mapped[int] = mapped_column(Integer)
    least: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str] = mapped_column(String(32))
    by_id: Mapped[Id] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[Millis]
