"""Give one answer to a yes or no (SPEC F-25, F-36) on many records of a list in one act, and take the whole act back.

Each record gets an ordinary write by the person who answers, which has seen what the page showed. Like approving many
(bulk.py), the page carries the records that it offered and the position of each stream: no other gets the answer, and
one that moved since is left.

Left out is also what asks for a look of its own: a record in a conflict, or deleted; one that was returned, for an
answer would look as if it had been mended; one that was decided not to count. A counted record becomes amended.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import refuse_if, required
from server.models import BulkAct, Campaign, Record, Stream, WriteRow
from server.services.audit import log
from server.services.audit.acts import Act, Values
from server.services.records import streams
from server.services.records.journal import accept
from server.services.records.stored import Author, as_write, writes_of
from server.services.review import bulk, messages, queue_query
from server.services.review.bulk import MOST, Bounds, Wish
from server.services.review.results import Results
from server.services.review.results_filter import ANSWERS, ResultFilter
from server.services.units.scope import Scope
from sync.record import State
from sync.registry import KINDS, PERSON, Field
from sync.text import is_id
from sync.values import Value

YES, NO = "answer_yes", "answer_no"
WHICH: Final = {"yes": YES, "no": NO}
LEFT: Final = ("conflicted", "returned", "not_counted", "deleted", "foreign")
"""Why records of the list are left out; `foreign`: of a unit that this person does not record for."""


@dataclass(frozen=True, slots=True)
class AnswerOffer:
    """What one answer would write, and the streams' positions now. `units`: by id, how many of which of ANSWERS.

    `counted`: of these, approved ones, which are then approved anew. `mine`: of units that this person decides on, who
    may not decide on what they wrote (SPEC D-6). `late`: sealed, or of a campaign that ended.
    """

    question: Field
    bounds: Bounds = field(default_factory=dict)
    offered: Mapping[str, list[int]] = field(default_factory=dict)
    units: Mapping[str, Counter[str]] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    mine: int = 0
    late: int = 0
    is_whole: bool = True
    """The list is short enough for one act."""

    @property
    def of(self) -> Counter[str]:
        """How many of which of ANSWERS in all units."""
        return sum(self.units.values(), Counter())

    @property
    def as_of(self) -> str:
        """The bounds as a form carries them."""
        return bulk.bounds_text(self.bounds)

    @property
    def named(self) -> str:
        """The records of the answer as the form carries them."""
        return bulk.offered_text(self.offered)


def asked_field(kind: str) -> Field | None:
    """Return the kind's yes or no that has three answers; None if it has none."""
    known = KINDS.get(kind)
    return next((each for each in known.fields if each.said_by and not each.retired), None) if known else None


def offer(session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter) -> AnswerOffer:
    """Return what may be answered at once in this list. Raises Problem for a list of no kind or no such answer."""
    question = _question(campaign, asked)
    rows = _rows(session, scope, campaign, asked)
    if len(rows) > MOST:
        return AnswerOffer(question, is_whole=False)
    units: dict[str, Counter[str]] = {}
    left, counted, mine, late = Counter[str](), 0, 0, 0
    bounds: dict[str, int] = {}
    offered: dict[str, list[int]] = {}
    for record, stream, answer in rows:
        if why := _left_out(scope, record, stream):
            left[why] += 1
            continue
        units.setdefault(stream.unit_id, Counter())[answer] += 1
        bounds[stream.id] = stream.position
        offered.setdefault(stream.id, []).append(record.first_position)
        counted += record.bucket == "counted"
        mine += scope.may_decide(stream.unit_id, campaign)
        late += stream.sealed is not None or stream.closed is not None
    return AnswerOffer(question, bounds, offered, units, left, counted, mine, late)


def answer(session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter, wish: Wish) -> BulkAct:
    """Write the answer to each record that the page offered and that has not moved since. Raises Problem."""
    refuse_if(not is_id(wish.id) or wish.which not in WHICH.values(), "bad_request")
    question = _question(campaign, asked)
    streams.lock(session, wish.bounds)
    made = session.get(BulkAct, wish.id)
    if made is not None:
        return bulk.again(made, scope, WHICH.values())
    rows = _rows(session, scope, campaign, asked)
    refuse_if(len(rows) > MOST, "bad_request")
    open_ = [record for record, stream, _ in rows if not _left_out(scope, record, stream)]
    found = [record for record in open_ if wish.names(record) and wish.has_seen(record)]
    arrived = sum(not wish.names(record) for record in open_)
    act, is_yes = bulk.begun(scope, campaign, wish), wish.which == YES
    said: dict[str, Value] = {question.name: is_yes, question.said_by or "": PERSON}
    raws = [_raw(act.id, act.at, record, said) for record in found]
    bulk.end(session, act, wish, _stored(session, scope, raws), arrived)
    new: Values = {"amount": act.done, "status": "yes" if is_yes else "no", **queue_query.values(scope, asked.cut)}
    log.append(session, Act.ANSWERED_TOGETHER, ("campaign", campaign.id), new=new)
    return act


