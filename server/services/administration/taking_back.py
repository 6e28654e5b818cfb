"""All that a device wrote since a moment, taken back in one act: for a stolen phone, or one that went wrong.

Nothing is deleted: the act is a decision on each record (SPEC X-55), so every phone gets it with its next pull, figures
follow, and its undoing within a day puts back what was in force. What each record gets depends on its writes and
decisions alone, so the job that does it may be begun again at any point:

- a decision from before the device's first write since then is in force again (D-14), and the record is amended;
- else, if this device alone wrote in it, it is not counted, or waits again, as the act says;
- else, as somebody else wrote in it too, it waits again.

Only records in units that the administrator administers, and none that they wrote in. Locked figures stay (L-30).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from server.core.bulk import one_of
from server.core.clock import DAY_MS, local, now_ms
from server.core.db import add_now, reading, writing
from server.core.problem_details import refuse_if, required
from server.models import Campaign, DecisionRow, Device, Membership, Officer, Record, Stream, TakenBack, Unit, WriteRow
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.jobs import Attempt, Jobs, enqueuing
from server.services.organisation import people
from server.services.records import streams
from server.services.records.projection import Totals, is_activity
from server.services.records.stored import as_write, writes_of
from server.services.reports.snapshot import steps
from server.services.review import decisions, messages, undoing
from server.services.units import unit_search
from server.services.units.scope import Scope
from sync.record import PURGED, WITHDRAWN, State
from sync.text import is_id, is_well_formed

JOB: Final = "administration.take_back"
AT_ONCE: Final = 100
"""Records in one transaction, so that phones that write into the stream wait for less than a second."""
UNDO_MS: Final = DAY_MS


class Fate(StrEnum):
    """What becomes of a record that the device alone wrote in."""

    DROP = "drop"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class TouchedPlace:
    """Records of one unit in one campaign that the device wrote in since then.

    `alone`: nobody else wrote in them; `decided`: a decision is in force, `counted` in this number of them; `locked`:
    the figures of the unit, or of one above, are locked.
    """

    unit: Unit
    campaign: Campaign
    records: int
    alone: int
    decided: int
    counted: int
    locked: bool


@dataclass(frozen=True, slots=True)
class TakeBackOffer:
    """The dry run. `elsewhere`: records of units that this administrator does not administer, which stay."""

    since: int
    places: list[TouchedPlace] = field(default_factory=list)
    elsewhere: int = 0

    def total(self, what: str) -> int:
        """The sum of one number over all places."""
        return sum(getattr(each, what) for each in self.places)


@dataclass(frozen=True, slots=True)
class DeviceActs:
    """A device with its officer, and the acts that took back what it wrote, the last one first, with their officers.

    `may`: this person may take back what it wrote.
    """

    device: Device
    officer: Officer
    acts: list[tuple[TakenBack, str]]
    may: bool


def register(jobs: Jobs) -> None:
    """Make the job known; it runs as long as an act is not through."""
    jobs.register(JOB, run, due=is_due)


def page(session: Session, scope: Scope, device_id: str) -> DeviceActs:
    """Return a device of somebody whom this person manages. Raises Problem as `people.managed` does."""
    device = required(session.get(Device, device_id))
    officer = people.managed(session, scope, device.officer_id, disabled=True)
    acts = select(TakenBack, Officer.name).join(Officer, Officer.id == TakenBack.officer_id)
    rows = session.execute(acts.where(TakenBack.device_id == device_id).order_by(TakenBack.at.desc()))
    return DeviceActs(device, officer, [(act, name) for act, name in rows], _may(session, scope, device))


def offer(session: Session, scope: Scope, device_id: str, since: int) -> TakeBackOffer:
    """Say what taking back all since then would touch. Raises Problem."""
    device = _device(session, scope, device_id)
    theirs = _theirs(device.id, since, now_ms())
    others = aliased(WriteRow)
    foreign = (
        select(others.id)
        .where(
            others.record_id == Record.id,
            or_(others.device_id.is_(None), others.device_id != device.id, others.received_at < since),
        )
        .exists()
    )
    verdict = select(DecisionRow.verdict).where(DecisionRow.id == Record.decision_id).scalar_subquery()
    counts = (
        func.count(),
        func.sum(case((foreign, 0), else_=1)),
        func.count(Record.decision_id),
        func.sum(case((verdict == "counted", 1), else_=0)),
    )
    rows = session.execute(
        select(Stream.unit_id, Stream.campaign_id, *counts)
        .join_from(Record, Stream, Stream.id == Record.stream_id)
        .where(*theirs, _homes(session, device))
        .group_by(Stream.unit_id, Stream.campaign_id)
    ).all()
    scope.read_chains({row.unit_id for row in rows})
    places = [_place(session, scope, *row) for row in rows if scope.may_administer(row.unit_id)]
    elsewhere = sum(row[2] for row in rows if not scope.may_administer(row.unit_id))
    return TakeBackOffer(since, sorted(places, key=lambda each: (each.campaign.id, each.unit.sort_key)), elsewhere)


@dataclass(frozen=True, slots=True)
class TakeBackWish:
    """What the form says. `id`: made with its page, so that a double click is one act."""

    id: str
    since: int
    outcome: str
    reason: str


def take_back(session: Session, scope: Scope, device_id: str, wish: TakeBackWish) -> TakenBack:
    """Begin the act; the job does it. Raises Problem, Refused `reason_needed`."""
    device = _device(session, scope, device_id)
    made = session.get(TakenBack, wish.id) if is_id(wish.id) else None
    if made is not None:
        refuse_if((made.officer_id, made.device_id) != (scope.officer_id, device.id), "bad_request")
        return made
    reason = wish.reason.strip()
    refuse_if(not reason, "reason_needed", "reason")
    refuse_if(not is_id(wish.id) or wish.outcome not in set(Fate) or wish.since >= now_ms(), "bad_request")
    refuse_if(len(reason) > decisions.REASON_LENGTH or not is_well_formed(reason), "bad_request", "reason")
    act = add_now(
        session,
        TakenBack(
            id=wish.id,
            device_id=device.id,
            officer_id=scope.officer_id,
            since=wish.since,
            at=now_ms(),
            outcome=wish.outcome,
            reason=reason,
        ),
    )
    log.append(session, Act.DEVICE_TAKEN_BACK, ("device", device.id), new=_said(act))
    enqueuing.enqueue(session, JOB, [act.id], scope.officer_id)
    return act


def undo(session: Session, scope: Scope, act_id: str) -> TakenBack:
    """Begin to put back what was in force; a second time changes nothing. Raises Problem `take_back_over`."""
    act = required(session.get(TakenBack, act_id, with_for_update=True, populate_existing=True))
    _device(session, scope, act.device_id)
    if act.undone_at is not None:
        return act
    refuse_if(now_ms() - act.at > UNDO_MS, "take_back_over")
    act.undone_at, act.undone_by, act.through_at = now_ms(), scope.officer_id, None
    session.flush()
    log.append(session, Act.TAKE_BACK_UNDONE, ("device", act.device_id), new=_said(act))
    enqueuing.enqueue(session, JOB, [act.id], scope.officer_id)
    return act


def is_due(session: Session) -> bool:
    """True if an act, or its undoing, is not through."""
    return session.scalar(select(TakenBack.id).where(TakenBack.through_at.is_(None)).limit(1)) is not None


def run(attempt: Attempt, _ids: Sequence[str]) -> None:
    """Do all acts that are not through, part by part. It may be begun again at any point."""
    with reading() as session:
        open_ones = list(session.scalars(select(TakenBack.id).where(TakenBack.through_at.is_(None))))
    for act_id in open_ones:
        with reading() as session:
            act = session.get_one(TakenBack, act_id)
            undone = act.undone_at is not None
            wanted = _decided(session, act_id) if undone else _touched(session, act)
        _all_of(attempt, act_id, wanted, undone=undone)


def _all_of(attempt: Attempt, act_id: str, wanted: list[tuple[str, str]], *, undone: bool) -> None:
    """`wanted`: (stream, record) in the order of streams."""
    for start in range(0, len(wanted), AT_ONCE):
        attempt.progress(start, len(wanted))
        with writing() as session:
            if not _part(session, act_id, wanted[start : start + AT_ONCE], undone=undone):
                return
    with writing() as session:
        act = session.get_one(TakenBack, act_id, with_for_update=True, populate_existing=True)
        if (act.undone_at is not None) == undone:
            act.through_at = now_ms()


def _part(session: Session, act_id: str, wanted: Sequence[tuple[str, str]], *, undone: bool) -> bool:
    """Decide on these records. Returns False if the act was undone meanwhile."""
    locked = streams.lock(session, {stream for stream, _ in wanted})
    act = session.get_one(TakenBack, act_id, with_for_update=True, populate_existing=True)
    if (act.undone_at is not None) != undone:
        return False
    scope = Scope(session, act.undone_by or act.officer_id)
    ids = [record for _, record in wanted]
    written, totals, done = writes_of(session, ids), Totals(), 0
    found = session.scalars(select(Record).where(one_of(Record.id, ids)).execution_options(populate_existing=True))
    judge: Callable[..., DecisionRow | None] = _put_back if undone else _taken
    for record in sorted(found, key=lambda each: (each.stream_id, each.id)):
        stream, rows = locked[record.stream_id].stream, written[record.id]
        row = None if record.state == PURGED else judge(session, scope, act, stream, record, rows)
        if row is not None:
            state = State.of(as_write(each) for each in rows)
            decisions.put(session, stream, record, row, state, totals)
            done += 1
    totals.save(session)
    if undone:
        act.undone += done
    else:
        act.done += done
    session.flush()
    return True


def _taken(
    session: Session, scope: Scope, act: TakenBack, stream: Stream, record: Record, rows: Sequence[WriteRow]
) -> DecisionRow | None:
    """The decision that takes back what the device wrote in this record; None if there is nothing to decide."""
    theirs = [row for row in rows if row.device_id == act.device_id and act.since <= row.received_at <= act.at]
    if not theirs or scope.officer_id in {row.officer_id for row in rows}:
        return None
    in_force = session.get(DecisionRow, record.decision_id) if record.decision_id else None
    if in_force is not None and in_force.taken_back == act.id:
        return None
    earlier = undoing.in_force_before(session, record.id, min(row.position for row in theirs))
    if earlier is not None:
        if in_force is not None and in_force.first_id == earlier.first_id:
            return None
        row = undoing.restated(stream, record, scope, earlier)
    elif act.outcome == Fate.DROP and len(theirs) == len(rows):
        row = decisions.new_row(stream, record, scope, "not_counted")
        state = State.of(as_write(each) for each in rows)
        row.reason, row.basis, row.sides = act.reason, state.ids, state.all_sides
    elif in_force is not None:
        row = undoing.restated(stream, record, scope, None)
    else:
        return None
    row.taken_back = act.id
    return row


def _put_back(
    session: Session, scope: Scope, act: TakenBack, stream: Stream, record: Record, _rows: Sequence[WriteRow]
) -> DecisionRow | None:
    """The decision that undoes the act on this record; None if somebody wrote in it or decided on it since."""
    last = select(DecisionRow).where(DecisionRow.record_id == record.id, DecisionRow.taken_back == act.id)
    made = session.scalar(last.order_by(DecisionRow.position.desc()).limit(1))
    if made is None:
        return None
    if session.scalar(select(Record.id).where(Record.id == record.id, messages.unmoved(made.position))) is None:
        return None
    earlier = undoing.in_force_before(session, record.id, made.position)
    if earlier is None and made.verdict == WITHDRAWN:
        return None
    return undoing.restated(stream, record, scope, earlier)


def _touched(session: Session, act: TakenBack) -> list[tuple[str, str]]:
    """Records of the act in units that its officer administers."""
    scope = Scope(session, act.officer_id)
    device = session.get_one(Device, act.device_id)
    query = select(Record.stream_id, Record.id, Stream.unit_id).join(Stream, Stream.id == Record.stream_id)
    query = query.where(*_theirs(act.device_id, act.since, act.at), _homes(session, device))
    rows = session.execute(query.order_by(Record.stream_id, Record.id)).all()
    scope.read_chains({row.unit_id for row in rows})
    return [(row.stream_id, row.id) for row in rows if scope.may_administer(row.unit_id)]


def _decided(session: Session, act_id: str) -> list[tuple[str, str]]:
    """Records that the act decided on."""
    query = select(DecisionRow.stream_id, DecisionRow.record_id).where(DecisionRow.taken_back == act_id).distinct()
    return [(stream, record) for stream, record in session.execute(query.order_by(*query.selected_columns))]


def _theirs(device_id: str, since: int, until: int) -> tuple[ColumnElement[bool], ...]:
    """Conditions: a record in which the device wrote in this time. The records' own moments are indexed."""
    wrote = and_(WriteRow.record_id == Record.id, WriteRow.device_id == device_id)
    within = WriteRow.received_at.between(since, until)
    return (
        Record.received_at >= since,
        Record.state != PURGED,
        is_activity(),
        select(WriteRow.id).where(wrote, within).exists(),
    )


