"""The tree of units: import one as data, of any depth, with dates; add a unit; merge units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms, today
from server.core.shell_words import t
from server.models import Membership, Unit
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import lifecycle
from server.services.organisation import tree_locks
from server.services.organisation.staff import end, give_role
from server.services.units.tree import ancestry, changed_areas


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of a list of units. `parent_code` is empty for the root; parents come before children."""

    code: str
    name: str
    short_name: str
    level: str
    parent_code: str = ""


def import_tree(session: Session, rows: Iterable[UnitRow], valid_from: date) -> dict[str, Unit]:
    """Add a tree; returns the units by code. Raises ValueError for a missing parent or a duplicate code."""
    lock_catalog(session)
    made: dict[str, Unit] = {}
    rows = list(rows)
    said = Counter(row.short_name for row in rows)
    for row in rows:
        if row.code in made:
            raise ValueError(t("unit code {code} stands twice", code=row.code))
        if row.parent_code and row.parent_code not in made:
            raise ValueError(t("unit {code}: no unit {above} above it", code=row.code, above=row.parent_code))
        # "Ân Thi PT-1" must mean one record when spoken: a district and its town may share a short name.
        short_name = row.short_name if said[row.short_name] == 1 else row.name
        parent = made[row.parent_code] if row.parent_code else None
        made[row.code] = _make(session, replace(row, short_name=short_name), parent, valid_from)
    session.flush()
    log.append(session, Act.UNITS_IMPORTED, times=len(made))
    return made


def add_unit(session: Session, row: UnitRow, parent: Unit, valid_from: date, id_: str | None = None) -> Unit:
    """Add a unit below another; it takes part in the campaigns that run there.

    `id_`: its id before a restore (SPEC B-7). Raises ValueError if the id or the code is in use.
    """
    if id_ is not None and session.get(Unit, id_) is not None:
        raise ValueError(t("there is a unit {id} already", id=id_))
    if session.scalar(select(Unit.id).where(Unit.code == row.code, Unit.merged_at.is_(None))) is not None:
        raise ValueError(t("the code {code} is in use", code=row.code))
    if session.scalar(select(Unit.id).where(Unit.code == row.code, Unit.valid_from == valid_from)) is not None:
        raise ValueError(t("a unit with the code {code} began on that day before", code=row.code))
    return _add(session, [row], {row.parent_code: parent}, valid_from, id_)[row.code]


def add_units(
    session: Session, rows: Sequence[UnitRow], above: Mapping[str, Unit], valid_from: date
) -> dict[str, Unit]:
    """Add units, parents first, and return them by code. `above`: units in force by code.

    The codes must be free. The work grows with the number of units, not with those that are there.
    """
    return _add(session, rows, above, valid_from)


def _add(
    session: Session, rows: Sequence[UnitRow], above: Mapping[str, Unit], valid_from: date, id_: str | None = None
) -> dict[str, Unit]:
    lock_catalog(session)
    made: dict[str, Unit] = {}
    for row in rows:
        made[row.code] = _make(session, row, made.get(row.parent_code) or above[row.parent_code], valid_from, id_)
    session.flush()
    for unit in made.values():
        log.append(session, Act.UNIT_ADDED, ("unit", unit.id))
    lifecycle.join(session, [unit.id for unit in made.values()], again=id_ is not None)
    return made


def merge(
    session: Session, olds: Sequence[Unit], into: Unit, on: date, *, with_people: bool = False, tells: bool = True
) -> None:
    """Merge: from this day the successor acts for the old units and counts their figures (SPEC L-6).

    Its people get their streams. Nothing moves and nothing is renamed. Roles at the old units end, and phones may push
    for 30 days (L-8). `with_people` gives the holders the same roles at the successor. `tells`: what follows such a
    change is done here (tree_locks.py); not where it is part of another act. Raises ValueError if it is impossible.
    """
    lock_catalog(session)
    for unit in (*olds, into):  # another merger may have finished meanwhile
        session.refresh(unit)
    for old in olds:
        _check_merger(session, old, into, on)
    for old in olds:
        here = select(Membership).where(Membership.unit_id == old.id, Membership.ended_at.is_(None))
        held = session.scalars(here).all()
        for membership in held if with_people else ():
            give_role(session, membership.officer_id, into.id, membership.role)
        end(session, held)
        old.former_parent_id, old.parent_id = old.parent_id, into.id
        log.append(session, Act.UNIT_MERGED, ("unit", old.id), new={"unit": into.id})
        old.valid_to, old.merged_at = on - timedelta(days=1), now_ms()
        into.stations = [*into.stations, *(name for name in old.stations if name not in into.stations)]
        into.hamlets = [*into.hamlets, *(name for name in old.hamlets if name not in into.hamlets)]
    session.flush()
    lifecycle.join(session, [into.id])
    if tells:
        before = {str(old.former_parent_id) for old in olds}
        tree_locks.tell(session, [old.id for old in olds], changed_areas(session, [into.id, *before]))


def _check_merger(session: Session, old: Unit, into: Unit, on: date) -> None:
    if on > today():
        raise ValueError(t("merge units on the day itself, or later"))
    if into.merged_at is not None:
        raise ValueError(t("{into} was merged itself", into=into.name))
    if old.merged_at is not None:
        raise ValueError(t("{old} was merged before", old=old.name))
    if old.id in ancestry(session, into.id):
        raise ValueError(t("{into} is {old} itself, or stands below it", into=into.name, old=old.name))
    if on <= old.valid_from:
        raise ValueError(t("{old} is in force since {day} only", old=old.name, day=f"{old.valid_from:%d/%m/%Y}"))


def _make(session: Session, row: UnitRow, parent: Unit | None, valid_from: date, id_: str | None = None) -> Unit:
    unit = Unit(
        id=id_ or new_id(),
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        level=row.level,
        parent_id=parent.id if parent else None,
        valid_from=valid_from,
        stations=[],
        hamlets=[],
    )
    session.add(unit)
    return unit
