"""Plans and letters that units issued for a campaign: typed in by each unit, listed and counted upward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import IssuedDocument, Stream, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.figures import sums
from server.services.statements import place
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.text import normal, sort_key

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


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A document with the unit that issued it."""

    row: IssuedDocument
    unit: Unit


def add(session: Session, scope: Scope, campaign_id: str, unit_id: str, typed: PaperInput) -> IssuedDocument:
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
        IssuedDocument.campaign_id == campaign_id,
        IssuedDocument.unit_id == unit_id,
        IssuedDocument.removed_at.is_(None),
    )
    same = select(IssuedDocument).where(
        *theirs,
        IssuedDocument.type == typed.type,
        IssuedDocument.symbol == symbol,
        IssuedDocument.issued_on == typed.issued_on,
        IssuedDocument.subject == subject,
    )
    listed = session.scalar(same)
    if listed is not None:
        return listed
    if (session.scalar(select(func.count()).select_from(IssuedDocument).where(*theirs)) or 0) >= MOST:
        raise Problem("too_many_papers")
    made = IssuedDocument(
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


def remove(session: Session, scope: Scope, id_: str) -> IssuedDocument:
    """Take a document off the list; repeating it does nothing. Raises Problem as `add` does."""
    row = session.get(IssuedDocument, id_)
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
        select(IssuedDocument, Unit)
        .join(Unit, Unit.id == IssuedDocument.unit_id)
        .join(Stream, (Stream.unit_id == Unit.id) & (Stream.campaign_id == campaign_id))
        .join(streams, streams.c.id == Stream.id)
        .where(IssuedDocument.campaign_id == campaign_id, IssuedDocument.removed_at.is_(None))
    )
    found = [ListedPaper(row, unit) for row, unit in session.execute(query)]
    levels = {"province": 0, "district": 1, "commune": 2}
    return sorted(
        found,
        key=lambda each: (
            each.unit.id != unit_id,
            levels.get(each.unit.level, len(levels)),
            sort_key(each.unit.short_name),
            each.unit.id,
            each.row.issued_on,
            each.row.at,
        ),
    )
