"""Campaigns: what the letter asks for, as data. Several are open at once; a practice campaign never counts."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.core.db import Base, Json
from server.models.columns import Hash, Id, IdKey, Millis, UnitId


class Campaign(Base):
    """One campaign of a unit and everything below it.

    `slogans` is `[{id, text}]`; `bases` and `tasks` are lists of text; `kinds` are names of kinds (empty: all kinds).
    `expected` is what each commune is asked for, `[{figure, amount}]`, and some may be asked for something else
    (server/services/campaigns/expected.py). `figures` are codes of the figures that the
    letter asks for (empty: server/services/figures/loading.py decides). `due_before` is the first day that is too late
    (Asia/Ho_Chi_Minh); `due_levels` has the earlier days of some levels of units, `{level: ISO date}` (SPEC L-13).
    `review_rule`: `parent` (any unit above) or `peer` (also another person of the same unit).
    """

    __tablename__ = "campaign"

    id: Mapped[IdKey]
    unit_id: Mapped[UnitId]
    name: Mapped[str] = mapped_column(String(300))
    practice: Mapped[bool] = mapped_column(Boolean, default=False)
    status: Mapped[str] = mapped_column(String(10), default="open")
    review_rule: Mapped[str] = mapped_column(String(10), default="parent")
    hotline: Mapped[str] = mapped_column(String(30))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    due_before: Mapped[date] = mapped_column(Date)
    due_levels: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    slogans: Mapped[list[Any]] = mapped_column(Json)
    bases: Mapped[list[Any]] = mapped_column(Json)
    tasks: Mapped[list[Any]] = mapped_column(Json)
    kinds: Mapped[list[Any]] = mapped_column(Json, default=list)
    expected: Mapped[list[Any]] = mapped_column(Json, default=list)
    figures: Mapped[list[Any]] = mapped_column(Json, default=list)
    opened_at: Mapped[Millis]
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    files: Mapped[list[CampaignFile]] = relationship(
        order_by="CampaignFile.use.desc(), CampaignFile.title, CampaignFile.id", viewonly=True
    )


class CampaignFile(Base):
    """A file that a campaign gives to its units: a script to read out, or the design of a banner (SPEC F-2, F-7).

    `use` is `script` or `design`. The bytes are in server/blobs under their hash.
    """

    __tablename__ = "campaign_file"

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"), index=True)
    use: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(300))
    type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[Hash]
    added_at: Mapped[Millis]
    hotline: Mapped[bool | None] = mapped_column(Boolean)
    """Whether it advertises the hotline; null: nobody said so (SPEC F-25)."""
