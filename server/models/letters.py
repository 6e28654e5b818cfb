"""Letters: what a campaign's letter says beside the campaign itself, and drafts of campaigns.

They are apart from `campaign`, because every exchange of a phone reads that row.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, UnitId


class CampaignLetter(Base):
    """The letter of a campaign. `text`: all of it, in the plain form of services/letters/plain.py; empty without one.

    `facts`: what a person confirmed of it, `{field: text or list of texts}`; the fields are `FACTS` in
    services/letters/facts.py. `due_bases`: the letter by which a level of units has its own due date, `{level: text}`.
    `outline`: headings of the report, one a line, in order; empty: the usual ones. `cutoff_at`: the moment up to which
    figures count.
    """

    __tablename__ = "campaign_letter"

    campaign_id: Mapped[str] = mapped_column(String(16), ForeignKey("campaign.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    due_bases: Mapped[dict[str, Any]] = mapped_column(Json)
    outline: Mapped[list[Any]] = mapped_column(Json)
    cutoff_at: Mapped[int | None] = mapped_column(BigInteger)


class LetterDraft(Base):
    """A campaign that an officer is preparing; its id becomes the campaign's. `values`: the form as it was typed.

    `made_at`: when that id was drawn. After a restore an older draft may be published a second time (SPEC B-14).
    """

    __tablename__ = "letter_draft"

    id: Mapped[IdKey]
    officer_id: Mapped[OfficerId]
    unit_id: Mapped[UnitId]
    file_name: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[Millis]
    made_at: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the letter's original file, whose bytes are in server/blobs; null for a text that was pasted."""
    type: Mapped[str] = mapped_column(String(100), default="")
    size_bytes: Mapped[int] = mapped_column(Integer, default=0)


class OrderingLetter(Base):
    """The letter by which a unit asks those below it for a campaign's report: which one it is, and its original file.

    Of the unit whose campaign it is, what the letter says stands in `campaign_letter`; this row then has the file
    alone. `dated` is null and `number` empty as long as nobody said. The bytes are in server/blobs under their hash.
    """

    __tablename__ = "ordering_letter"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    form: Mapped[str] = mapped_column(String(60), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    dated: Mapped[date | None] = mapped_column(Date)
    issuer: Mapped[str] = mapped_column(String(300), default="")
    subject: Mapped[str] = mapped_column(String(500), default="")
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    file_name: Mapped[str] = mapped_column(String(300), default="")
    type: Mapped[str] = mapped_column(String(100), default="")
    size_bytes: Mapped[int] = mapped_column(Integer, default=0)


class LetterDraftFile(Base):
    """A script or a design for the campaign of a draft; the bytes are in server/blobs under their hash."""

    __tablename__ = "letter_draft_file"

    id: Mapped[IdKey]
    draft_id: Mapped[Id] = mapped_column(ForeignKey("letter_draft.id"), index=True)
    use: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(300))
    type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[Hash] = mapped_column(index=True)
    hotline: Mapped[bool | None] = mapped_column(Boolean)
    """Whether it advertises the hotline; null: nobody said so (SPEC F-25)."""
