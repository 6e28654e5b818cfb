"""Letterheads: how a unit's documents are headed and signed, from a day on. A change is a new row; none is altered."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import IdKey, Millis, OfficerId, UnitId


class Letterhead(Base):
    """One version of a unit's letterhead, in force from `valid_from` until a later one is.

    Of two with the same day the one saved last holds. `governing` may be empty. `issuing` and `signing` have a line of
    the document in each line. `called`: the issuing body within a sentence. `addressees`, `recipients`: lists of text.
    """

    __tablename__ = "letterhead"
    __table_args__ = (Index(None, "unit_id", "valid_from"),)

    id: Mapped[IdKey]
    unit_id: Mapped[UnitId]
    valid_from: Mapped[date] = mapped_column(Date)
    governing: Mapped[str] = mapped_column(String(200))
    issuing: Mapped[str] = mapped_column(String(300))
    called: Mapped[str] = mapped_column(String(200))
    symbol: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(100))
    signing: Mapped[str] = mapped_column(Text)
    signer: Mapped[str] = mapped_column(String(100))
    addressees: Mapped[list[Any]] = mapped_column(Json)
    recipients: Mapped[list[Any]] = mapped_column(Json)
    officer_id: Mapped[OfficerId]
    saved_at: Mapped[Millis]
