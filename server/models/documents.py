"""Documents that people asked for, made by jobs; and forms of others (a Ministry's) that are filled at each export."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, UnitId


class AskedDocument(Base):
    """A document that somebody asked for. `kind` is one of services/documents/kinds.py, `choices` what it needs.

    `job_id`: the job that makes it; its row is deleted a month later, with the file. `file_name`, `sha256` and
    `size_bytes` are set with the job's end. `printed`: what a summary sheet printed, `{figure: amount}`, for the
    comparison in the next one.
    """

    __tablename__ = "asked_document"
    __table_args__ = (Index(None, "campaign_id", "unit_id", "asked_at"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    kind: Mapped[str] = mapped_column(String(20))
    choices: Mapped[dict[str, Any]] = mapped_column(Json)
    officer_id: Mapped[OfficerId]
    asked_at: Mapped[Millis]
    job_id: Mapped[Id] = mapped_column(index=True)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    printed: Mapped[dict[str, Any] | None] = mapped_column(Json)


class ReportForm(Base):
    """A form to fill: an Excel file with one row for a unit, or a Word file with tags.

    Its unit and all below may use it. The bytes are in server/blobs under their hash. `removed_at`: no longer offered.
    """

    __tablename__ = "report_form"

    id: Mapped[IdKey]
    unit_id: Mapped[UnitId]
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(4))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[Hash] = mapped_column(index=True)
    officer_id: Mapped[OfficerId]
    added_at: Mapped[Millis]
    removed_at: Mapped[int | None] = mapped_column(BigInteger)
