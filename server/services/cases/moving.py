"""A case goes to another unit or out of the province, is found to be of the same person as another, gets a new code."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.problem_details import Problem
from server.services.cases import acting, case_log, codes, restoring, rights, store
from server.services.cases.acting import Shown
from server.services.cases.lists import AWAY
from server.services.keyholders.vault import Vault


def hand_over(session: Session, vault: Vault, officer_id: str, shown: Shown, to: str) -> None:
    """Hand a case over to a unit where somebody has the right, or out of the province (`away`). Its code stays.

    It goes on counting where it was received. Raises Problem `case_act`.
    """
    held = acting.opened(session, vault, officer_id, shown)
    was = held.data.unit
    if to == AWAY:
        held.data.went, held.data.closed = AWAY, today().isoformat()
    else:
        there = rights.holders(session, to)
        if to == was or not there:
            raise Problem("case_act")
        held.data.unit, held.data.officer = to, there[0][0]
    store.save(session, vault, held)
    case_log.append(session, vault, "handed_over", officer_id, case=held.id, unit=was, what=to)


def link(session: Session, vault: Vault, officer_id: str, shown: Shown, code: str) -> None:
    """Say that a case is of the same person as another, whose code the officer holds. The earlier one counts.

    Raises Problem `case_code` for a code that is none, `case_act` for the case itself or a linked one.
    """
    right = codes.typed(code)
    other = store.coded(session, vault, right) if right else None
    store.lock(session, sorted({shown[0], *([other.id] if other else ())}))
    held = acting.opened(session, vault, officer_id, shown)
    other = store.coded(session, vault, right) if right else None
    if other is None:
        raise Problem("case_code")
    if other.id == held.id or held.data.counts_as or other.data.counts_as or held.data.same or other.data.same:
        raise Problem("case_act")
    first, second = sorted((held, other), key=lambda each: (each.data.received, each.id))
    second.data.counts_as = first.id
    first.data.same = [second.id]
    for each in (first, second):
        store.save(session, vault, each)
    for each in (held, other):  # a line of its own for each: what is kept of one must not name the other
        case_log.append(session, vault, "linked", officer_id, case=each.id, unit=each.data.unit)


def recode(session: Session, vault: Vault, officer_id: str, shown: Shown) -> None:
    """Give a case a new code, because its sheet was lost: the old one finds nothing any more, nor after a restore."""
    held = acting.opened(session, vault, officer_id, shown)
    new = store.fresh_code(session, vault)
    restoring.note_void(session, vault, held.data.code, new)
    held.data.code = new
    store.save(session, vault, held)
    case_log.append(session, vault, "recoded", officer_id, case=held.id, unit=held.data.unit)
