"""The last push of each device, kept for a client that lost the answer (SPEC X-15, X-16)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Id, Millis


class Push(Base):
    """One row per device. Not in `device` itself, because that row is read with every call.

    `runs`: the results that were answered, packed (SPEC X-17). `new`: ids of the writes that it stored unaltered,
    without repeats.
    """

    __tablename__ = "push"

    device_id: Mapped[str] = mapped_column(String(16), ForeignKey("device.id"), primary_key=True)
    push: Mapped[Id]
    runs: Mapped[list[Any]] = mapped_column(Json)
    new: Mapped[list[Any]] = mapped_column(Json)
    at: Mapped[Millis]
