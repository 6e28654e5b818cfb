"""Locks: a level locks the figures of a campaign, and what they consisted of at that moment (services/locks/).

Triggers let nobody alter or delete these rows. A line of a purged record is emptied, a document that showed its photo
is marked as gone, once, and nothing else (migration 0028).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, UnitId


class LockStep(Base):
    """One act on the figures of a unit and all below it: `lock` or `unlock`. `number` counts them from 1.

    The last one is the present state. `reason`: why it was unlocked. `freeze_id`: what a lock froze.
    """

    __tablename__ = "lock_step"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id", "number"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    number: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(8))
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    reason: Mapped[str] = mapped_column(String(2000), default="")
    freeze_id: Mapped[Id | None] = mapped_column(ForeignKey("frozen.id"))


class Freeze(Base):
    """The figures of a unit and all below it at one moment. `id` is the start of `sha256` in letters for people.

    `head`: canonical JSON of all but the records. `sha256`: of the head with the hash of each record's line.
    """

    __tablename__ = "frozen"

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"), index=True)
    unit_id: Mapped[UnitId]
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    sha256: Mapped[Hash]
    head: Mapped[str] = mapped_column(Text)


class FreezeLine(Base):
    """One record of a freeze. `content`: canonical JSON with a random text, so that its hash tells nothing of it.

    Empty, with `erased_at`, once the record was purged; its hash stays, so the freeze can still be checked.
    """

    __tablename__ = "frozen_line"

    freeze_id: Mapped[str] = mapped_column(String(16), ForeignKey("frozen.id"), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id"), primary_key=True, index=True)
    sha256: Mapped[Hash]
    content: Mapped[str] = mapped_column(Text)
    erased_at: Mapped[int | None] = mapped_column(BigInteger)


class FreezeDocument(Base):
    """A document that was made from a freeze and handed out; its bytes are in server/blobs under their hash.

    `form`: which one. `erased_at`: since when its bytes are gone, because they showed a record that was purged.
    """

    __tablename__ = "frozen_document"
    __table_args__ = (
        Index(
            None,
            "freeze_id",
            "form",
            unique=True,
            sqlite_where=text("erased_at IS NULL"),
            postgresql_where=text("erased_at IS NULL"),
        ),
    )

    id: Mapped[IdKey]
    freeze_id: Mapped[Id] = mapped_column(ForeignKey("frozen.id"))
    form: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[Hash] = mapped_column(index=True)
    made_at: Mapped[Millis]
    erased_at: Mapped[int | None] = mapped_column(BigInteger)
