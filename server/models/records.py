"""The journal: streams, records, their writes and decisions, each stream's totals and counts (SPEC C-1, S-1, D-1).

`record` caches what follows from its writes (survivors, state, amounts), so that queues and pulls need not compute it.
The writes are the truth, never the cache.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import ByBytes, Id, IdKey, Millis, OfficerId, RecordId, StreamId, UnitId


class Stream(Base):
    """One (unit, campaign). Its row is the lock for drawing positions.

    `sealed` is the position of the unit's latest seal, and `closed` the stream's position at the campaign's end: a
    write behind either came after it (SPEC L-1). `written` is the position of the last write, and `received_at` the
    server's time of the latest one: if these are not behind a line, no write is.
    """

    __tablename__ = "stream"
    __table_args__ = (UniqueConstraint("unit_id", "campaign_id"),)

    id: Mapped[IdKey]
    unit_id: Mapped[UnitId]
    campaign_id: Mapped[Id] = mapped_column(ForeignKey("campaign.id"), index=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    written: Mapped[int] = mapped_column(BigInteger, default=0)
    received_at: Mapped[int] = mapped_column(BigInteger, default=0)
    sealed: Mapped[int | None] = mapped_column(BigInteger)
    closed: Mapped[int | None] = mapped_column(BigInteger)


class Counter(Base):
    """The last number drawn in a stream for a kind: `BR-17`, never drawn twice."""

    __tablename__ = "counter"

    stream_id: Mapped[StreamId] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class Record(Base):
    """One record. `first_position` and `last_position` bound its entries in the stream.

    `writes` and `early` count its rows in `write` and `early_seen`, for the limits of W-8.
    `received_at`: when the server first received the latest of its writes (SPEC L-13).
    `hint`: the worst grade of its rows in `hint`, or null; written where those are, under the stream's lock.
    `rank`: lists show the lowest of a unit first (projection.rank_of).
    `lacks`: files that it names and whose bytes have not come (readiness.lacking). `checked`: its hints were made since
    its last write and photo. `readiness`: what follows of these, and of a finding after its approval; null if ready.
    """

    __tablename__ = "record"
    __table_args__ = (
        Index(None, "stream_id", "last_position"),
        Index(None, "stream_id", "state", "last_position"),
        Index(None, "stream_id", "received_at", "state", "kind", "hint"),
        Index(None, "stream_id", "rank", "created_at", "id"),
        Index(
            "ix_record_readiness",
            *("stream_id", "readiness", "state", "conflicted", "kind", "hint"),
            sqlite_where=text("readiness IS NOT NULL"),
            postgresql_where=text("readiness IS NOT NULL"),
        ),
    )

    id: Mapped[IdKey]
    stream_id: Mapped[StreamId]
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Millis]
    changed_at: Mapped[Millis]
    received_at: Mapped[int] = mapped_column(BigInteger, default=0)
    first_position: Mapped[int] = mapped_column(BigInteger)
    last_position: Mapped[int] = mapped_column(BigInteger)
    writes: Mapped[int] = mapped_column(Integer, default=0)
    early: Mapped[int] = mapped_column(Integer, default=0)
    survivors: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(12))
    conflicted: Mapped[bool] = mapped_column(Boolean, default=False)
    hidden: Mapped[bool] = mapped_column(Boolean, default=False)
    rank: Mapped[int] = mapped_column(Integer)
    bucket: Mapped[str | None] = mapped_column(String(10))
    hint: Mapped[str | None] = mapped_column(String(4))
    lacks: Mapped[int] = mapped_column(Integer, default=0)
    checked: Mapped[bool] = mapped_column(Boolean, default=False)
    readiness: Mapped[str | None] = mapped_column(String(8))
    amounts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    keys: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The values it counts as in figures of distinct values; None for most kinds (SPEC F-5)."""
    decision_id: Mapped[Id | None]


