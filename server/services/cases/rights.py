"""The right to the cases of a unit: an administrator proposes it, a confidential officer above gives it.

Neither alone, and neither for themselves; who gives it holds the case key and has it open (keyholders/). It shows in
the audit log; what is done with it does not. The first right of an installation is given by a command on the machine,
which is logged too; its holder makes the case key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import Problem, refuse_if, required
from server.core.shell_words import t
from server.models import CaseRight, Membership, Officer, Unit
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.cases import case_log
from server.services.keyholders.holders import COMMAND, RIGHT_IN_FORCE
from server.services.keyholders.vault import Vault
from server.services.units.scope import ADMIN, CONFIDENTIAL, Scope
from server.services.units.tree import merged_into, subtree


@dataclass(frozen=True, slots=True)
class ShownRight:
    """A right with its people. `gives`: who asks may give it; `ends`: may end it."""

    row: CaseRight
    officer: str
    unit: str
    gives: bool
    ends: bool


HAS_ANY: Final[ColumnElement[bool]] = exists().where(CaseRight.officer_id == bindparam("officer"), *RIGHT_IN_FORCE)
"""Condition: the officer of this parameter has the right to the cases of some unit."""


def units_of(session: Session, officer_id: str) -> list[str]:
    """Return the units to whose cases the officer has the right."""
    held = select(CaseRight.unit_id).where(CaseRight.officer_id == officer_id, *RIGHT_IN_FORCE)
    return sorted(session.scalars(held))


def holders(session: Session, unit_id: str) -> list[tuple[str, str]]:
    """Return (id, name) of who has the right at a unit."""
    rows = select(Officer.id, Officer.name).join(CaseRight, CaseRight.officer_id == Officer.id)
    held = rows.where(CaseRight.unit_id == unit_id, Officer.disabled_at.is_(None), *RIGHT_IN_FORCE)
    return [(id_, name) for id_, name in session.execute(held.order_by(Officer.sort_key, Officer.id))]


def of_units(session: Session, unit_ids: Iterable[str]) -> set[str]:
    """Return who has the right at one of these units."""
    held = select(CaseRight.officer_id).where(CaseRight.unit_id.in_(list(unit_ids)), *RIGHT_IN_FORCE)
    return set(session.scalars(held))


def handled(session: Session, officer_id: str) -> list[str]:
    """Return the units whose cases the officer handles: those of the right and those merged into them."""
    mine = units_of(session, officer_id)
    return merged_into(session, mine) if mine else []


def served(session: Session) -> list[tuple[str, str]]:
    """Return (id, name) of the units at which somebody has the right: where a case may be handed over to."""
    rows = select(Unit.id, Unit.name).join(CaseRight, CaseRight.unit_id == Unit.id).where(*RIGHT_IN_FORCE)
    return [(id_, name) for id_, name in session.execute(rows.distinct().order_by(Unit.name))]


def may_manage(scope: Scope) -> bool:
    """True for who may propose or give rights somewhere."""
    return scope.has_role(ADMIN, CONFIDENTIAL)


def listed(session: Session, scope: Scope) -> list[ShownRight]:
    """Return the rights, proposed and given, that the officer may act on."""
    rows = select(CaseRight, Officer.name, Unit.name).join(Officer, Officer.id == CaseRight.officer_id)
    rows = rows.join(Unit, Unit.id == CaseRight.unit_id).where(CaseRight.ended_at.is_(None))
    found = []
    for row, officer, unit in session.execute(rows.order_by(Unit.name, Officer.name)):
        gives, over = _may_give(scope, row), _may_propose(scope, row.unit_id)
        if gives or over or _is_above(scope, row.unit_id):
            found.append(ShownRight(row, officer, unit, gives and row.given_at is None, ends=True))
    return found


def candidates(session: Session, scope: Scope) -> list[tuple[str, str, str]]:
    """Return (membership id, officer, unit) of confidential officers for whom the officer may propose the right."""
    tops = scope.tops([ADMIN])
    if not tops:
        return []
    below = subtree(session, tops)
    rows = select(Membership.id, Membership.officer_id, Membership.unit_id, Officer.name, Unit.name)
    rows = rows.join(Officer, Officer.id == Membership.officer_id).join(Unit, Unit.id == Membership.unit_id)
    rows = rows.where(Membership.role == CONFIDENTIAL, Membership.ended_at.is_(None), Officer.disabled_at.is_(None))
    has = {
        (row.officer_id, row.unit_id) for row in session.scalars(select(CaseRight).where(CaseRight.ended_at.is_(None)))
    }
    inside = set(below)
    return [
        (id_, name, unit)
        for id_, officer, unit_id, name, unit in session.execute(rows.order_by(Unit.name, Officer.name))
        if unit_id in inside and (officer, unit_id) not in has and officer != scope.officer_id
    ]


def propose(session: Session, scope: Scope, membership_id: str) -> CaseRight:
    """Propose the right for a confidential officer at their unit. Raises Problem `not_found`."""
    lock_catalog(session)
    refuse_if(membership_id not in {id_ for id_, _, _ in candidates(session, scope)}, "not_found")
    held = session.get_one(Membership, membership_id)
    row = add_now(
        session,
        CaseRight(
            id=new_id(),
            officer_id=held.officer_id,
            unit_id=held.unit_id,
            proposed_by=scope.officer_id,
            proposed_at=now_ms(),
        ),
    )
    log.append(session, Act.CASE_RIGHT_PROPOSED, ("officer", row.officer_id), new={"unit": row.unit_id})
    return row


def give(session: Session, scope: Scope, vault: Vault, id_: str) -> CaseRight:
    """Give a right that was proposed, with the case key open: a role alone gives nothing.

    Raises Problem `not_found`, `case_locked`.
    """
    lock_catalog(session)
    row = required(session.get(CaseRight, id_))
    refuse_if(row.ended_at is not None or row.given_at is not None or not _may_give(scope, row), "not_found")
    refuse_if(not vault.private, "case_locked")
    row.given_by, row.given_at = scope.officer_id, now_ms()
    session.flush()
    case_log.append(session, vault, "right_given", scope.officer_id, unit=row.unit_id, what=row.officer_id)
    log.append(session, Act.CASE_RIGHT_GIVEN, ("officer", row.officer_id), new={"unit": row.unit_id})
    return row


def end(session: Session, scope: Scope, vault: Vault, id_: str) -> None:
    """End a right, or withdraw what was proposed; at once, by either side. Raises Problem `not_found`."""
    lock_catalog(session)
    row = session.get(CaseRight, id_)
    may = row is not None and (_may_propose(scope, row.unit_id) or _is_above(scope, row.unit_id))
    if row is None or row.ended_at is not None or not may:
        raise Problem("not_found")
    row.ended_by, row.ended_at = scope.officer_id, now_ms()
    session.flush()
    case_log.append(session, vault, "right_ended", scope.officer_id, unit=row.unit_id, what=row.officer_id)
    log.append(session, Act.CASE_RIGHT_ENDED, ("officer", row.officer_id), old={"unit": row.unit_id})


def first(session: Session, vault: Vault, officer: Officer, unit: Unit) -> CaseRight:
    """Give the first right of this installation, by a command; while nobody made the key, also after others have one.

    Raises ValueError once there is a key and a right, and without a confidential role at the unit: that right would
    rest.
    """
    lock_catalog(session)
    if vault.id and session.scalars(select(CaseRight).where(*RIGHT_IN_FORCE).limit(1)).first() is not None:
        raise ValueError(t("somebody has the right already: more are proposed and given at the desk"))
    here = Membership.unit_id == unit.id, Membership.role == CONFIDENTIAL, Membership.ended_at.is_(None)
    if session.scalars(select(Membership.id).where(Membership.officer_id == officer.id, *here)).first() is None:
        raise ValueError(t("the officer has no confidential role at this unit"))
    now = now_ms()
    theirs = select(CaseRight).where(CaseRight.officer_id == officer.id, CaseRight.unit_id == unit.id)
    row = session.scalars(theirs.where(CaseRight.ended_at.is_(None)).with_for_update()).first()
    if row is None:
        row = CaseRight(id=new_id(), officer_id=officer.id, unit_id=unit.id, proposed_by=COMMAND, proposed_at=now)
        session.add(row)
    row.given_by, row.given_at = COMMAND, now
    session.flush()
    case_log.append(session, vault, "right_given", COMMAND, unit=unit.id, what=officer.id)
    log.append(session, Act.CASE_RIGHT_GIVEN, ("officer", officer.id), new={"unit": unit.id})
    return row


def _may_propose(scope: Scope, unit_id: str) -> bool:
    return bool(set(scope.chain(unit_id)) & set(scope.tops([ADMIN])))


def _is_above(scope: Scope, unit_id: str) -> bool:
    """A confidential officer above; of the top unit itself where nothing is above."""
    chain = scope.chain(unit_id)
    return bool(set(chain[1:] or chain) & set(scope.tops([CONFIDENTIAL])))


def _may_give(scope: Scope, row: CaseRight) -> bool:
    return scope.officer_id not in (row.officer_id, row.proposed_by) and _is_above(scope, row.unit_id)
