"""Decide on a record and withdraw a decision (SPEC D-1 to D-6).

A decision is bound to the page it was made from: its basis is the survivors on the reviewer's screen. So whatever
arrived meanwhile makes the record amended at once and is never approved unseen.

What a decision would add to the counted figures, and what one has added, is said before and after it (SPEC F-31). A
card speaks of the figures of its record's unit, an act on a list of those of all units that the list is of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of
from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import Campaign, DecisionRow, Record, Stream, Tally, TallyKey, WriteRow
from server.services.audit import log
from server.services.audit.acts import Act, Values
from server.services.records import projection, readiness, streams
from server.services.records.projection import COUNTED, Shift, Totals, if_counted, is_activity, share_in
from server.services.records.readiness import Readiness
from server.services.records.stored import as_write, code_makers, writes_of
from server.services.review import replies
from server.services.units.scope import Scope
from server.services.units.tree import merged_into
from sync.errors import Refused
from sync.figures import UNIT_FIGURES, Contribution, together
from sync.record import WITHDRAWN, InForce, State, check_decision
from sync.text import is_well_formed
from sync.write import Write

REASON_LENGTH = 2000
Basis = Mapping[str, Sequence[str]]
"""The survivors' ids by field, as shown on the page."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's verdict. `fields` are marked for the officer; `reason` is required unless counted.

    `despite`: why it is approved although it is not ready; empty if nobody says so, None where nobody asks.
    """

    verdict: str
    reason: str = ""
    fields: list[str] = field(default_factory=list)
    despite: str | None = None


Added = Mapping[str, int]
"""By figure, what it changes by; figures that stay as they are are left out."""
_UNITS: Final = {figure.units_of: figure.code for figure in UNIT_FIGURES}
_PLACE: Final = select(Stream.id, Stream.unit_id, Stream.campaign_id)


@dataclass(slots=True)
class Acted:
    """An act in the making: of each record what it counts now, minus what was counted of it before."""

    changes: list[Contribution] = field(default_factory=list)

    def move(self, scope: Scope, unit: str, shift: Shift) -> None:
        """Take in a record whose decision was put in force."""
        self.changes.append(_change(scope, unit, shift.old.counted, shift.new.counted))

    def added(self, session: Session, scope: Scope, where: Sequence[Any]) -> Added:
        """What the figures of these streams differ by, once the totals are saved."""
        change = together(self.changes)
        now = together(counted(session, scope, where, [change]).values())
        return change.added_to(now - Contribution({}, change.values))


def decide(
    session: Session,
    scope: Scope,
    record_id: str,
    said: Verdict,
    basis: Basis,
    shown: str | None = None,
    acted: Acted | None = None,
) -> DecisionRow:
    """Store a decision on the page that `basis` describes. Raises Refused (D-4, D-6) or Problem.

    `acted` takes in what it adds to the counted figures (F-31).

    `shown`: the decision that was on the page, empty if there was none. If another verdict is in force by now, or that
    one was withdrawn, Problem `decided_meanwhile`: of two reviewers the second sees what the first one said.
    """
    _check_texts(said)
    stream, record = locked(session, scope, record_id)
    rows = writes_of(session, [record.id])[record.id]
    by_id = {row.id: as_write(row) for row in rows}
    page = _page(by_id, basis)
    authors = authors_of(session, rows, scope)
    check_decision(said.verdict, said.reason.strip(), page, authors, scope.officer_id)
    in_force = session.get(DecisionRow, record.decision_id) if record.decision_id else None
    repeats = in_force is not None and _repeats(in_force, scope, said, page)
    if in_force is not None and repeats and not _is_news(session, record, in_force, shown):
        return in_force
    verdict = in_force.verdict if in_force is not None else WITHDRAWN
    if shown not in (None, record.decision_id or "") and verdict != said.verdict:
        raise Problem("decided_meanwhile")
    row = new_row(stream, record, scope, said.verdict)
    row.reason, row.fields = said.reason.strip(), sorted(said.fields)
    row.despite = _despite(record, said)
    if row.despite:
        row.reason = (said.despite or "").strip()
    row.basis, row.sides = page.ids, page.all_sides
    shift = store(session, stream, record, row, State.of(by_id.values()))
    if acted:
        acted.move(scope, stream.unit_id, shift)
    return row


def withdraw(
    session: Session,
    scope: Scope,
    record_id: str,
    decision_id: str | None = None,
    acted: Acted | None = None,
) -> DecisionRow:
    """Withdraw the decision shown on the page; the record waits again. Whoever may decide may withdraw.

    Sent again it is the same withdrawal. Raises Problem `no_decision` if there is none, or if another one is in force
    by now.
    """
    stream, record = locked(session, scope, record_id)
    if record.decision_id is None and (before := _own_withdrawal(session, scope, record_id, decision_id)):
        return before
    if record.decision_id is None or decision_id not in (None, record.decision_id):
        raise Problem("no_decision")
    rows = writes_of(session, [record.id])[record.id]
    if scope.officer_id in authors_of(session, rows, scope):
        raise Problem("own_record")
    row = new_row(stream, record, scope, WITHDRAWN)
    shift = store(session, stream, record, row, State.of(as_write(row) for row in rows))
    if acted:
        acted.move(scope, stream.unit_id, shift)
    return row


def authors_of(session: Session, rows: Sequence[WriteRow], scope: Scope) -> set[str]:
    """The writers. Raises Refused `code_maker` if the decider only counts as an author (SPEC D-6)."""
    authors = {row.officer_id for row in rows if not row.chosen}
    if scope.officer_id not in authors and scope.officer_id in code_makers(session, rows).values():
        raise Refused("code_maker")
    return authors


def _check_texts(said: Verdict) -> None:
    """Refuse texts that no database can hold or no phone could show."""
    for name, text in (("reason", said.reason), ("despite", said.despite or "")):
        if len(text) > REASON_LENGTH:
            raise Refused("too_long", name)
        if not is_well_formed(text):
            raise Refused("bad_text", name)
    if not all(is_well_formed(name) for name in said.fields):
        raise Refused("bad_request", "fields")


def locked(session: Session, scope: Scope, record_id: str) -> tuple[Stream, Record]:
    """The record and its stream, locked, for somebody who may decide on it. Raises Problem."""
    home = session.scalar(select(Record.stream_id).where(Record.id == record_id, is_activity()))
    if home is None:
        raise Problem("not_found")
    stream = streams.lock(session, [home])[home].stream
    if not scope.may_see(stream.unit_id):
        raise Problem("not_found")
    if not scope.may_decide(stream.unit_id, session.get_one(Campaign, stream.campaign_id)):
        raise Problem("forbidden")
    return stream, session.get_one(Record, record_id, populate_existing=True)


def _page(by_id: Mapping[str, Write], basis: Basis) -> State:
    """The state on the reviewer's screen. Ids that are no stored writes of this record and field are rejected."""
    fields: dict[str, tuple[Write, ...]] = {}
    for name, ids in basis.items():
        if any(id_ not in by_id or name not in by_id[id_].set for id_ in ids):
            raise Problem("bad_request", "basis")
        fields[name] = tuple(by_id[id_] for id_ in ids)
    if not fields:
        raise Problem("bad_request", "basis")
    return State(fields)