class WriteRow(Base):
    """One stored write, as it was read from the request (SPEC W-1).

    `received_at`: when the server first received it (SPEC L-13). `chosen`: it only chooses among values of others, so
    its writer is no author (SPEC D-6).
    """

    __tablename__ = "write"
    __table_args__ = (Index(None, "stream_id", "position", unique=True),)

    id: Mapped[IdKey]
    record_id: Mapped[RecordId]
    stream_id: Mapped[StreamId]
    position: Mapped[int] = mapped_column(BigInteger)
    tag: Mapped[str] = mapped_column(String(16))
    at: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[Millis]
    officer_id: Mapped[OfficerId]
    device_id: Mapped[Id | None] = mapped_column(ForeignKey("device.id"))
    set: Mapped[dict[str, Any]] = mapped_column(Json)
    seen: Mapped[list[Any]] = mapped_column(Json)
    chosen: Mapped[bool] = mapped_column(Boolean, default=False)


class EarlySeen(Base):
    """An id that the write `by` named in its `seen` before that write was held: superseded before it arrives (S-1)."""

    __tablename__ = "early_seen"

    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id"), primary_key=True)
    write_id: Mapped[IdKey]
    by: Mapped[str] = mapped_column(String(16), ForeignKey("write.id"), primary_key=True)


class DecisionRow(Base):
    """One decision with the page it was made from (SPEC D-1, D-2). `bulk_id`: the act that made several, or none.

    `restates`: the decision that it states again because the one between them was undone, or none (SPEC D-14). That one
    restates none itself. `taken_back`: the act that took back what a device wrote (SPEC X-55), or none.
    `hints`: what was to be looked at on the record (readiness.findings); a finding that comes later flags it.
    `despite`: the readiness of a record that was approved although it was not ready; `reason` says why. Else none.
    """

    __tablename__ = "decision"
    __table_args__ = (Index(None, "stream_id", "position", unique=True),)

    id: Mapped[IdKey]
    record_id: Mapped[RecordId]
    stream_id: Mapped[StreamId]
    position: Mapped[int] = mapped_column(BigInteger)
    tag: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(2000))
    fields: Mapped[list[Any]] = mapped_column(Json)
    basis: Mapped[dict[str, Any]] = mapped_column(Json)
    sides: Mapped[dict[str, Any]] = mapped_column(Json)
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    bulk_id: Mapped[str | None] = mapped_column(String(16), index=True)
    restates: Mapped[str | None] = mapped_column(String(16))
    taken_back: Mapped[str | None] = mapped_column(String(16), index=True)
    hints: Mapped[list[Any]] = mapped_column(Json, default=list)
    despite: Mapped[str | None] = mapped_column(String(8))

    @property
    def first_id(self) -> str:
        """The decision that was made: this one, or the one that it states again. Answers name it (SPEC D-13)."""
        return self.restates or self.id


class Reply(Base):
    """An officer's answer to a decision that returned a record: one each, an entry of its stream (SPEC D-13).

    `decision_id`: the decision that was made (`DecisionRow.first_id`), so the answer stands when that is stated again.
    """

    __tablename__ = "reply"
    __table_args__ = (
        Index(None, "stream_id", "position", unique=True),
        Index(None, "decision_id", unique=True),
    )

    id: Mapped[IdKey]
    record_id: Mapped[RecordId]
    stream_id: Mapped[StreamId]
    position: Mapped[int] = mapped_column(BigInteger)
    tag: Mapped[str] = mapped_column(String(16))
    decision_id: Mapped[str] = mapped_column(String(16), ForeignKey("decision.id"))
    text: Mapped[str] = mapped_column(String(2000))
    officer_id: Mapped[OfficerId]
    device_id: Mapped[str | None] = mapped_column(String(16), ForeignKey("device.id"))
    at: Mapped[Millis]
    received_at: Mapped[Millis]


class Message(Base):
    """A question or an answer about a record, in words: an entry of its stream (SPEC D-15).

    `above`: by somebody who decides on the unit's records.
    """

    __tablename__ = "message"
    __table_args__ = (Index(None, "stream_id", "position", unique=True),)

    id: Mapped[IdKey]
    record_id: Mapped[RecordId]
    stream_id: Mapped[StreamId]
    position: Mapped[int] = mapped_column(BigInteger)
    tag: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(String(2000))
    above: Mapped[bool]
    officer_id: Mapped[OfficerId]
    device_id: Mapped[str | None] = mapped_column(String(16), ForeignKey("device.id"))
    at: Mapped[Millis]
    received_at: Mapped[Millis]


