"""Officers and what they may do where. A role holds for a unit and, where services/scope.py says so, its subtree."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.models.columns import IdKey, Millis, OfficerId, UnitId


class Officer(Base):
    """A person with an account. `name` is what colleagues see."""

    __tablename__ = "officer"

    id: Mapped[IdKey]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(30), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[Millis]
    disabled_at: Mapped[int | None] = mapped_column(BigInteger)


class Membership(Base):
    """One role of one officer at one unit: `officer`, `reviewer`, `coordinator` or `admin`."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("officer_id", "unit_id", "role"),)

    id: Mapped[IdKey]
    officer_id: Mapped[OfficerId]
    unit_id: Mapped[UnitId]
    role: Mapped[str] = mapped_column(String(20))
    since: Mapped[Millis]
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
