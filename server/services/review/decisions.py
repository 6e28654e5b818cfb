"""Decide on a record and withdraw a decision (SPEC D-1 to D-6).

A decision is bound to the page it was made from: its basis is the survivors on the reviewer's screen. So whatever
arrived meanwhile makes the record amended at once and is never approved unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import Campaign, DecisionRow, Record, Stream, WriteRow
from server.services.audit import log
from server.services.audit.acts import Act, Values
from server.services.records import projection, readiness, streams
from server.services.records.authors import code_makers
from server.services.records.projection import Shift, Totals, is_activity
from server.services.records.readiness import Readiness
from server.services.records.stored import as_write, writes_of
from server.services.review import adding, replies
from server.services.units.scope import Scope
from sync.errors import Refused
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


def decide(
    session: Session,
    scope: Scope,
    record_id: str,
    said: Verdict,
    basis: Basis,
    shown: str | None = None,
    acted: adding.Acted | None = None,
) -> DecisionRow:
    """Store a decision on the page that `basis` describes. Raises Refused (D-4, D-6) or Problem.

    `acted` takes in what it adds to the counted figures (F-31).

    `shown`: the decision that was on the page, empty if there was none. If another verdict is in force by now, Problem
    `decided_meanwhile`: of two reviewers the second sees what the first one said.
    """
    _check_texts(said)
    stream, record = locked(session, scope, record_id)
    rows = writes_of(session, [record.id])[record.id]
    by_id = {row.id: as_write(row) for row in rows}
    page = _page(by_id, basis)
    authors = authors_of(session, rows, scope)
    check_decision(said.verdict, said.reason.strip(), page, authors, scope.officer_id)
    standing = session.get(DecisionRow, record.decision_id) if record.decision_id else None
    repeats = standing is not None and _repeats(standing, scope, said, page)
    if standing is not None and repeats and not _is_news(session, record, standing, shown):
        return standing
    if standing is not None and shown not in (None, standing.id) and standing.verdict != said.verdict:
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
    acted: adding.Acted | None = None,
) -> DecisionRow:
    """Withdraw the decision shown on the page; the record waits again. Whoever may decide may withdraw.

    Raises Problem `no_decision` if there is none, or if another one is in force by now.
    """
    stream, record = locked(session, scope, record_id)
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


def _repeats(standing: DecisionRow, scope: Scope, said: Verdict, page: State) -> bool:
    """True if the same person repeats the same verdict on the same page: a double click, or a resent form."""
    before = (standing.officer_id, standing.verdict, standing.reason, standing.fields, standing.basis)
    reason = ((said.despite or "") if standing.despite else said.reason).strip()
    return before == (scope.officer_id, said.verdict, reason, sorted(said.fields), page.ids)


def _is_news(session: Session, record: Record, standing: DecisionRow, shown: str | None) -> bool:
    """True if who says it again decides anew: on the officer's answer, or on what was found since."""
    if shown != standing.id:
        return False
    return readiness.of(record) is Readiness.FLAGGED or bool(replies.of(session, [standing]))


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
