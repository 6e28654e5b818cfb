"""Records as lists show them: the state, who wrote, a photo, and what changed since the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import DecisionRow, Message, Officer, Record, Reply
from server.services.photos import photo_index
from server.services.records.stored import as_write, code_makers, writes_of
from server.services.review import messages, replies
from server.services.review.changes import Change, changes_since
from sync.protocol import PHOTO_KEY_LENGTH
from sync.record import State


@dataclass(frozen=True, slots=True)
class Brief:
    """A record as shown in a list; `thumb`: key of its first photo that can be shown.

    `refused`: it has photos, and each was refused.

    An amended record also has the decision in force and the changes since. `reply`: the answer to the return in force,
    or a question that nobody answered.
    """

    record: Record
    state: State
    by: str
    authors: frozenset[str]
    thumb: str | None
    refused: bool
    decision: DecisionRow | None
    changes: list[Change]
    reply: Reply | Message | None


def briefs(session: Session, records: Sequence[Record]) -> list[Brief]:
    """The records of one page, read together."""
    ids = [record.id for record in records]
    rows = writes_of(session, ids)
    people = {written[-1].officer_id for written in rows.values()}
    names = dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(people))).all())
    makers = code_makers(session, (row for written in rows.values() for row in written))
    shown = photo_index.shown_in_lists(session, ids)
    shown_of = [record.decision_id for record in records if record.state in ("amended", "returned")]
    rows_of = session.scalars(select(DecisionRow).where(DecisionRow.id.in_(shown_of))) if shown_of else ()
    decided = {row.record_id: row for row in rows_of}
    answers, questions = replies.of(session, decided.values()), messages.open_questions(session, ids)
    found = []
    for record in records:
        written = rows[record.id]
        state = State.of(as_write(row) for row in written)
        came = {str(value["sha256"]): shown.get((record.id, str(value["sha256"]))) for value in state.photos.values()}
        thumb = next((hash_[:PHOTO_KEY_LENGTH] for hash_, good in came.items() if good), None)
        refused = bool(came) and all(good is False for good in came.values())
        by = names[written[-1].officer_id]
        authors = frozenset(
            {row.officer_id for row in written} | {makers[row.id] for row in written if row.id in makers}
        )
        decision = decided.get(record.id) if record.state == "amended" else None
        changes, reply = (
            changes_since(state, decision),
            questions.get(record.id) or answers.get(record.decision_id or ""),
        )
        found.append(Brief(record, state, by, authors, thumb, refused, decision, changes, reply))
    return found
