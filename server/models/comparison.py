"""Figures of the previous period ("cùng kỳ"), which a report compares with (services/comparison/)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Id, IdKey, Millis, OfficerId, UnitId


class PriorDraft(Base):
    """A table that was read and not taken yet. `source`: `xlsx`, `paste`, `campaign` or `freeze`.

    `sheet`: the table as data (services/comparison). `placed`: by folded name of a row, the unit that a person
    named for it, `{"unit": id, "part": bool}`. `from_id`: the campaign, or the freeze, that the figures come from.
    `name`: of the file, or of the campaign.
    """

    __tablename__ = "prior_draft"

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    source: Mapped[str] = mapped_column(String(10))
    from_id: Mapped[str] = mapped_column(String(16), default="")
    name: Mapped[str] = mapped_column(String(300), default="")
    as_of: Mapped[date] = mapped_column(Date)
    sheet: Mapped[dict[str, Any]] = mapped_column(Json)
    placed: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class PriorSet(Base):
    """Figures that were taken, for a unit and all below it. The one that has not ended holds.

    `as_of`: the last day of that period: units merged later need a figure each. `rules`: by figure, its counting rule
    then; empty if it is known to be another one. `units`: number of units with figures.
    """

    __tablename__ = "prior_set"
    __table_args__ = (Index(None, "campaign_id", "unit_id"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    source: Mapped[str] = mapped_column(String(10))
    from_id: Mapped[str] = mapped_column(String(16), default="")
    name: Mapped[str] = mapped_column(String(300), default="")
    as_of: Mapped[date] = mapped_column(Date)
    rules: Mapped[dict[str, Any]] = mapped_column(Json)
    units: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_by: Mapped[Id | None]


class PriorValue(Base):
    """One figure of one unit with all below it. `amount`: None if only a part of it is known.

    `summed`: from the units below, when the set was taken.
    """

    __tablename__ = "prior_value"

    set_id: Mapped[str] = mapped_column(String(16), ForeignKey("prior_set.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(16), ForeignKey("unit.id"), primary_key=True)
    figure: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    summed: Mapped[bool] = mapped_column(Boolean)
