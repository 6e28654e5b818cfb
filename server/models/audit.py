"""The audit log: chained lines, heads of removed days, ends of the files outside, wrong tries of this minute.

Triggers keep `audit_line` and `audit_day` append-only (migration 1000). They stop mistakes; who drops them is found by
`loa audit verify`, because the key of the chain is not in the database.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, IdKey, Millis


class AuditLine(Base):
    """One act. Texts are ids and known words, empty where there is none; no text that a person typed.

    `number`: 1, 2, 3 and so on without a gap. `day`: of `at` in Việt Nam as an ISO date, but never before the day of
    the line before, so that days close even if the clock is set back. `unit_id`: the unit concerned, to filter by.
    `old`, `new`: JSON text of columns that may be named. `key_id` names the key of `mac`, which covers every other
    column; `prev` is the mac of the line before.
    """

    __tablename__ = "audit_line"
    __table_args__ = (
        Index("ix_audit_line_at_number", "at", "number"),
        Index("ix_audit_line_act_number", "act", "number"),
        Index("ix_audit_line_actor_id_act_number", "actor_id", "act", "number"),
        Index("ix_audit_line_about_id_act_number", "about_id", "act", "number"),
        Index("ix_audit_line_unit_id_act_number", "unit_id", "act", "number"),
    )
    """The number is in each, so that the newest lines are found without reading the others (audit/listing.py)."""

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[Millis]
    day: Mapped[str] = mapped_column(String(10), index=True)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(40))
    about_kind: Mapped[str] = mapped_column(String(16))
    about_id: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[str] = mapped_column(String(16))
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)
    times: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[str] = mapped_column(String(16))
    prev: Mapped[Hash]
    mac: Mapped[Hash]


class AuditDay(Base):
    """The head of a closed day whose lines were removed: `first` to `last`, `head` is the mac of the last one.

    `mac` covers the row, so nobody can remove lines in the name of retention.
    """

    __tablename__ = "audit_day"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[Hash]
    key_id: Mapped[str] = mapped_column(String(16))
    mac: Mapped[Hash]


class AuditHead(Base):
    """The last line of a file of heads outside the database, by the file's id `of` and its name (audit/heads.py).

    `nth`, `tag`: that line's number and tag. `mac` covers the row. A file that ends before it was cut.
    """

    __tablename__ = "audit_head"

    of: Mapped[IdKey]
    file: Mapped[str] = mapped_column(String(40), primary_key=True)
    nth: Mapped[int] = mapped_column(BigInteger)
    tag: Mapped[Hash]
    key_id: Mapped[str] = mapped_column(String(16))
    mac: Mapped[Hash]


class WrongTry(Base):
    """Wrong tries of one minute and subject, until the chain takes their sum. `minute` counts from 1970.

    `subject`: the account that was tried; empty where there is none of that name. `address`: empty if there were
    several.
    """

    __tablename__ = "wrong_try"

    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    act: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(16), primary_key=True)
    address: Mapped[str] = mapped_column(String(64))
    times: Mapped[int] = mapped_column(Integer)