def _repeats(in_force: DecisionRow, scope: Scope, said: Verdict, page: State) -> bool:
    """True if the same person repeats the same verdict on the same page: a double click, or a resent form."""
    before = (in_force.officer_id, in_force.verdict, in_force.reason, in_force.fields, in_force.basis)
    reason = ((said.despite or "") if in_force.despite else said.reason).strip()
    return before == (scope.officer_id, said.verdict, reason, sorted(said.fields), page.ids)


def _is_news(session: Session, record: Record, in_force: DecisionRow, shown: str | None) -> bool:
    """True if who says it again decides anew: on the officer's answer, or on what was found since."""
    if shown != in_force.id:
        return False
    return readiness.of(record) is Readiness.FLAGGED or bool(replies.of(session, [in_force]))


def _own_withdrawal(session: Session, scope: Scope, record_id: str, decision_id: str | None) -> DecisionRow | None:
    """Return this person's withdrawal of that decision, if nobody has decided since."""
    rows = select(DecisionRow).where(DecisionRow.record_id == record_id).order_by(DecisionRow.position.desc()).limit(2)
    found = session.scalars(rows).all()
    if [row.id for row in found[1:]] != [decision_id]:
        return None
    return found[0] if (found[0].verdict, found[0].officer_id) == (WITHDRAWN, scope.officer_id) else None


def _despite(record: Record, said: Verdict) -> str | None:
    """Return what a record that is approved all the same is not ready of. Raises Refused `not_ready`."""
    now = readiness.before_approval(record)
    if said.verdict != "counted" or said.despite is None or now is Readiness.READY:
        return None
    if not said.despite.strip():
        raise Refused("not_ready", "despite")
    return now.value


def new_row(stream: Stream, record: Record, scope: Scope, verdict: str) -> DecisionRow:
    """Return a decision with the stream's next position and nothing else in it; only under the stream's lock."""
    return DecisionRow(
        id=new_id(),
        record_id=record.id,
        stream_id=stream.id,
        position=streams.next_position(stream),
        tag=new_id(),
        verdict=verdict,
        reason="",
        fields=[],
        basis={},
        sides={},
        officer_id=scope.officer_id,
        at=now_ms(),
    )


def put(
    session: Session,
    stream: Stream,
    record: Record,
    row: DecisionRow,
    state: State,
    totals: Totals,
    undone: DecisionRow | None = None,
) -> Shift:
    """Put a decision in force and log it; the caller saves the totals and flushes, once for several decisions.

    `undone`: the decision whose undoing this is (SPEC D-14).
    """
    session.add(row)
    record.last_position = row.position
    withdrawn = row.verdict == WITHDRAWN
    record.decision_id = None if withdrawn else row.id
    shift = projection.update(record, state, None if withdrawn else InForce(row.verdict, row.sides))
    totals.move(stream.id, shift)
    found = readiness.findings(session, record)
    if row.restates is None:
        row.hints = found
    readiness.decided(record, row, found)
    act, old = (Act.DECISION_UNDONE, {"verdict": undone.verdict}) if undone else (Act.DECIDED, None)
    new: Values = {"verdict": row.verdict, "unit": stream.unit_id, **({"state": row.despite} if row.despite else {})}
    log.append(session, act, ("record", record.id), old=old, new=new)
    return shift


