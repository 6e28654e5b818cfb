"""Versions of the table of regimes, and days on which offices rest or work (services/checklist/)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Integer
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, IdKey, Millis, OfficerId


class RegimeVersion(Base):
    """Lines of the table of regimes as somebody uploaded them. `lines`: as services/checklist/versions.py reads them.

    `number`: None until it was taken, then 1, 2, 3: of two lines for one date the one with the higher number holds.
    """

    __tablename__ = "regime_version"

    id: Mapped[IdKey]
    number: Mapped[int | None] = mapped_column(Integer, unique=True)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    taken_at: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[Hash]
    lines: Mapped[list[Any]] = mapped_column(Json)


class RestDay(Base):
    """A day that is not as the calendar says: `works` on a Saturday, or rests on a Tuesday."""

    __tablename__ = "rest_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool] = mapped_column(Boolean)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