class Tally(Base):
    """A stream's total of one figure in one bucket (`counted`, `waiting`, `returned`), kept under the stream's lock.

    `said`: records that say something of the figure (SPEC F-33). `records`: those with an amount; of these `amended`
    and `conflicted` count those that are only one of the two, `amended_conflicted` those that are both.
    """

    __tablename__ = "tally"
    __table_args__ = (
        Index(
            "ix_tally_nil",
            *("stream_id", "figure"),
            sqlite_where=text("bucket = 'nil'"),
            postgresql_where=text("bucket = 'nil'"),
        ),
    )

    stream_id: Mapped[StreamId] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(String(40), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    records: Mapped[int] = mapped_column(Integer)
    said: Mapped[int] = mapped_column(Integer, default=0)
    amended: Mapped[int] = mapped_column(Integer, default=0)
    conflicted: Mapped[int] = mapped_column(Integer, default=0)
    amended_conflicted: Mapped[int] = mapped_column(Integer, default=0)


class Census(Base):
    """Number of records of a stream that are alike in all columns lists filter by, kept under the stream's lock.

    `bucket` is empty for a record that is in no figure, `hint` for one without a hint.
    """

    __tablename__ = "census"

    stream_id: Mapped[StreamId] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(10), primary_key=True)
    conflicted: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    hint: Mapped[str] = mapped_column(String(4), primary_key=True, default="")
    records: Mapped[int] = mapped_column(Integer)


class TallyKey(Base):
    """Number of records of a stream with one value, for a figure that counts distinct values (SPEC F-5).

    `key` is a hash of the value. Kept like Tally, so that the distinct values of a whole province are counted without
    reading its records.
    """

    __tablename__ = "tally_key"

    stream_id: Mapped[StreamId] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(String(40), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    records: Mapped[int] = mapped_column(Integer)


class RecordListing(Base):
    """A record as lists and searches read it (sync/record.py): a narrow row in their order.

    Acts (SPEC F-6) and purged records have none.
    Made from the writes under the stream's lock, like the totals; `loa db recount` makes it anew.

    `day`: ISO day of the activity; the day its first write arrived, in Việt Nam, if none was given.
    `lat_e6`, `lon_e6`: its place in millionths of a degree, or null. `words`: those of its texts, folded, each between
    blanks. `hint`: as in `record`. `answer`: as in sync.record.Findable, or null.
    """

    __tablename__ = "listed_record"
    __table_args__ = (
        Index(None, "campaign_id", "day", "record_id"),
        Index(None, "stream_id", "day", "record_id"),
        Index(None, "campaign_id", "kind", "number"),
        Index(None, "campaign_id", "kind", "day", "record_id"),
        Index(
            "ix_listed_record_hinted",
            *("campaign_id", "hint", "day", "record_id"),
            sqlite_where=text("hint IS NOT NULL"),
            postgresql_where=text("hint IS NOT NULL"),
        ),
        Index(
            "ix_listed_record_answer",
            *("campaign_id", "answer", "day", "record_id"),
            sqlite_where=text("answer IS NOT NULL"),
            postgresql_where=text("answer IS NOT NULL"),
        ),
    )

    record_id: Mapped[str] = mapped_column(String(16), ForeignKey("record.id"), primary_key=True)
    stream_id: Mapped[StreamId]
    campaign_id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    day: Mapped[str] = mapped_column(String(10))
    slogan: Mapped[str] = mapped_column(String(64))
    photos: Mapped[bool] = mapped_column(Boolean)
    lat_e6: Mapped[int | None] = mapped_column(Integer)
    lon_e6: Mapped[int | None] = mapped_column(Integer)
    hint: Mapped[str | None] = mapped_column(String(4))
    answer: Mapped[str | None] = mapped_column(String(6))
    words: Mapped[str] = mapped_column(ByBytes)


class StreamWord(Base):
    """A word of texts in a stream, folded (SPEC F-12): a search reads the records of those streams alone that have it.

    A word stays when the last record that had it is edited, until the stream is purged or recounted. A row a record
    and word would be 35 million for a million records. The full-text indexes of the two databases have no common form;
    SQLite's misses đ.
    """

    __tablename__ = "stream_word"
    __table_args__ = (Index(None, "campaign_id", "word", "stream_id"),)

    stream_id: Mapped[StreamId] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(ByBytes, primary_key=True)
    campaign_id: Mapped[Id]
