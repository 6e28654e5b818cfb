"""The confidential annex: totals of victims received and supported, sealed (services/confidential/).

Triggers let nobody alter or delete these rows, but for the key that they are sealed with (migration 1000).
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, UnitId


class SealedTotals(Base):
    """A unit's own totals, as its confidential officer entered them. `number` counts from 1; the last one holds.

    `sealed`: the totals (services/confidential/totals.py), sealed with the key `key_id`.
    """

    __tablename__ = "sealed_totals"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id", "number"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    number: Mapped[int] = mapped_column(Integer)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    sealed: Mapped[str] = mapped_column(Text)


class SealedAnnex(Base):
    """What was frozen of a unit and all below it. `id` is the start of `sha256` in letters for people.

    `sealed`: canonical JSON with a random text in it, so that its hash tells nothing; sealed with the key `key_id`.
    """

    __tablename__ = "sealed_annex"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id", "number"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    number: Mapped[int] = mapped_column(Integer)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    sha256: Mapped[Hash]
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    sealed: Mapped[str] = mapped_column(Text)
