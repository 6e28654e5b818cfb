"""What is done in a case: a benefit moves on, a duty is done, an event gets its day, the identification ends."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.services.cases import case_log, finding, store
from server.services.cases.data import IDENTIFIED
from server.services.cases.lists import NEXT, OUTCOMES
from server.services.cases.making import day
from server.services.cases.store import HeldCase
from server.services.checklist.regimes import EVENTS
from server.services.keyholders.vault import Vault

Shown = tuple[str, int]
"""(id of the case, its number on the page)."""


def line(session: Session, vault: Vault, officer_id: str, shown: Shown, id_: str, state: str, on: str) -> None:
    """Move a benefit to its next state, on a day not before the last one. Raises Problem `case_act`, `case_day`."""
    held = opened(session, vault, officer_id, shown)
    known = {each.id for each in finding.view(session, held).benefits if each.row or each.state}
    if id_ not in known or state not in NEXT[held.data.state(id_)]:
        raise Problem("case_act")
    past = held.data.lines.setdefault(id_, [])
    on_day = day(on, past[-1][1] if past else held.data.received)
    past.append([state, on_day.isoformat()])
    _keep(session, vault, officer_id, held, "line", f"{id_}:{state}")


def step(session: Session, vault: Vault, officer_id: str, shown: Shown, id_: str, on: str) -> None:
    """Record that a duty was done on a day. Raises Problem `case_act`, `case_day`."""
    held = opened(session, vault, officer_id, shown)
    if id_ not in {each.id for each in finding.view(session, held).steps}:
        raise Problem("case_act")
    held.data.steps[id_] = day(on, held.data.received).isoformat()
    _keep(session, vault, officer_id, held, "step", id_)


def event(session: Session, vault: Vault, officer_id: str, shown: Shown, name: str, on: str) -> None:
    """Record the day of an event, from which time limits count. Raises Problem `case_act`, `case_day`."""
    held = opened(session, vault, officer_id, shown)
    if name not in EVENTS[1:]:
        raise Problem("case_act")
    earliest = "" if name == "returned" else held.data.received  # who came home alone is received later
    held.data.events[name] = day(on, earliest).isoformat()
    _keep(session, vault, officer_id, held, "event", name)


def law(session: Session, vault: Vault, officer_id: str, shown: Shown, id_: str) -> None:
    """Say under which law a person is supported whose case is open across two. Raises Problem `case_act`."""
    held = opened(session, vault, officer_id, shown)
    if id_ not in {each["id"] for each in finding.view(session, held).choices}:
        raise Problem("case_act")
    held.data.law = id_
    _keep(session, vault, officer_id, held, "law", id_)


def identify(session: Session, vault: Vault, officer_id: str, shown: Shown, outcome: str, on: str) -> None:
    """End the identification: entitlements are computed anew, what was done stays. Raises Problem `case_act`."""
    held = opened(session, vault, officer_id, shown)
    if outcome not in OUTCOMES or not held.data.under_identification:
        raise Problem("case_act")
    held.data.outcome, held.data.outcome_on = outcome, day(on, held.data.received).isoformat()
    if outcome == "confirmed":
        held.data.category = IDENTIFIED[held.data.category]
    _keep(session, vault, officer_id, held, "identified", outcome)


def take_charge(session: Session, vault: Vault, officer_id: str, shown: Shown) -> None:
    """Become the responsible officer of a case."""
    held = opened(session, vault, officer_id, shown)
    held.data.officer = officer_id
    _keep(session, vault, officer_id, held, "taken_charge", "")


def opened(session: Session, vault: Vault, officer_id: str, shown: Shown) -> HeldCase:
    """Return a case that is open, to change it. Raises Problem `not_found`, `case_moved`, `case_act`."""
    held = store.hold(session, vault, officer_id, *shown)
    if not held.data.is_open:
        raise Problem("case_act")
    return held


def _keep(session: Session, vault: Vault, officer_id: str, held: HeldCase, act: str, what: str) -> None:
    store.save(session, vault, held)
    case_log.append(session, vault, act, officer_id, case=held.id, unit=held.data.unit, what=what)
