"""What an administrator prepares at the desk: a spreadsheet in its dry run, a training day and who waits in it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, UnitId


class Roster(Base):
    """An uploaded list of units or people. Nothing of it is written elsewhere until `taken_at`.

    `kind`: `units` or `people`. `rows`: `[row number, [[kind, text] or null, …]]`, columns in the template's order.
    `columns`: the letter of each. `starts_on`: the first day of new units. `made`: ids of what was made.
    """

    __tablename__ = "roster"

    id: Mapped[IdKey]
    kind: Mapped[str] = mapped_column(String(10))
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    name: Mapped[str] = mapped_column(String(300), default="")
    starts_on: Mapped[date | None] = mapped_column(Date)
    columns: Mapped[list[Any]] = mapped_column(Json)
    rows: Mapped[list[Any]] = mapped_column(Json)
    taken_at: Mapped[int | None] = mapped_column(BigInteger)
    made: Mapped[list[Any]] = mapped_column(Json, default=list)


class TakenBack(Base):
    """One act that takes back what a device wrote from `since` to `at` (services/administration/taking_back.py).

    `outcome`: what becomes of records that it alone wrote in, `drop` or `wait`. `done`: decisions made; `undone`: those
    put back since `undone_at`, by `undone_by`. `through_at`: when the job had done the act, or its undoing.
    """

    __tablename__ = "taken_back"

    id: Mapped[IdKey]
    device_id: Mapped[str] = mapped_column(String(16), ForeignKey("device.id"), index=True)
    officer_id: Mapped[OfficerId]
    since: Mapped[Millis]
    at: Mapped[Millis]
    outcome: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(String(2000))
    done: Mapped[int] = mapped_column(Integer, default=0)
    through_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    undone_at: Mapped[int | None] = mapped_column(BigInteger)
    undone_by: Mapped[Id | None]
    undone: Mapped[int] = mapped_column(Integer, default=0)


class TrainingDay(Base):
    """A class for the officers of a unit and those below it, until `ends_at`: the end of its day.

    Its address is derived from the id and a key (services/administration/training.py), so no copy of the database holds
    it. `ended_at`: ended before its time.
    """

    __tablename__ = "training_day"

    id: Mapped[IdKey]
    unit_id: Mapped[UnitId]
    officer_id: Mapped[OfficerId]
    at: Mapped[Millis]
    ends_at: Mapped[Millis]
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class TrainingRequest(Base):
    """Somebody in a class says who they are, and waits. `secret_hash`: of the cookie of that very browser.

    It holds nothing until it is confirmed. `origin`: a hash of the class and the address block it came from. `mark`:
    what its screen and the trainer's list both show. `browser`: the phone in words. `confirmed_at`: from then on its
    browser gets a code, `code_hash`, until that was used.
    """

    __tablename__ = "training_request"
    __table_args__ = (Index(None, "training_id", "officer_id"),)

    id: Mapped[IdKey]
    training_id: Mapped[Id] = mapped_column(ForeignKey("training_day.id"))
    officer_id: Mapped[OfficerId]
    secret_hash: Mapped[Hash] = mapped_column(unique=True)
    origin: Mapped[str] = mapped_column(String(16), default="", server_default="")
    mark: Mapped[str] = mapped_column(String(4))
    browser: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[Millis]
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_by: Mapped[Id | None]
    refused_at: Mapped[int | None] = mapped_column(BigInteger)
    code_hash: Mapped[str | None] = mapped_column(String(64))
