"""A unit's letterheads: the one in force on a day, all there were, and a new one.

A row is never altered: what a document was headed with can always be read again. A paper has its
own copy, which may change until it is presented.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import Campaign, Letterhead, Officer, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.letterheads.bodies import LetterheadText, Place, usual
from server.services.letters import citing
from server.services.units.scope import Scope

DISTRICT = "district"


def in_force(session: Session, unit: Unit, day: date, campaign: Campaign | None = None) -> LetterheadText:
    """Return the unit's letterhead of that day: its own, else the usual one, of whom the campaign's letter orders."""
    row = row_of(session, unit.id, day)
    return text_of(row) if row is not None else default(session, unit, day, campaign)


def row_of(session: Session, unit_id: str, day: date) -> Letterhead | None:
    """Return the version in force on a day; None before the first."""
    theirs = select(Letterhead).where(Letterhead.unit_id == unit_id, Letterhead.valid_from <= day)
    return session.scalars(
        theirs.order_by(Letterhead.valid_from.desc(), Letterhead.saved_at.desc(), Letterhead.id.desc()).limit(1)
    ).first()


def text_of(row: Letterhead) -> LetterheadText:
    """Return a version's text."""
    return LetterheadText(
        governing=row.governing,
        issuing=row.issuing,
        called=row.called,
        symbol=row.symbol,
        place=row.place,
        signing=row.signing,
        signer=row.signer,
        addressees=tuple(row.addressees),
        recipients=tuple(row.recipients),
    )


def default(session: Session, unit: Unit, day: date, campaign: Campaign | None = None) -> LetterheadText:
    """Return the usual letterhead of the unit's level and time."""
    above = session.get(Unit, unit.parent_id) if unit.parent_id else None
    top = above
    while top is not None and top.parent_id:
        top = session.get_one(Unit, top.parent_id)
    districts = DISTRICT in (unit.level, above.level if above else "") or _is_over_districts(session, unit.id)
    ordered = campaign is not None and citing.orders_committees(session, campaign)
    return usual(_place(unit), _placed(above), _placed(top), has_districts=districts, day=day, committee=ordered)


def _is_over_districts(session: Session, unit_id: str) -> bool:
    below = exists().where(Unit.parent_id == unit_id, Unit.level == DISTRICT, Unit.merged_at.is_(None))
    return bool(session.scalar(select(below)))


def _place(unit: Unit) -> Place:
    return Place(unit.name, unit.short_name, unit.level)


def _placed(unit: Unit | None) -> Place | None:
    return _place(unit) if unit else None


def history(session: Session, unit_id: str) -> list[tuple[Letterhead, str]]:
    """Return all versions with the names of those who saved them, the latest day first."""
    query = select(Letterhead, Officer.name).join(Officer, Officer.id == Letterhead.officer_id)
    latest = (Letterhead.valid_from.desc(), Letterhead.saved_at.desc(), Letterhead.id.desc())
    return [(row, name) for row, name in session.execute(query.where(Letterhead.unit_id == unit_id).order_by(*latest))]


def may_edit(scope: Scope, unit_id: str) -> bool:
    """True for who may write for the unit today."""
    return scope.today(unit_id) == unit_id and scope.may_write(unit_id)


def save(session: Session, scope: Scope, unit_id: str, valid_from: date, text: LetterheadText) -> Letterhead:
    """Add a version. Equal to the one in force, it adds nothing. Raises Problem `not_found`, `forbidden`."""
    unit = session.get(Unit, unit_id)
    if unit is None or not scope.may_see(unit_id):
        raise Problem("not_found")
    if not may_edit(scope, unit_id):
        raise Problem("forbidden")
    before = row_of(session, unit_id, valid_from)
    if before is not None and before.valid_from == valid_from and text_of(before) == text:
        return before
    said = asdict(text) | {"addressees": list(text.addressees), "recipients": list(text.recipients)}
    ours = {"unit_id": unit_id, "valid_from": valid_from, "officer_id": scope.officer_id, "saved_at": now_ms()}
    row = Letterhead(id=new_id(), **ours, **said)
    session.add(row)
    log.append(session, Act.LETTERHEAD_SAVED, ("unit", unit_id), new={"from": valid_from.isoformat()})
    session.flush()
    return row
