"""An uploaded list: kept, judged anew each time it is shown, and taken once, as a whole or not at all.

    row = rosters.keep(session, scope, PEOPLE, "xa.xlsx", read)
    run = rosters.dry_run(session, scope, row)    # while there are run.faults, nothing can be taken
    rosters.take(session, scope, row)

Whoever uploaded it sees it, while they administer some unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.clock import DAY_MS, new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if, required
from server.models import Officer, Roster, Unit
from server.models.installation import lock_catalog
from server.services.administration import people_rows, unit_rows
from server.services.administration.people_rows import JudgedPerson
from server.services.administration.roster_faults import RosterFault
from server.services.administration.roster_sheet import KINDS, UNITS, ReadRoster, from_plain, plain
from server.services.administration.unit_rows import JudgedUnit
from server.services.organisation import staff, unit_changes
from server.services.organisation.staff import NewOfficer
from server.services.units.scope import ADMIN, Scope
from sync.text import normal

NAME_LENGTH: Final = 300
KEPT_DAYS: Final = 7
"""A list that nobody took holds names and numbers of people: it goes with the next upload after so long."""
EARLIEST: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class RosterRun:
    """What a list would make. `count`: its rows; `units` or `people` are whole only without `faults`."""

    row: Roster
    count: int
    faults: list[RosterFault]
    units: list[JudgedUnit] = field(default_factory=list)
    people: list[JudgedPerson] = field(default_factory=list)


def check(scope: Scope) -> None:
    """Raise Problem `forbidden` for who administers no unit."""
    refuse_if(not scope.has_role(ADMIN), "forbidden")


def keep(
    session: Session, scope: Scope, kind: str, name: str, read: ReadRoster, starts_on: date | None = None
) -> Roster:
    """Keep a list that was read, in the place of an earlier one of this person that was not taken. Raises Problem."""
    check(scope)
    refuse_if(kind not in KINDS, "not_found")
    refuse_if(starts_on is not None and starts_on < EARLIEST, "roster_day")
    mine = (Roster.officer_id == scope.officer_id, Roster.taken_at.is_(None))
    session.execute(delete(Roster).where(*mine))
    forgotten = (Roster.taken_at.is_(None), Roster.at < now_ms() - KEPT_DAYS * DAY_MS)
    session.execute(delete(Roster).where(*forgotten))
    return add_now(
        session,
        Roster(
            id=new_id(),
            kind=kind,
            officer_id=scope.officer_id,
            at=now_ms(),
            name=normal(name)[:NAME_LENGTH],
            starts_on=starts_on,
            columns=list(read.letters),
            rows=plain(read),
            made=[],
        ),
    )


def get(session: Session, scope: Scope, roster_id: str, *, lock: bool = False) -> Roster:
    """Return one's own list. Raises Problem `not_found` for any other, `forbidden`."""
    row = required(session.get(Roster, roster_id, with_for_update=lock))
    refuse_if(row.officer_id != scope.officer_id, "not_found")
    check(scope)
    return row


def dry_run(session: Session, scope: Scope, row: Roster) -> RosterRun:
    """Judge the list by what is stored now."""
    read = from_plain(row.columns, row.rows)
    if row.kind == UNITS:
        units, judged = unit_rows.judge(session, scope, read, row.starts_on or EARLIEST)
        return RosterRun(row, len(read.rows), judged.faults, units=units)
    people, judged = people_rows.judge(session, scope, read)
    return RosterRun(row, len(read.rows), judged.faults, people=people)


def take(session: Session, scope: Scope, row: Roster) -> int:
    """Make all that the list names; return how many. Taken before, it makes nothing and returns 0.

    Raises Problem `roster_moved` if something else was stored meanwhile, so that it has faults now.
    """
    if row.taken_at is not None:
        return 0
    lock_catalog(session)
    run = dry_run(session, scope, row)
    refuse_if(run.faults, "roster_moved")
    row.made = _units(session, scope, run) if row.kind == UNITS else _people(session, run)
    row.taken_at, row.rows = now_ms(), []  # numbers and names of people are in one place only
    session.flush()
    return len(row.made)


def _units(session: Session, scope: Scope, run: RosterRun) -> list[str]:
    above = unit_rows.in_force(session, scope, {each.unit.parent_code for each in run.units})
    day = run.row.starts_on or EARLIEST
    made = unit_changes.add_units(session, [each.unit for each in run.units], above, day)
    return [made[each.unit.code].id for each in run.units]


def _people(session: Session, run: RosterRun) -> list[str]:
    made = []
    for each in run.people:
        officer = staff.add_officer(session, NewOfficer(each.username, each.name, phone=each.phone))
        staff.give_role(session, officer.id, each.unit.id, each.role)
        made.append(officer.id)
    return made


def made_people(session: Session, row: Roster) -> list[Officer]:
    """Return the people that the list made, in its order."""
    found = {officer.id: officer for officer in session.scalars(select(Officer).where(Officer.id.in_(row.made)))}
    return [found[id_] for id_ in row.made if id_ in found]


def made_units(session: Session, row: Roster) -> list[Unit]:
    """Return the units that the list made, in its order."""
    found = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(row.made)))}
    return [found[id_] for id_ in row.made if id_ in found]