def store(
    session: Session,
    stream: Stream,
    record: Record,
    row: DecisionRow,
    state: State,
    undone: DecisionRow | None = None,
) -> Shift:
    """Put one decision in force, log it and save the totals."""
    totals = Totals()
    shift = put(session, stream, record, row, state, totals, undone)
    totals.save(session)
    session.flush()
    return shift


def offered(session: Session, scope: Scope, records: Iterable[tuple[Record, State]]) -> dict[str, Added]:
    """By record: what approving it would add to its unit's figures. Without those that cannot be approved."""
    open_ones = [(record, state) for record, state in records if _may_be_counted(state)]
    if not open_ones:
        return {}
    homes = _homes(session, {record.stream_id for record, _ in open_ones})
    of_unit = _families(session, scope, homes)
    changes = {
        record.id: (
            record.stream_id,
            _change(scope, homes[record.stream_id][0], share_in(record).counted, if_counted(record.kind, state)),
        )
        for record, state in open_ones
    }
    every = {id_ for streams in of_unit.values() for id_ in streams}
    held = counted(session, scope, [one_of(Stream.id, every)], [change for _, change in changes.values()])
    known = {home: together(held[id_] for id_ in streams if id_ in held) for home, streams in of_unit.items()}
    return {id_: change.added_to(known[stream]) for id_, (stream, change) in changes.items()}


def streams_of_unit(session: Session, scope: Scope, homes: Collection[str]) -> dict[str, list[str]]:
    """By stream: all streams, in its campaign, of the unit that its unit has become today (SPEC L-6)."""
    return _families(session, scope, _homes(session, homes))


def _homes(session: Session, streams: Collection[str]) -> dict[str, tuple[str, str]]:
    """By stream: its unit and its campaign."""
    rows = session.execute(_PLACE.where(one_of(Stream.id, streams)))
    return {id_: (unit, campaign) for id_, unit, campaign in rows}


def _families(session: Session, scope: Scope, homes: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    own = {id_: (scope.today(unit), at) for id_, (unit, at) in homes.items()}
    family = merged_into(session, {unit for unit, _ in own.values()})
    those = _PLACE.where(one_of(Stream.unit_id, family), one_of(Stream.campaign_id, {at for _, at in own.values()}))
    of_unit = grouped(((scope.today(unit), at), id_) for id_, unit, at in session.execute(those))
    return {id_: of_unit[where] for id_, where in own.items()}


def of_waiting(scope: Scope, unit: str, amounts: Mapping[str, int], keys: Mapping[str, str] | None) -> Contribution:
    """The change of approving a record that nobody has decided on, from what is kept of it."""
    values = {code: {key: 1} for code, key in (keys or {}).items()}
    return _change(scope, unit, Contribution(), Contribution(amounts, values))


def _may_be_counted(state: State) -> bool:
    return state.submitted and not (state.hidden or state.conflicts or state.edited_while_deleted)


def _change(scope: Scope, unit: str, old: Contribution, new: Contribution) -> Contribution:
    today = scope.today(unit)
    return _with_units(today, new) - _with_units(today, old)


def _with_units(unit: str, share: Contribution) -> Contribution:
    """It with the figures that count units (F-8), of which a unit is a value."""
    units = {code: {unit: 1} for of, code in _UNITS.items() if share.amounts.get(of)}
    return Contribution(share.amounts, {**share.values, **units})


def counted(
    session: Session, scope: Scope, where: Sequence[Any], changes: Iterable[Contribution]
) -> dict[str, Contribution]:
    """By stream: how many counted records have each of the values that these changes are about."""
    about: dict[str, set[str]] = {}
    for change in changes:
        for code, values in change.values.items():
            about.setdefault(code, set()).update(values)
    keys = {key for code, values in about.items() if code not in _UNITS.values() for key in values}
    found: dict[str, dict[str, dict[str, int]]] = {}
    if keys:
        rows = select(Stream.id, TallyKey.figure, TallyKey.key, TallyKey.records)
        rows = rows.join(TallyKey, TallyKey.stream_id == Stream.id).where(*where, TallyKey.bucket == COUNTED)
        for stream, code, key, records in session.execute(rows.where(one_of(TallyKey.key, keys))):
            found.setdefault(stream, {}).setdefault(code, {})[key] = records
    if about.keys() & set(_UNITS.values()):
        units = select(Stream.id, Stream.unit_id, Tally.figure, Tally.records)
        units = units.join(Tally, Tally.stream_id == Stream.id).where(*where, Tally.bucket == COUNTED)
        for stream, unit, of, records in session.execute(units.where(Tally.figure.in_(_UNITS), Tally.records > 0)):
            found.setdefault(stream, {})[_UNITS[of]] = {scope.today(unit): records}
    return {stream: Contribution({}, values) for stream, values in found.items()}