def _homes(session: Session, device: Device) -> ColumnElement[bool]:
    """Condition: a stream that the device's officer may ever have written in: of their units and those below."""
    held = select(Membership.unit_id).where(Membership.officer_id == device.officer_id).distinct()
    units = _highest(session, session.scalars(held))
    below = unit_search.walk(units)
    return Record.stream_id.in_(select(Stream.id).where(Stream.unit_id.in_(select(below.c.id))))


def _highest(session: Session, units: Iterable[str]) -> list[str]:
    """Those of these units that are below none of the others."""
    scope = Scope(session, "")
    those = set(units)
    scope.read_chains(those)
    return [unit for unit in sorted(those) if not set(scope.chain(unit)[1:]) & those]


def _place(session: Session, scope: Scope, unit_id: str, campaign_id: str, *counts: Any) -> TouchedPlace:
    locked = steps.locked(session, scope.chain(unit_id), campaign_id)
    unit, campaign = session.get_one(Unit, unit_id), session.get_one(Campaign, campaign_id)
    records, alone, decided, counted = (int(each) for each in counts)
    return TouchedPlace(unit, campaign, records, alone, decided, counted, bool(locked))


def _device(session: Session, scope: Scope, device_id: str) -> Device:
    """The device, if this person may take back what it wrote. Raises Problem."""
    device = required(session.get(Device, device_id))
    people.managed(session, scope, device.officer_id, disabled=True)
    refuse_if(not _may(session, scope, device), "forbidden")
    return device


def _may(session: Session, scope: Scope, device: Device) -> bool:
    """An administrator of all units of the device's officer, or above these, and never that officer."""
    held = select(Membership.unit_id).where(Membership.officer_id == device.officer_id, Membership.ended_at.is_(None))
    units = set(session.scalars(held))
    return device.officer_id != scope.officer_id and bool(units) and all(map(scope.may_administer, units))


def _said(act: TakenBack) -> dict[str, Any]:
    return {"from": local(act.since).isoformat()[:16], "status": act.outcome}
