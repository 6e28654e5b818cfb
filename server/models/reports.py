"""Reports: letterheads, texts, statements, locked figures, papers, and documents that people asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.clock import now_ms
from server.core.db import Base, Json
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, Step, UnitId


class Letterhead(Base):
    """One version of a unit's letterhead, in force from `valid_from` until a later one is.

    `valid_to`: the last day of a deputy who signs for a time; then the one before holds again. `mandate`: by which
    paper somebody signs (TUQ.). Of two with the same day the one saved last holds. `governing` may be empty. `issuing`
    and `signing` have a line of the document in each line. `called`: the issuing body within a sentence. `addressees`,
    `recipients`: lists of text.
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
    valid_to: Mapped[date | None] = mapped_column(Date)
    mandate: Mapped[str] = mapped_column(String(300), default="")
    officer_id: Mapped[OfficerId]
    saved_at: Mapped[Millis]


# Texts of a report that people write, section by section (services/reports/text/).
class Passage(Base):
    """The text of one section: of a unit in a campaign, or of one of its papers (`paper_id`).

    `owner` is the id of the unit or of the paper. `text`: paragraphs, a line each; figures are `{code}`. `version`
    counts what was saved; 0: never. `held_by`, `held_at`: who is writing, and when they last saved. `sources`: what was
    picked from units below, `[{unit, name, text, at, by}]`.
    """

    __tablename__ = "passage"
    __table_args__ = (UniqueConstraint("campaign_id", "owner", "section"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    paper_id: Mapped[Id | None] = mapped_column(ForeignKey("paper.id"), index=True)
    owner: Mapped[Id]
    section: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=0)
    edited_by: Mapped[Id | None] = mapped_column(ForeignKey("officer.id"))
    edited_at: Mapped[int | None] = mapped_column(BigInteger)
    held_by: Mapped[Id | None] = mapped_column(ForeignKey("officer.id"))
    held_at: Mapped[int | None] = mapped_column(BigInteger)
    sources: Mapped[list[Any]] = mapped_column(Json, default=list)


class PassageAside(Base):
    """A text that lost, because somebody else had taken the section over: it is kept until a person settles it."""

    __tablename__ = "passage_aside"

    id: Mapped[IdKey]
    passage_id: Mapped[Id] = mapped_column(ForeignKey("passage.id"), index=True)
    officer_id: Mapped[OfficerId]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[Millis]
    settled_at: Mapped[int | None] = mapped_column(BigInteger)


# What a unit states of itself for a campaign's report: money spent, and documents issued.
class MoneyStatement(Step, Base):
    """One statement of a unit's spending, in thousands of đồng by source. `reason`: why it replaces the one before.

    `nil`: the unit states that it spent nothing, which is not silence.
    """

    __tablename__ = "money_statement"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id", "number"),)
    of = ("campaign_id", "unit_id")

    act: Mapped[str] = mapped_column(String(8), default="state", server_default="state")
    reason: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    nil: Mapped[bool] = mapped_column(Boolean)
    province: Mapped[int] = mapped_column(BigInteger)
    district: Mapped[int] = mapped_column(BigInteger)
    commune: Mapped[int] = mapped_column(BigInteger)
    combined: Mapped[int] = mapped_column(BigInteger)
    social: Mapped[int] = mapped_column(BigInteger)


class IssuedPaper(Base):
    """A plan or letter that a unit issued. `type`: a code of services/reports/text/statements.py; `symbol`: its number.

    `removed_at`: since when it is no longer listed; a mended one is a new row.
    """

    __tablename__ = "issued_document"
    __table_args__ = (Index(None, "campaign_id", "unit_id"),)

    id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    type: Mapped[str] = mapped_column(String(20))
    symbol: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[date] = mapped_column(Date)
    subject: Mapped[str] = mapped_column(String(500))
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    removed_at: Mapped[int | None] = mapped_column(BigInteger)
    removed_by: Mapped[Id | None]


# Locks: a level locks the figures of a campaign, and what they consisted of then (services/reports/snapshot/).
#
# Triggers let nobody alter or delete these rows. A line of a purged record is emptied, a document that showed its photo
# is marked as gone, once, and nothing else (migration 1000).
class LockStep(Step, Base):
    """One act on the figures of a unit and all below it (snapshot/steps.py).

    `reason`: why it was unlocked, asked for or opened again. `freeze_id`: what a
    lock froze. `until`: when a reopening ends, in ms; `person`: the leader who allowed it.
    """

    __tablename__ = "lock_step"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id", "number"),)

    of = ("campaign_id", "unit_id")

    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UnitId]
    freeze_id: Mapped[Id | None] = mapped_column(ForeignKey("frozen.id"))
    until: Mapped[int | None] = mapped_column(BigInteger)
    person: Mapped[str] = mapped_column(String(200), default="")

    @property
    def leaves_locked(self) -> bool:
        """True if the figures are locked where this is the last step: a request opens nothing, a reopening ends."""
        return self.act not in ("unlock", "reopen") or (self.until is not None and self.until <= now_ms())


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


# Reports on their way to the signature and out of the office (services/reports/workflow/).
#
# Triggers let nobody alter or delete steps, versions and files (migration 1000).
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


class PaperStep(Step, Base):
    """One act on a paper; `state` is the one that it led to.

    `person`: who did it in the office, where somebody else recorded it. `reason`: why it went back. `version_id`: what
    was presented. `doc_number`, `doc_date`: given by the registry after the signature.
    """

    __tablename__ = "paper_step"
    __table_args__ = (UniqueConstraint("paper_id", "number"),)

    of = ("paper_id",)

    paper_id: Mapped[Id] = mapped_column(ForeignKey("paper.id"))
    act: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    person: Mapped[str] = mapped_column(String(200), default="")
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
    or forbids something. `written`, `pictures`: how many pages have a text, and how many are pictures of a page; null
    for one that was kept before pages were read. `unfit`: what of its text is not the paper's, though it was kept.
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
    written: Mapped[int | None] = mapped_column(Integer)
    pictures: Mapped[int | None] = mapped_column(Integer)
    unfit: Mapped[list[Any]] = mapped_column(Json, default=list)


# Documents that people asked for, made by jobs; and forms of others (a Ministry's) that are filled at each export.
class AskedDocument(Base):
    """A document that somebody asked for. `kind`: see services/reports/documents/asking.py; `choices`: what it needs.

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
    `tags`: of a Word template of the whole report, the names that it uses; null for a form.
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
    tags: Mapped[list[Any] | None] = mapped_column(Json)
