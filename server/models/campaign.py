"""Campaigns: what the letter asks, as data. Several are open at once; a practice one never counts."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json
from server.models.columns import IdKey, Millis, UnitId


class Campaign(Base):
    """One campaign of a unit and everything below it.

    `slogans` is `[{id, text}]`, `bases` and `tasks` lists of text, `kinds` names of kinds; `due_before` is the first
    day that is too late (Asia/Ho_Chi_Minh). `review_rule`: `parent` (any unit above) or `peer` (also another person
    of the same unit).
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
    slogans: Mapped[list[Any]] = mapped_column(Json)
    bases: Mapped[list[Any]] = mapped_column(Json)
    tasks: Mapped[list[Any]] = mapped_column(Json)
    kinds: Mapped[list[Any]] = mapped_column(Json)
    opened_at: Mapped[Millis]
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
