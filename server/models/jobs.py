"""Work done outside requests. The row is the truth about a job; the queue only carries its id (services/jobs/)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Id, IdKey, Millis


class Job(Base):
    """One job. `kind` names a registered function, `ids` are its arguments. Times are the database's clock.

    `once`: two jobs with the same value are one. `state`: queued, running, done or failed. `lease`: drawn anew for each
    attempt, kept after it; only who holds it may end the attempt, until `lease_until`. `attempts`: those begun, without
    those that a shutdown cut short. `progress`: percent. `result_key`: the result in the blob store, set together with
    the state done. `code`: why it failed.
    """

    __tablename__ = "job"
    __table_args__ = (Index(None, "state", "not_before"),)

    id: Mapped[IdKey]
    kind: Mapped[str] = mapped_column(String(60))
    ids: Mapped[list[Any]] = mapped_column(Json)
    once: Mapped[str | None] = mapped_column(String(120), unique=True)
    asked_by: Mapped[str | None] = mapped_column(String(16), ForeignKey("officer.id"), index=True)
    asked_at: Mapped[Millis] = mapped_column(index=True)
    not_before: Mapped[Millis]
    state: Mapped[str] = mapped_column(String(8))
    progress: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease: Mapped[Id | None]
    lease_until: Mapped[int | None] = mapped_column(BigInteger)
    begun_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    result_key: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str | None] = mapped_column(String(40))
