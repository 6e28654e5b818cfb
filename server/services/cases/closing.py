"""A case is closed once each benefit was provided or declined, or with a reason from the list for each other one."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.services.cases import acting, case_log, finding, store
from server.services.cases.acting import Shown
from server.services.cases.lists import WHY_OPEN, WHY_UNASKED
from server.services.cases.making import day
from server.services.keyholders.vault import Vault


def close(session: Session, vault: Vault, officer_id: str, shown: Shown, on: str, why_open: Mapping[str, str]) -> None:
    """Close a case. `why_open`: by benefit. Raises Problem `case_open` while one is open without a reason."""
    held = acting.opened(session, vault, officer_id, shown)
    left = [line for line in finding.view(session, held).benefits if line.is_open]
    reasons = {line.id: why_open.get(line.id, "") for line in left}
    if any(reasons[line.id] not in (WHY_OPEN if line.state else WHY_UNASKED) for line in left):
        raise Problem("case_open")
    held.data.closed, held.data.why_open = day(on, held.data.received).isoformat(), reasons
    store.save(session, vault, held)
    case_log.append(session, vault, "closed", officer_id, case=held.id, unit=held.data.unit)


def reopen(session: Session, vault: Vault, officer_id: str, shown: Shown) -> None:
    """Open a closed case again."""
    held = store.hold(session, vault, officer_id, *shown)
    if held.data.is_open:
        raise Problem("case_act")
    held.data.closed, held.data.why_open, held.data.went = "", {}, ""
    store.save(session, vault, held)
    case_log.append(session, vault, "reopened", officer_id, case=held.id, unit=held.data.unit)
