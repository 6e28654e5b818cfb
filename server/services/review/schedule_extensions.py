"""Days added to a counted schedule since its decision: each evening's confirmation amends it (SPEC D-3).

If only days within the schedule were added, the decision had foreseen them all, and nothing is left to check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from server.core.clock import today
from server.models import Campaign, Stream
from server.services.records import readiness
from server.services.records.readiness import Readiness
from server.services.review.briefs import Brief
from server.services.review.changes import Change
from server.services.units.scope import Scope
from sync.registry import KINDS, Kind
from sync.values import is_date


def days_added(kind: Kind | None, changes: Iterable[Change]) -> dict[str, Change]:
    """The newly confirmed days, by their field."""
    register = f"{kind.confirm.register}/" if kind and kind.confirm else ""
    return {
        change.name: change
        for change in changes
        if register and change.name.startswith(register) and not _said(change.before) and _said(change.after)
    }


def may_count(session: Session, scope: Scope, campaign: Campaign, brief: Brief) -> bool:
    """True if the officer may count it directly from its line in a list."""
    ready = readiness.before_approval(brief.record) is Readiness.READY
    if scope.officer_id in brief.authors or not ready or not only_days(brief):
        return False
    return scope.may_decide(session.get_one(Stream, brief.record.stream_id).unit_id, campaign)


def only_days(brief: Brief) -> bool:
    """True if a counted record only gained days: each scheduled, not in the future, within the planned number."""
    kind = KINDS.get(brief.record.kind)
    added = days_added(kind, brief.changes)
    if kind is None or kind.confirm is None or not added or len(added) < len(brief.changes):
        return False
    schedule = brief.state.value(kind.confirm.schedule)
    counted = brief.decision is not None and brief.decision.verdict == "counted"
    return counted and isinstance(schedule, Mapping) and all(_planned(schedule, each) for each in added.values())


def _planned(schedule: Mapping[str, object], change: Change) -> bool:
    first, last, times = (schedule.get(part) for part in ("from", "to", "times_a_day"))
    if not (is_date(first) and is_date(last) and isinstance(times, int)) or len(change.after) != 1:
        return False
    part, value = change.name.partition("/")[2], change.after[0]
    within = str(first) <= date.fromisoformat(part).isoformat() <= min(str(last), today().isoformat())
    return within and isinstance(value, int) and 0 <= value <= times


def _said(values: Iterable[object]) -> bool:
    return any(value is not None for value in values)
