"""Officers, their roles, who stands in for whom, and who handed duties over to whom.

A role holds for a unit and, where services/units/scope.py says so, for its subtree.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from server.core.db import Base, Json
from server.models.columns import ByBytes, IdKey, Millis, OfficerId, UnitId, filled_from
from sync.text import fold, sort_text


def _searched(name: str, username: str) -> str:
    return fold(f"{name} {username}")


class Officer(Base):
    """A person with an account. `name` is what colleagues see.

    `search_key` and `sort_key` are made from both names (sync/text.py), like those of a unit.
    """

    __tablename__ = "officer"

    id: Mapped[IdKey]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(30), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[Millis]
    disabled_at: Mapped[int | None] = mapped_column(BigInteger)
    search_key: Mapped[str] = mapped_column(
        ByBytes, server_default="", default=filled_from(_searched, "name", "username")
    )
    sort_key: Mapped[str] = mapped_column(ByBytes, server_default="", default=filled_from(sort_text, "name"))

    @validates("name", "username")
    def _renamed(self, column: str, value: str) -> str:
        """Update the search and sort keys when a name changes."""
        names = {"name": self.name, "username": self.username} | {column: value}
        self.search_key = _searched(names["name"] or "", names["username"] or "")
        if column == "name":
            self.sort_key = sort_text(value)
        return value


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


class Absence(Base):
    """A reviewer is away from one moment to another, and a colleague of that unit decides there meanwhile.

    `ended_at`: it was ended early. Rows stay: the log and papers name by them for whom somebody acted.
    """

    __tablename__ = "absence"

    id: Mapped[IdKey]
    officer_id: Mapped[OfficerId]
    deputy_id: Mapped[OfficerId]
    unit_id: Mapped[UnitId]
    begins_at: Mapped[Millis]
    ends_at: Mapped[Millis]
    by_id: Mapped[OfficerId]
    at: Mapped[Millis]
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class Handover(Base):
    """One person's duties passed on to another. `told`: what the record on paper says, as it was at that moment."""

    __tablename__ = "handover"

    id: Mapped[IdKey]
    from_id: Mapped[OfficerId]
    to_id: Mapped[OfficerId]
    by_id: Mapped[OfficerId]
    at: Mapped[Millis]
    told: Mapped[dict[str, Any]] = mapped_column(Json)