def read(session: Session, scope: Scope, act_id: str) -> BulkAct | None:
    """Return such an act of this person; None for any other."""
    return bulk.read(session, scope, act_id, WHICH.values())


def of_today(session: Session, scope: Scope, campaign_id: str) -> list[BulkAct]:
    """Return this person's answers to many of today in a campaign that can be taken back, the newest first."""
    return bulk.of_today(session, scope, campaign_id, WHICH.values())


def undo(session: Session, scope: Scope, act_id: str) -> BulkAct:
    """Write back to each record what it said before; a second time changes nothing.

    A record that somebody wrote to or decided on since stays as it is: `done - undone` of the answer. Raises Problem
    `not_found` for an act of somebody else, `forbidden` if this person records there no more.
    """
    act = required(read(session, scope, act_id))
    locked = streams.lock(session, {row.stream_id for row in _written(session, act)})
    session.refresh(act, with_for_update=True)
    if act.undone_at is not None:
        return act
    refuse_if(not all(scope.may_write(each.stream.unit_id) for each in locked.values()), "forbidden")
    made = {row.record_id: row for row in _written(session, act)}
    query = select(Record).join(WriteRow, WriteRow.record_id == Record.id).where(messages.unmoved(WriteRow.position))
    query = query.where(WriteRow.id.in_([row.id for row in made.values()]))
    last = session.scalars(query.execution_options(populate_existing=True)).all()
    written, at = writes_of(session, [record.id for record in last]), now_ms()
    raws = []
    for record in last:
        before = State.of(as_write(row) for row in written[record.id] if row.id != made[record.id].id)
        raws.append(_raw(f"{act.id}undo", at, record, {name: before.value(name) for name in made[record.id].set}))
    act.undone_at, act.undone = at, _stored(session, scope, raws)
    session.flush()
    units = {each.stream.unit_id for each in locked.values()}
    new: Values = {"amount": act.undone, **({"unit": units.pop()} if len(units) == 1 else {})}
    log.append(session, Act.ANSWERS_UNDONE, ("campaign", act.campaign_id), new=new)
    return act


def _question(campaign: Campaign, asked: ResultFilter) -> Field:
    question = required(asked_field(asked.cut.kind), "bad_request")
    refuse_if(asked.answer not in ANSWERS, "bad_request")
    refuse_if(campaign.status == "archived", "archived")
    return question


def _rows(session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter) -> Sequence[Any]:
    return Results(session, scope, campaign, asked).unanswered(MOST + 1)


def _left_out(scope: Scope, record: Record, stream: Stream) -> str:
    """Return why, one of LEFT; empty if it gets the answer."""
    if record.hidden:
        return "deleted"
    if record.conflicted:
        return "conflicted"
    if record.state in ("returned", "not_counted"):
        return record.state
    return "" if scope.may_write(stream.unit_id) else "foreign"


def _raw(act_id: str, at: int, record: Record, said: Mapping[str, Value]) -> dict[str, Any]:
    seen = sorted({id_ for name in said for id_ in record.survivors.get(name, ())})
    return {"id": _write_id(act_id, record.id), "at": at, "record": record.id, "set": dict(said), "seen": seen}


def _write_id(act_id: str, record_id: str) -> str:
    """The id of an act's write on a record. By it the writes of an act are known, without a column for that."""
    return urlsafe_b64encode(hashlib.sha256(f"{act_id}{record_id}".encode()).digest()[:12]).decode()


def _stored(session: Session, scope: Scope, raws: Sequence[object]) -> int:
    return sum(result.result == "stored" for result in accept(session, Author(scope), raws))


def _written(session: Session, act: BulkAct) -> Iterator[WriteRow]:
    theirs = select(WriteRow).join(Stream, Stream.id == WriteRow.stream_id)
    theirs = theirs.where(WriteRow.officer_id == act.officer_id, WriteRow.at == act.at)
    for row in session.scalars(theirs.where(Stream.campaign_id == act.campaign_id)):
        if row.id == _write_id(act.id, row.record_id):
            yield row
