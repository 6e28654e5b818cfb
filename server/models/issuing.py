"""Reports on their way to the signature and out of the office (services/issuing/).

Triggers let nobody alter or delete steps, versions and files (migration 0032).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, UnitId


class Paper(Base):
    """A report of a unit in a campaign. One freeze may have several; its settings and texts are rows of `passage`.

    `kind`: `report`, `supplement` or `replacement`; the last two follow an issued paper (`follows_id`). It shows
    the amounts that were chosen at the lock of its freeze. `freeze_id` moves to a newer freeze while it is a draft.
    """

    __tablename__ = "paper"

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"), index=True)
    unit_id: Mapped[UnitId]
    kind: Mapped[str] = mapped_column(String(12))
    freeze_id: Mapped[Id] = mapped_column(ForeignKey("frozen.id"), index=True)
    follows_id: Mapped[Id | None] = mapped_column(ForeignKey("paper.id"), index=True)
    made_by: Mapped[OfficerId]
    made_at: Mapped[Millis]


class PaperStep(Base):
    """One act on a paper, counted from 1; `state` is the one that it led to, the last one is the present state.

    `person`: who did it in the office, where somebody else recorded it. `reason`: why it went back. `version_id`: what
    was presented. `doc_number`, `doc_date`: given by the registry after the signature.
    """

    __tablename__ = "paper_step"
    __table_args__ = (UniqueConstraint("paper_id", "number"),)

    id: Mapped[IdKey]
    paper_id: Mapped[Id] = mapped_column(ForeignKey("paper.id"))
    number: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    person: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(2000), default="")
    freeze_id: Mapped[Id] = mapped_column(ForeignKey("frozen.id"))
    version_id: Mapped[Id | None] = mapped_column(ForeignKey("paper_version.id"))
    doc_number: Mapped[str] = mapped_column(String(60), default="")
    doc_date: Mapped[date | None] = mapped_column(Date)


class PaperVersion(Base):
    """A paper as it was presented: `content` is canonical JSON of its texts and of the report made of them."""

    __tablename__ = "paper_version"
    __table_args__ = (UniqueConstraint("paper_id", "number"),)

    id: Mapped[IdKey]
    paper_id: Mapped[Id] = mapped_column(ForeignKey("paper.id"))
    number: Mapped[int] = mapped_column(Integer)
    freeze_id: Mapped[Id] = mapped_column(ForeignKey("frozen.id"), index=True)
    at: Mapped[Millis]
    sha256: Mapped[Hash]
    content: Mapped[str] = mapped_column(Text)


class PaperFile(Base):
    """A signed PDF of a paper; its bytes are in server/blobs under their hash. The last one counts.

    `differs`: whoever recorded it saw figures in it that are not those of the freeze. `encrypted`: it needs a password
    or forbids something.
    """

    __tablename__ = "paper_file"

    id: Mapped[IdKey]
    paper_id: Mapped[Id] = mapped_column(ForeignKey("paper.id"), index=True)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    sha256: Mapped[Hash] = mapped_column(index=True)
    size_bytes: Mapped[int] = mapped_column(Integer)
    encrypted: Mapped[bool] = mapped_column(Boolean, default=False)
    differs: Mapped[bool] = mapped_column(Boolean, default=False)
