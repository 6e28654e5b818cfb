"""Confidential cases: everything about a case is sealed; beside it stand blind indexes and keys' ids (services/cases/).

A tag is a keyed hash (HMAC) of a unit's id or of a code: equal ones show as equal, and nothing else without the key.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, IdKey, Millis, OfficerId, UnitId


class CaseRight(Base):
    """The right to the cases of a unit: proposed by an administrator, given by a confidential officer above."""

    __tablename__ = "case_right"

    id: Mapped[IdKey]
    officer_id: Mapped[OfficerId]
    unit_id: Mapped[UnitId]
    proposed_by: Mapped[str] = mapped_column(String(16))
    proposed_at: Mapped[Millis]
    given_by: Mapped[str | None] = mapped_column(String(16))
    given_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_by: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class CaseFile(Base):
    """A case. `number` counts its changes from 1. `sealed`: all of it (services/cases/data.py).

    `remains`: the count that remains once it is reduced, sealed like the case. `rest`: when that may be, sealed with
    the keyring (remaining.py). `recoded`: the code that a restore gave it, sealed, until the case is next stored.
    """

    __tablename__ = "case_file"

    id: Mapped[IdKey]
    number: Mapped[int] = mapped_column(Integer)
    unit_tag: Mapped[Hash] = mapped_column(index=True)
    received_tag: Mapped[Hash] = mapped_column(index=True)
    code_tag: Mapped[Hash] = mapped_column(unique=True)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    remains: Mapped[str] = mapped_column(Text, default="", server_default="")
    rest: Mapped[str] = mapped_column(Text, default="", server_default="")
    recoded: Mapped[str] = mapped_column(Text, default="", server_default="")


class CaseCount(Base):
    """What is left of cases that were reduced, or which hand-entered totals no longer count: sealed."""

    __tablename__ = "case_count"

    id: Mapped[IdKey]
    unit_tag: Mapped[Hash] = mapped_column(index=True)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    sealed: Mapped[str] = mapped_column(Text)


class CaseEntry(Base):
    """An officer's presence among the cases, of one session at the desk. `sealed`: reasons given, by case."""

    __tablename__ = "case_entry"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[OfficerId]
    begun_at: Mapped[Millis]
    seen_at: Mapped[Millis]
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    sealed: Mapped[str] = mapped_column(Text)


class CaseLogLine(Base):
    """A line of the cases' own log. `mac` chains `digest`, a salted hash of what the line says, to `prev`.

    `body_mac` covers the sealed texts, which are sealed anew under a new key. `chain_key` names the key of both.
    `remains`: what remains of the line once its case is reduced, sealed. `case_tag`: of that case, keyed; of a line
    without a case it is random.
    """

    __tablename__ = "case_log_line"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[Hash]
    prev: Mapped[Hash]
    mac: Mapped[Hash]
    chain_key: Mapped[str] = mapped_column(String(16))
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    body_mac: Mapped[Hash]
    sealed: Mapped[str] = mapped_column(Text)
    remains: Mapped[str] = mapped_column(Text, default="", server_default="")
    case_tag: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)


class CaseTry(Base):
    """Refused tries of one minute and officer, until the cases' log takes their sum. `minute` counts from 1970.

    `what`: the page that was tried; empty if there were several.
    """

    __tablename__ = "case_try"

    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    act: Mapped[str] = mapped_column(String(20), primary_key=True)
    officer_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    what: Mapped[str] = mapped_column(String(40))
    times: Mapped[int] = mapped_column(Integer)


class PublicFigures(Base):
    """What a province published of a span of days, once and for good. `shown`: signs and rounded numbers only."""

    __tablename__ = "public_figures"
    __table_args__ = (UniqueConstraint("unit_id", "first", "last"),)

    id: Mapped[IdKey]
    unit_id: Mapped[UnitId]
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    shown: Mapped[dict[str, Any]] = mapped_column(Json)
