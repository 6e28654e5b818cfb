"""Plans and letters that units issued for a campaign: typed in by each unit, listed and counted upward.

A directive may also be a record of a phone (kind `media`, figure `directives`). It stays that: it is counted there, and
here only if no listed document of its unit has the same number. So none counts twice, and a purge of the record leaves
nothing in what a level froze.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.core.unit_order import by_name
from server.models import IssuedPaper, Record, Stream, Unit, WriteRow
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.figures import sums
from server.services.records.projection import BUCKETS
from server.services.statements import place
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.text import fold, normal

TYPES: Final = ("plan", "letter", "decision", "directive", "notice", "guide", "other")
SYMBOL_LENGTH: Final = 60
SUBJECT_LENGTH: Final = 500
MOST: Final = 200
"""Most documents of one unit in a campaign."""
EARLIEST: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class PaperInput:
    """A document as it was typed."""

    type: str
    symbol: str
    issued_on: date
    subject: str


RECORDED: Final = ("media", "directives")
"""The kind of record and its figure."""


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A document with the unit that issued it."""

    row: IssuedPaper
    unit: Unit


def add(session: Session, scope: Scope, campaign_id: str, unit_id: str, typed: PaperInput) -> IssuedPaper:
    """List a document. The same one typed twice (a double click) is listed once.

    Raises Problem as `place.hold` does, `paper_incomplete`, `too_many_papers`, and Refused `too_long`.
    """
    place.hold(session, scope, campaign_id, unit_id)
    symbol, subject = normal(typed.symbol), normal(" ".join(typed.subject.split()))
    if typed.type not in TYPES or not subject or typed.issued_on < EARLIEST:
        raise Problem("paper_incomplete")
    for text, most, field in ((symbol, SYMBOL_LENGTH, "symbol"), (subject, SUBJECT_LENGTH, "subject")):
        if len(text) > most:
            raise Refused("too_long", field)
    theirs = (
        IssuedPaper.campaign_id == campaign_id,
        IssuedPaper.unit_id == unit_id,
        IssuedPaper.removed_at.is_(None),
    )
    same = select(IssuedPaper).where(
        *theirs,
        IssuedPaper.type == typed.type,
        IssuedPaper.symbol == symbol,
        IssuedPaper.issued_on == typed.issued_on,
        IssuedPaper.subject == subject,
    )
    listed = session.scalar(same)
    if listed is not None:
        return listed
    if (session.scalar(select(func.count()).select_from(IssuedPaper).where(*theirs)) or 0) >= MOST:
        raise Problem("too_many_papers")
    made = IssuedPaper(
        id=new_id(),
        campaign_id=campaign_id,
        unit_id=unit_id,
        type=typed.type,
        symbol=symbol,
        issued_on=typed.issued_on,
        subject=subject,
        officer_id=scope.officer_id,
        at=now_ms(),
    )
    session.add(made)
    session.flush()
    log.append(session, Act.PAPER_LISTED, ("unit", unit_id), new={"campaign": campaign_id})
    return made


def remove(session: Session, scope: Scope, id_: str) -> IssuedPaper:
    """Take a document off the list; repeating it does nothing. Raises Problem as `add` does."""
    row = session.get(IssuedPaper, id_)
    if row is None or not scope.may_see(row.unit_id):
        raise Problem("not_found")
    place.hold(session, scope, row.campaign_id, row.unit_id)
    session.refresh(row)
    if row.removed_at is None:
        row.removed_at, row.removed_by = now_ms(), scope.officer_id
        session.flush()
        log.append(session, Act.PAPER_REMOVED, ("unit", row.unit_id), new={"campaign": row.campaign_id})
    return row


def listed(session: Session, campaign_id: str, unit_id: str) -> list[ListedPaper]:
    """Return the documents of the unit and all below it: its own first, then by level and unit, oldest first."""
    streams = sums.streams(unit_id, campaign_id)
    query = (
        select(IssuedPaper, Unit)
        .join(Unit, Unit.id == IssuedPaper.unit_id)
        .join(Stream, (Stream.unit_id == Unit.id) & (Stream.campaign_id == campaign_id))
        .join(streams, streams.c.id == Stream.id)
        .where(IssuedPaper.campaign_id == campaign_id, IssuedPaper.removed_at.is_(None))
    )
    found = [ListedPaper(row, unit) for row, unit in session.execute(query)]
    levels = {"province": 0, "district": 1, "commune": 2}
    return sorted(
        found,
        key=lambda each: (
            each.unit.id != unit_id,
            levels.get(each.unit.level, len(levels)),
            by_name(each.unit.short_name),
            each.unit.id,
            each.row.issued_on,
            each.row.at,
        ),
    )


def recorded(session: Session, campaign_id: str, unit_id: str, listed: Collection[ListedPaper]) -> int:
    """Return the number of counted records of directives, of the unit and all below it, that are not listed here."""
    kind, figure = RECORDED
    streams = sums.streams(unit_id, campaign_id)
    query = select(Stream.unit_id, Record.amounts, Record.survivors).join(Stream, Stream.id == Record.stream_id)
    counted = query.join(streams, streams.c.id == Stream.id).where(Record.kind == kind, Record.bucket == BUCKETS[0])
    found = [(unit, after) for unit, amounts, after in session.execute(counted) if amounts.get(figure)]
    symbols = _symbols(session, [id_ for _, after in found for id_ in after.get("number", ())])
    here = {(each.unit.id, fold(each.row.symbol)) for each in listed if each.row.symbol}
    return sum(not any((unit, symbols.get(id_)) in here for id_ in after.get("number", ())) for unit, after in found)


def _symbols(session: Session, write_ids: Sequence[str]) -> dict[str, str]:
    """By write: the number of the document that it sets, folded."""
    found: dict[str, str] = {}
    for start in range(0, len(write_ids), 500):
        rows = select(WriteRow.id, WriteRow.set).where(WriteRow.id.in_(write_ids[start : start + 500]))
        found |= {id_: fold(str(said.get("number") or "")) for id_, said in session.execute(rows)}
    return found
