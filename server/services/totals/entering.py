"""State, confirm and withdraw totals: each act is a new step, so what was said before stays (in_force.py has the rule).

    nothing --state--> stated --state (with a reason)--> stated --confirm--> stated --withdraw--> nothing

A unit states its own; the level above states on behalf of a unit, which confirms all of that in one act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import Problem, refuse_if, required, typed_text
from server.models import Campaign, Stream, TotalStep
from server.services.audit import log
from server.services.audit.acts import Act, Value
from server.services.campaigns.lifecycle import kinds_of
from server.services.records import streams
from server.services.totals.in_force import LONGEST, Reach, TotalAct, TotalSource, evidence
from server.services.units.scope import Scope
from sync.figures import usable
from sync.registry import KINDS

_REACHES, _SOURCES = frozenset(map(str, Reach)), frozenset(map(str, TotalSource))
_ACTS = {
    TotalAct.STATE: Act.TOTAL_STATED,
    TotalAct.CONFIRM: Act.TOTAL_CONFIRMED,
    TotalAct.WITHDRAW: Act.TOTAL_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says of one figure of a unit. `shown`: number of the last step on the page; 0 if there was none.

    `is_nil`: signed that there is nothing to report; an amount of 0 without it is refused.
    """

    figure: str
    amount: int
    shown: int
    reach: str = Reach.WHOLE
    is_nil: bool = False
    source: str = TotalSource.PHONE
    note: str = ""
    reason: str = ""


def figures(campaign: Campaign) -> list[str]:
    """Codes of the figures that a total can be said of: those that the campaign's kinds feed."""
    return list(dict.fromkeys(figure.code for kind in kinds_of(campaign) for figure in kind.figures))


def state(session: Session, scope: Scope, unit_id: str, campaign_id: str, said: Sequence[Statement]) -> int:
    """Say totals of a unit; all or none of them. Returns how many are new: a page sent twice changes nothing.

    Raises Problem: `not_found`, `forbidden`, `archived`, `total_moved` (somebody was faster), `total_nil` (0 that
    nobody signed, or signed beside records), `total_amount`, `reason_needed` (it replaces another); Refused `too_long`.
    """
    stream, campaign = _held(session, scope, unit_id, campaign_id)
    known, before = set(figures(campaign)), _last(session, stream.id)
    records = evidence(session, [stream.id], [each.figure for each in said])
    on_behalf, at, made = not scope.is_member(unit_id), now_ms(), 0
    for each in said:
        was, shown = before.get(each.figure), records.get((stream.id, each.figure), 0)
        refuse_if(
            each.figure not in known or each.reach not in _REACHES or each.source not in _SOURCES,
            "bad_request",
            "figure",
        )
        note, reason = typed_text(each.note, LONGEST, "note"), typed_text(each.reason, LONGEST, "reason")
        _check(each, shown)
        step = TotalStep(
            stream_id=stream.id,
            figure=each.figure,
            act=TotalAct.STATE.value,
            amount=each.amount,
            reach=Reach.WHOLE.value if each.is_nil else each.reach,
            base=shown if each.reach == Reach.BESIDES and not each.is_nil else 0,
            source=each.source,
            note=note,
            reason=reason,
            on_behalf=on_behalf,
            reported=not on_behalf or (was is not None and was.reported and (was.act != TotalAct.WITHDRAW)),
        )
        if was is not None and _is_same(was, step, scope.officer_id):
            continue
        refuse_if(each.shown != (was.number if was else 0), "total_moved")
        refuse_if(was is not None and was.act != TotalAct.WITHDRAW and not reason, "reason_needed", "reason")
        _take(session, scope, unit_id, campaign_id, was, step, at)
        made += 1
    session.flush()
    return made


