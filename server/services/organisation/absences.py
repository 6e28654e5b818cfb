"""A reviewer is away for some days, and a colleague of the unit decides there meanwhile (services/units/deputies.py).

Nobody gives a power that is not below their own: who may pass the role on names any colleague, the reviewer themself
only one who decides at that unit already. The role begins and ends by the days, without anybody's act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from server.core.clock import local, new_id, now_ms, start_of, today
from server.core.db import add_now
from server.core.paging import ListPage, page_of
from server.core.problem_details import Problem, refuse_if, required
from server.models import Absence, Membership, Officer, Unit
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import people
from server.services.units import deputies
from server.services.units.deputies import DECIDING
from server.services.units.scope import REVIEWER, Scope

LONGEST_DAYS: Final = 186
"""Who is away for longer hands the duties over."""
PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class NotedAbsence:
    """An absence with its unit and names. `may_end`: it lasts or is to come."""

    row: Absence
    unit: Unit
    deputy: str
    by: str
    may_end: bool

    @property
    def first(self) -> date:
        """The first day."""
        return local(self.row.begins_at).date()

    @property
    def last(self) -> date:
        """The last day."""
        return local(self.row.ends_at).date() - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AbsencePlace:
    """A unit at which the person decides, and the colleagues there whom the asking officer may name."""

    unit: Unit
    colleagues: list[Officer]


@dataclass(frozen=True, slots=True)
class Absences:
    """Of one person: where they decide, and a page of the absences, the last first."""

    places: list[AbsencePlace]
    noted: ListPage[NotedAbsence]


def of(session: Session, scope: Scope, officer: Officer, page: int = 1) -> Absences:
    """Return the absences of a person whom the asking officer manages, and who could stand in."""
    held = select(Unit).join(Membership, Membership.unit_id == Unit.id).order_by(Unit.code)
    deciding = Membership.officer_id == officer.id, Membership.role.in_(DECIDING), Membership.ended_at.is_(None)
    units = session.scalars(held.where(*deciding).distinct()).all() if officer.disabled_at is None else []
    places = [AbsencePlace(unit, _colleagues(session, scope, officer.id, unit.id)) for unit in units]
    return Absences(places, _noted(session, officer.id, page))


def note(
    session: Session, scope: Scope, officer_id: str, unit_id: str, deputy: str, first: date | None, last: date | None
) -> Absence:
    """Note an absence from the first to the last day. Returns it.

    Raises Problem: as for other acts on people; `bad_request` with the field that is wrong: `unit`, `deputy`, `first`
    or `last`.
    """
    lock_catalog(session)
    found = of(session, scope, people.managed(session, scope, officer_id))
    place = required(next((each for each in found.places if each.unit.id == unit_id), None), "bad_request", "unit")
    refuse_if(deputy not in {each.id for each in place.colleagues}, "bad_request", "deputy")
    if first is None or first < today():
        raise Problem("bad_request", "first")
    if last is None or not 0 <= (last - first).days < LONGEST_DAYS or last == date.max:  # nothing comes after that day
        raise Problem("bad_request", "last")
    begins_at, ends_at = start_of(first), start_of(last + timedelta(days=1))
    beside = Absence.unit_id == unit_id, Absence.ended_at.is_(None), Absence.begins_at < ends_at
    refuse_if(
        session.scalar(
            select(Absence.id).where(*beside, Absence.officer_id == officer_id, Absence.ends_at > begins_at).limit(1)
        ),
        "bad_request",
        "first",
    )
    row = Absence(
        id=new_id(), officer_id=officer_id, deputy_id=deputy, unit_id=unit_id, begins_at=begins_at, ends_at=ends_at,
        by_id=scope.officer_id, at=now_ms(),
    )  # fmt: skip
    add_now(session, row)
    said = {"officer": deputy, "unit": unit_id, "from": first.isoformat(), "to": last.isoformat()}
    log.append(session, Act.ABSENCE_NOTED, ("officer", officer_id), new=said)
    return row


def end(session: Session, scope: Scope, officer_id: str, absence_id: str) -> None:
    """End an absence now: the person is back. Raises Problem as `note`, `not_found` for another person's."""
    lock_catalog(session)
    people.managed(session, scope, officer_id)
    row = required(session.get(Absence, absence_id))
    refuse_if(row.officer_id != officer_id, "not_found")
    if row.ended_at is None and row.ends_at > now_ms():
        row.ended_at = now_ms()
        session.flush()
        said = {"officer": row.deputy_id, "unit": row.unit_id}
        log.append(session, Act.ABSENCE_ENDED, ("officer", officer_id), old=said)


def standing_in(session: Session, officer_id: str) -> list[NotedAbsence]:
    """Return for whom this officer stands in now; `deputy` then is the name of who is away."""
    query = select(Absence, Unit, Officer.name).join(Unit, Unit.id == Absence.unit_id)
    query = query.join(Officer, Officer.id == Absence.officer_id)
    lasting = deputies.standing_in(REVIEWER, now_ms()).where(Absence.deputy_id == officer_id)
    query = query.where(Absence.id.in_(lasting.with_only_columns(Absence.id).correlate(None)))
    rows = session.execute(query.order_by(Absence.ends_at, Absence.id)).all()
    return [NotedAbsence(row, unit, name, "", may_end=False) for row, unit, name in rows]


def _colleagues(session: Session, scope: Scope, officer_id: str, unit_id: str) -> list[Officer]:
    query = select(Officer).join(Membership, Membership.officer_id == Officer.id)
    here = Membership.unit_id == unit_id, Membership.ended_at.is_(None), Officer.disabled_at.is_(None)
    query = query.where(*here, Officer.id != officer_id, Officer.password_hash.is_not(None))
    if not scope.may_pass_on(REVIEWER, unit_id):
        query = query.where(Membership.role.in_(DECIDING))
    return list(session.scalars(query.order_by(Officer.sort_key, Officer.id).distinct()))


def _noted(session: Session, officer_id: str, page: int) -> ListPage[NotedAbsence]:
    deputy, by = aliased(Officer), aliased(Officer)
    query = select(Absence, Unit, deputy.name, by.name).join(Unit, Unit.id == Absence.unit_id)
    query = query.join(deputy, deputy.id == Absence.deputy_id).join(by, by.id == Absence.by_id)
    query = query.where(Absence.officer_id == officer_id).order_by(Absence.begins_at.desc(), Absence.id)
    now = now_ms()

    def noted(found: Row[*tuple[Any, ...]]) -> NotedAbsence:
        row, unit, name, author = found
        return NotedAbsence(row, unit, name, author, may_end=row.ended_at is None and row.ends_at > now)

    return page_of(session, query, page, PAGE).map(noted)
