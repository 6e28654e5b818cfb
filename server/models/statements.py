"""What a unit states of itself for a campaign's report: money spent, and documents issued (services/statements/)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Id, IdKey, Millis, OfficerId, UnitId


class MoneyStatement(Base):
    """One statement of a unit's spending, in thousands of đồng by source. `number` counts them from 1; the last holds.

    `nil`: the unit states that it spent nothing, which is not silence.
    """

    __tablename__ = "money_statement"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id", "number"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    number: Mapped[int] = mapped_column(Integer)
    nil: Mapped[bool] = mapped_column(Boolean)
    province: Mapped[int] = mapped_column(BigInteger)
    district: Mapped[int] = mapped_column(BigInteger)
    commune: Mapped[int] = mapped_column(BigInteger)
    combined: Mapped[int] = mapped_column(BigInteger)
    social: Mapped[int] = mapped_column(BigInteger)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]


class IssuedPaper(Base):
    """A plan or letter that a unit issued. `type`: a code of services/statements/papers.py; `symbol`: its number.

    `removed_at`: since when it is no longer listed; a mended one is a new row.
    """

    __tablename__ = "issued_document"
    __table_args__ = (Index(None, "campaign_id", "unit_id"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    type: Mapped[str] = mapped_column(String(20))
    symbol: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[date] = mapped_column(Date)
    subject: Mapped[str] = mapped_column(String(500))
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    removed_at: Mapped[int | None] = mapped_column(BigInteger)
    removed_by: Mapped[Id | None]