def confirm(session: Session, scope: Scope, unit_id: str, campaign_id: str, shown: Mapping[str, int]) -> int:
    """Confirm what the level above stated, as the page showed it: `shown` has the number of each figure's last step.

    Returns how many were confirmed; those confirmed before are left out. Raises Problem as `state`; only somebody of
    the unit may (`forbidden`).
    """
    stream, _ = _held(session, scope, unit_id, campaign_id)
    refuse_if(not scope.is_member(unit_id), "forbidden")
    before, at, made = _last(session, stream.id), now_ms(), 0
    for figure, number in shown.items():
        was = before.get(figure)
        if was is not None and was.act == TotalAct.CONFIRM and was.number == number + 1:
            continue  # a double click, or a colleague who confirmed the same
        if was is None or was.number != number:
            raise Problem("total_moved")
        if not was.on_behalf or was.act == TotalAct.WITHDRAW:
            continue
        said = {name: getattr(was, name) for name in ("figure", "amount", "reach", "base", "source", "note")}
        step = TotalStep(
            stream_id=stream.id, act=TotalAct.CONFIRM.value, reason="", on_behalf=False, reported=True, **said
        )
        _take(session, scope, unit_id, campaign_id, was, step, at)
        made += 1
    session.flush()
    return made


def withdraw(  # a figure of a unit in a campaign, and why
    session: Session, scope: Scope, unit_id: str, campaign_id: str, figure: str, shown: int, reason: str
) -> bool:
    """Withdraw a total, with a reason. Returns False if it was withdrawn before.

    The level above withdraws only what the unit has not stated or confirmed itself. Raises Problem as `state`.
    """
    stream, _ = _held(session, scope, unit_id, campaign_id)
    was, reason = _last(session, stream.id).get(figure), typed_text(reason, LONGEST, "reason")
    if was is None:
        raise Problem("not_found")
    if was.act == TotalAct.WITHDRAW and was.number == shown + 1:
        return False
    refuse_if(was.number != shown or was.act == TotalAct.WITHDRAW, "total_moved")
    refuse_if(was.reported and not scope.is_member(unit_id), "forbidden")
    refuse_if(not reason, "reason_needed", "reason")
    said = {name: getattr(was, name) for name in ("figure", "amount", "reach", "base", "source", "note", "on_behalf")}
    step = TotalStep(stream_id=stream.id, act=TotalAct.WITHDRAW.value, reason=reason, reported=False, **said)
    _take(session, scope, unit_id, campaign_id, was, step, now_ms())
    session.flush()
    return True


def _held(session: Session, scope: Scope, unit_id: str, campaign_id: str) -> tuple[Stream, Campaign]:
    """Lock the unit's stream, so that records and totals stay as they are until the transaction ends."""
    campaign = required(session.get(Campaign, campaign_id))
    refuse_if(not scope.may_see(unit_id), "not_found")
    locked = list(streams.lock(session, places=[(unit_id, campaign_id)]).values())
    refuse_if(not locked, "not_found")
    refuse_if(not scope.may_write(unit_id), "forbidden")
    refuse_if(locked[0].status == "archived", "archived")
    return locked[0].stream, campaign


def _last(session: Session, stream_id: str) -> dict[str, TotalStep]:
    rows = session.scalars(select(TotalStep).where(TotalStep.stream_id == stream_id, TotalStep.is_last()))
    return {step.figure: step for step in rows}


def _check(said: Statement, records: int) -> None:
    refuse_if(usable(said.amount, KINDS.amount(said.figure, 0).scale) != said.amount, "total_amount", said.figure)
    refuse_if(said.is_nil != (said.amount == 0) or (said.is_nil and records), "total_nil", said.figure)


def _said(step: TotalStep) -> int | str:
    """The amount as the log keeps it: with a decimal point, where it has decimals."""
    amount = KINDS.amount(step.figure, step.amount)
    return amount.text() if amount.scale else step.amount


def _is_same(was: TotalStep, step: TotalStep, officer_id: str) -> bool:
    """True if the same person said the same before: the form was sent twice."""
    names: Iterable[str] = ("act", "amount", "reach", "source", "note", "reason", "on_behalf")
    return was.officer_id == officer_id and all(getattr(was, name) == getattr(step, name) for name in names)


def _take(  # all that a step is made of
    session: Session, scope: Scope, unit_id: str, campaign_id: str, was: TotalStep | None, step: TotalStep, at: int
) -> None:
    session.add(step.follow(was.number if was else 0, scope.officer_id, at))
    new: dict[str, Value] = {
        "campaign": campaign_id,
        "figure": step.figure,
        "amount": _said(step),
        "source": step.source,
    }
    old = None if was is None else {"amount": None if was.act == TotalAct.WITHDRAW else _said(was)}
    log.append(session, _ACTS[TotalAct(step.act)], ("unit", unit_id), old=old, new=new)
