"""Links that refresh a table in Excel: each shows one selection of records to whoever has its address."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, UnitId


class ExportLink(Base):
    """A link. Its token is stored hashed; campaign, unit and `filter` are fixed when it is made, the rights are not.

    `used_…`: when it was last used, and how often. `told_day`, `told_count`: the last day that has a line in the log
    (days since 1970), and the uses in the log. `minute`, `minute_count`: uses in that minute.
    """

    __tablename__ = "export_link"

    id: Mapped[IdKey]
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    officer_id: Mapped[OfficerId]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    filter: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[Millis]
    expires_at: Mapped[Millis]
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)
    used_count: Mapped[int] = mapped_column(Integer, default=0)
    told_day: Mapped[int] = mapped_column(Integer, default=0)
    told_count: Mapped[int] = mapped_column(Integer, default=0)
    minute: Mapped[int] = mapped_column(Integer, default=0)
    minute_count: Mapped[int] = mapped_column(Integer, default=0)
