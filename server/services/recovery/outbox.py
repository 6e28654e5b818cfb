"""Take in what a client's outbox holds: writes, answers to returns, messages and confirmed figures (SPEC X-62).

Each is taken once, whatever becomes of the others, and may come again after a restore (B-19).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.problem_details import Problem, refuse_if
from server.core.unavailable import is_unavailable
from server.models import Message, Record, Reply, Seal, Stream, Unit
from server.services.continuity import marks, revocations
from server.services.figures import seals
from server.services.records import journal, streams
from server.services.records.journal import accept
from server.services.records.stored import Author, Result
from server.services.recovery import restores
from server.services.review import messages, replies
from server.services.review.messages import NewMessage
from server.services.review.replies import NewReply
from sync.errors import Refused
from sync.protocol import INTEGER_MAX
from sync.record import PURGED
from sync.text import is_id

log = logging.getLogger(__name__)

REPLY, MESSAGE, SEAL = "reply", "message", "seal"
SHOWN_MOST = 100
"""Streams of one unit in a campaign: its own, and those of units that merged into it."""


def parts(raws: Sequence[object], most: int) -> Iterator[range]:
    """The transactions in which these are stored, in their order: at most so many writes, or one other entry.

    What locks a stream after others were locked could wait for ever (SPEC C-1).
    """
    start = 0
    for nth, raw in enumerate(raws):
        alone = _kind(raw) is not None
        if nth > start and (alone or nth - start == most):
            yield range(start, nth)
            start = nth
        if alone:
            yield range(nth, nth + 1)
            start = nth + 1
    if start < len(raws) or not raws:
        yield range(start, len(raws))


def take(session: Session, author: Author, raws: Sequence[object]) -> list[Result]:
    """Store one of these parts; returns one result for each entry."""
    if len(raws) == 1 and (kind := _kind(raws[0])) is not None:
        found = [_other(session, author, kind, raws[0])]
    else:
        found = accept(session, author, raws)
        back = [each for raw, each in zip(raws, found, strict=True) if each.new and _is_put_back(raw)]
        if back and marks.lately(session):
            seals.extend(session, [(each.unit, each.campaign, each.position) for each in back])
    return restores.patient(session, raws, found)


def _kind(raw: object) -> str | None:
    """`reply`, `message` or `seal`; None for a write, and for whatever is judged as one."""
    if not isinstance(raw, dict) or "set" in raw or not is_id(raw.get("id")):
        return None
    return next((kind for kind in (REPLY, MESSAGE, SEAL) if isinstance(raw.get(kind), dict)), None)


def _is_put_back(raw: object) -> bool:
    return isinstance(raw, dict) and raw.get("received") is not None


def _other(session: Session, author: Author, kind: str, raw: Any) -> Result:
    """Take it as a client could not tell it by itself: what it changed is in the changes (`altered`, X-26)."""
    id_, body = str(raw["id"]), raw[kind]
    try:
        with session.begin_nested():
            received = journal.received_moment(session, raw.get("received"))
            if kind == REPLY:
                return _reply(session, author, id_, body, received)
            if kind == MESSAGE:
                return _message(session, author, id_, body, received)
            return _seal(session, author, id_, body, received, ancient=received not in (None, raw.get("received")))
    except (Problem, Refused) as refusal:
        result = "later" if refusal.code == "create_missing" else "refused"
        return Result(id_, result, code=refusal.code, field=refusal.field)
    except SQLAlchemyError:
        raise
    except Exception as error:
        if is_unavailable(error):
            raise
        return _failed(id_, error)


def _failed(id_: str, error: Exception) -> Result:
    log.error("entry %s failed: %s", id_, type(error).__name__)  # its message may hold what was typed
    return Result(id_, "later", code="internal")


def _reply(session: Session, author: Author, id_: str, body: Mapping[str, Any], received: int | None) -> Result:
    record_id, decision, at = body.get("record"), body.get("decision"), body.get("at")
    if not (is_id(record_id) and is_id(decision) and isinstance(body.get("text"), str) and _is_moment(at)):
        raise Refused("bad_write")
    _check_not_purged(session, author, str(record_id))
    if session.get(Record, record_id) is None:
        raise Problem("create_missing" if marks.lately(session) else "no_decision")
    known = session.get(Reply, id_) is not None
    new = NewReply(id_, str(decision), body["text"], at)
    row = replies.give(session, author.scope, author.device_id, str(record_id), new, received)
    return _said(session, id_, row, new=row.id == id_ and not known)


def _message(session: Session, author: Author, id_: str, body: Mapping[str, Any], received: int | None) -> Result:
    record_id, at = body.get("record"), body.get("at")
    if not (is_id(record_id) and isinstance(body.get("text"), str) and _is_moment(at)):
        raise Refused("bad_write")
    _check_not_purged(session, author, str(record_id))
    # Its create may wait, as for a day to come (SPEC F-22).
    refuse_if(session.get(Record, record_id) is None, "create_missing")
    known = session.get(Message, id_) is not None
    new = NewMessage(id_, body["text"], at)
    row = messages.give(session, author.scope, author.device_id, str(record_id), new, received)
    return _said(session, id_, row, new=not known)


def _said(session: Session, id_: str, row: Reply | Message, *, new: bool) -> Result:
    record, stream = session.get_one(Record, row.record_id), session.get_one(Stream, row.stream_id)
    number = streams.number_text(record.kind, record.number)
    home = stream.unit_id, stream.campaign_id
    return Result(id_, "stored", *home, row.position, number, received=row.received_at, new=new, altered=True)


def _check_not_purged(session: Session, author: Author, record_id: str) -> None:
    """Raise Refused for an answer to a record that was purged (L-11), as for its writes, also if a restore lost it."""
    record = session.get(Record, record_id)
    if record is None:
        unit = revocations.purged(session).get(record_id)
    else:
        unit = session.get_one(Stream, record.stream_id).unit_id if record.state == PURGED else None
    if unit is not None:
        theirs = author.scope.may_write(unit) or session.get(Unit, unit) is None
        raise Refused("purged" if theirs else "foreign_unit")


def _seal(
    session: Session, author: Author, id_: str, body: Mapping[str, Any], received: int | None, *, ancient: bool
) -> Result:
    """`ancient`: first received more than 30 days before the restore, so no restore lost it."""
    unit, campaign, shown = body.get("unit"), body.get("campaign"), body.get("shown")
    if not (is_id(unit) and is_id(campaign) and isinstance(shown, dict) and len(shown) <= SHOWN_MOST):
        raise Refused("bad_write")
    if not all(_is_moment(position) for position in shown.values()):
        raise Refused("bad_write")
    signers = seals.Signers.read(body)
    place = str(unit), str(campaign)
    if not session.scalar(select(Stream.id).where(Stream.unit_id == unit, Stream.campaign_id == campaign)):
        raise Refused("unknown_campaign")
    if not author.scope.is_member(place[0]):
        raise Refused("foreign_unit")
    known = session.get(Seal, id_)
    if known is None and ancient:  # it sealed nothing: what others had sealed before stood, or was taken back since
        return Result(id_, "stored", *place, received=received or 0, altered=True)
    if known is None and received is None:
        _check_seen(session, place, shown, body)
    at = seals.give(session, author.scope, *place, shown, seals.SealAct(id_, received, signers))
    if known is None:
        marks.soon(session)  # no cursor tells of it, so a copy without it would not be noticed
    return Result(id_, "stored", *place, received=at, new=known is None, altered=True)


def _check_seen(session: Session, place: tuple[str, str], shown: Mapping[str, int], body: Mapping[str, Any]) -> None:
    """Raise Problem for figures that are not what the officer saw (SPEC X-63, X-65), or of nothing by mistake."""
    moved = body.get("current") is True and seals.has_moved(session, *place, shown)
    refuse_if(moved or not seals.is_of_today(session, shown, body.get("basis")), "seal_again")
    refuse_if(body.get("empty") is not True and seals.is_empty(session, *place), "not_submitted")


def _is_moment(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= INTEGER_MAX
