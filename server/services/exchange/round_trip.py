"""One round trip of a client: push its writes, pull changes (SPEC X-1).

The last push of each device is kept in the transaction that stores its writes, so that a client that lost the answer
can ask for it (SPEC X-15, X-16): it is there if and only if they are.

Short transactions: the first ones commit the push, durable before anything is answered (G1), with at most `PART`
writes in each, so that nobody waits long behind a large one (X-54); the last one reads one snapshot. When streamed,
each block is read in its own snapshot, and no connection to the database is held while bytes go out (X-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, bindparam, exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import merge_all
from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import Device, Officer, Push
from server.services.access import devices
from server.services.access.devices import Budget, Caller, Owed, Spent
from server.services.continuity import marks
from server.services.continuity.marks import Looked, WireMark
from server.services.exchange import catalog, feed, wire
from server.services.exchange.catalog import Etags
from server.services.exchange.feed import Own, Room
from server.services.exchange.wire import AnswerHead, AskedPush, FeedPage, Question, note_held_work
from server.services.photos import photo_index
from server.services.records import journal
from server.services.records.stored import Author, LastRestore, Result
from server.services.records.streams import Cursor
from server.services.recovery import missing, outbox, restores
from server.services.units.scope import Scope, streams_in_scope
from sync.protocol import BLOCK_BYTES, BLOCK_RECORDS, MINIMUM_APP, PAGE_BYTES, RECORDS_PER_PAGE, pack_runs


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The results of a push as runs, the ids of the writes it stored, and when (ms)."""

    runs: list[dict[str, Any]]
    new: list[str]
    at: int


def keep_answer(session: Session, device_id: str, push: str, results: Sequence[Result]) -> None:
    """Keep this push in place of the previous one."""
    kept_answer = {
        "device_id": device_id,
        "push": push,
        "runs": pack_runs([wire.result(each) for each in results]),
        "new": [result.id for result in results if result.new and not result.altered],
        "at": now_ms(),
    }
    merge_all(session, Push, [kept_answer])


def kept_answer(session: Session, device_id: str, push: str) -> KeptAnswer | None:
    """The push with this id, if it is the one kept for this device."""
    found = session.execute(
        select(Push.runs, Push.new, Push.at).where(Push.device_id == device_id, Push.push == push)
    ).first()
    return None if found is None else KeptAnswer(found.runs, found.new, found.at)


SEEN_EVERY_MS = 5 * 60 * 1000
PART = 200
"""Most writes in one transaction, about 0.1 s. A phone sends about 100 in one push (X-18)."""
# Built once: building it costs more than running it.
_TOUCHED = devices.COUNTING.where(
    Device.revoked_at.is_(None), exists().where(Officer.id == Device.officer_id, Officer.disabled_at.is_(None))
).returning(Device.replaced_at, *(each.label(None) for each in journal.LAST))
_WENT_ON = _TOUCHED.values(quota_pushing_until=bindparam("pushing", type_=BigInteger))
_LEASE = Device.quota_pushing_until - bindparam("now", type_=BigInteger)
_BEGAN = _WENT_ON.where(~_LEASE.between(1, devices.PUSHING_MS))
"""Nothing while another push of the device is under way, at any host. A longer lease is of a clock set back since."""
_BEGAN_ALONE = _BEGAN.where(func.pg_try_advisory_xact_lock(bindparam("key", type_=BigInteger)))
"""On PostgreSQL also nothing, at once, while another one holds the row; SQLite has one writer anyway."""


@dataclass(frozen=True, slots=True)
class Server:
    """What an exchange needs besides the database. `tag_keys`: the keys for cursor tags, newest first."""

    blobs: Blobs
    keyring: Keyring
    tag_keys: tuple[bytes, ...]
    budget: Budget
    etags: Etags = field(default_factory=Etags)


def exchange(caller: Caller, question: Question, server: Server) -> tuple[AnswerHead, FeedPage]:
    """Store the writes, then answer with one page."""
    head, page, _ = _begin(caller, question, server, Room(RECORDS_PER_PAGE, PAGE_BYTES))
    return head, _given(page, question, head, server)


def streamed(caller: Caller, question: Question, server: Server) -> tuple[AnswerHead, Iterator[FeedPage]]:
    """Store the writes, then answer with everything, block by block. Blocks are read as they are requested."""
    head, first, own = _begin(caller, question, server, Room(BLOCK_RECORDS, BLOCK_BYTES))
    return head, (_given(page, question, head, server) for page in _blocks(caller, question, own, first))


def _given(page: FeedPage, question: Question, head: AnswerHead, server: Server) -> FeedPage:
    """The page with cursors that only this server can issue.

    Too old an app gets its own cursors back unchecked (V-1). Tagging them would make them genuine, whoever made them.
    """
    if question.app < MINIMUM_APP:
        return page
    return replace(page, cursors=[cursor.given(server.tag_keys, head.restored) for cursor in page.cursors])


def _begin(caller: Caller, question: Question, server: Server, room: Room) -> tuple[AnswerHead, FeedPage, Own]:
    """Begin an answer: the head, the first page, and the client's own writes, which pages leave out (X-9)."""
    last = marks.last(db.engine)  # before any snapshot
    results = _store(caller, question, server.budget)
    with reading() as session:
        if not question.writes:  # else it was checked behind its lock, a moment ago
            _check_still_welcome(session, caller)
        asked = catalog.asked(caller.officer_id, caller.device_id)
        found, stamp = marks.look_beside(session, last, question.mark, catalog.STAMP, asked)
        head, own, last_own = _head(session, caller, question, results, server, found.restored, stamp)
        page = _page(session, caller, question, question.cursors, own, room)
        looked_at = page.cursors if question.app >= MINIMUM_APP else ()  # else they came back as they were sent (V-1)
        unknown = feed.unknown(session, question.cursors, looked_at)
    if head.photos:
        head = replace(head, photos=photo_index.there(head.photos, server.blobs))
    phone = restores.PhoneKnows(question.restored, question.mark)
    proof = restores.proof(found, last, phone, unknown, server.tag_keys)
    head = _restored(caller, question, head, server.blobs, proof)
    return _marked(head, question, found, last_own, server), page, own


def _marked(head: AnswerHead, question: Question, found: Looked, own: WireMark | None, server: Server) -> AnswerHead:
    """The head with the newest mark, unless the client holds it as it would be issued now (B-31, B-32)."""
    key, sent = server.tag_keys[0], question.mark
    held = sent if sent is not None and found.holds and sent.is_genuine([key], head.restored) else None
    # Of one second an own write is the last, and of two marks the other one than the client's.
    last = held is not None and (held.of_write or (found.newest is not None and held.value == found.newest.value))
    these = [each for each in ((found.newest, held) if last else (held, found.newest)) if each] + ([own] if own else [])
    newest = max(reversed(these), key=lambda each: each.second, default=None)
    if newest is None or newest is held or question.ask is not None:
        return head
    return replace(head, mark=newest.given(key, head.restored))


def _blocks(caller: Caller, question: Question, own: Own, page: FeedPage) -> Iterator[FeedPage]:
    """Yield the pages as blocks; skip pages that say nothing because they only hold the client's own writes."""
    held = question.cursors
    if _is_needed(page, held):
        yield page
        held = page.cursors
    while page.more:
        with reading() as session:
            _check_still_welcome(session, caller)
            room = Room(BLOCK_RECORDS, BLOCK_BYTES)
            page = _page(session, caller, question, page.cursors, own, room)
        if _is_needed(page, held):
            yield page
            held = page.cursors


def _is_needed(page: FeedPage, held: Sequence[Cursor]) -> bool:
    """Return True if this page must be sent. `held`: the client's cursors.

    The next page continues from its cursors. So the client needs them where a stream begins anew (C-4), and where it
    came to its end: that is the floor of later changes (C-2).
    """
    floors = {(cursor.unit, cursor.campaign): cursor.floor for cursor in held}
    ended = any(cursor.reset or cursor.floor > floors.get((cursor.unit, cursor.campaign), 0) for cursor in page.cursors)
    return bool(page.changes) or not page.more or ended


def _restored(caller: Caller, question: Question, head: AnswerHead, blobs: Blobs, proof: int | None) -> AnswerHead:
    """B-1, B-3: note a proven restore, and the records that the client knows to exist."""
    if proof is None and (head.restored is None or not question.known):
        return head
    with writing() as session:
        last = head.restored
        if proof is not None:
            last = restores.notice(session, caller.device_id, blobs, seen=head.restored, after=proof)
        taken = missing.tell(
            session, Scope(session, caller.officer_id, stands_in=False), caller.device_id, question.known
        )
    return replace(head, restored=last, known=taken if question.known else None)


def _check_still_welcome(session: Session, caller: Caller) -> None:
    """Raise Problem if the caller was revoked: a body or stream can take minutes, a revocation is at once (L-7)."""
    if devices.is_replaced(session, caller.device_id) != caller.replaced:
        raise devices.shut_out()


def _own(writes: Sequence[object], results: Sequence[Result]) -> Own:
    """The writes to leave out of the changes: those stored exactly as they were sent."""
    both = zip(writes, results, strict=True)
    stored = [(write, result) for write, result in both if result.new and not result.altered]
    positions: dict[tuple[str, str], list[int]] = {}
    for write, result in stored:
        places = positions.setdefault((result.unit, result.campaign), [])
        places.append(result.position if _makes(write) else 0)
    made = {place: range(min(taken), max(taken) + 1) for place, taken in positions.items()}
    whole = {place: span for place, span in made.items() if len(span) == len(positions[place]) and 0 not in span}
    return Own({result.id for _, result in stored}, whole)


def _makes(write: object) -> bool:
    """True if the write creates a record (W-2)."""
    return isinstance(write, dict) and write.get("record", write["id"]) == write["id"]


def _page(  # all of X-1's keys, in one place
    session: Session,
    caller: Caller,
    question: Question,
    cursors: Sequence[Cursor],
    own: Own,
    room: Room,
) -> FeedPage:
    """The next page; none for who only writes or is set aside (X-60, X-23, X-44), no changes for too old an app."""
    streams = [] if caller.set_aside or not question.pull else streams_in_scope(session, caller.officer_id)
    if question.app < MINIMUM_APP:
        return feed.unmoved(streams, cursors)
    return feed.since(session, streams, cursors, own, room)


def _head(  # all of X-1's keys, in one place
    session: Session,
    caller: Caller,
    question: Question,
    results: list[Result],
    server: Server,
    restored: int | None,
    stamp: Sequence[Any],
) -> tuple[AnswerHead, Own, WireMark | None]:
    """The head, the writes that changes leave out (X-9), and the last one that was stored."""
    own, now = _own(question.writes, results), now_ms()
    asked, stored = None, [result.id for result in results if result.new and not result.altered]
    if question.ask is not None:
        kept = kept_answer(session, caller.device_id, question.ask)
        asked = AskedPush(kept.runs, kept.at) if kept else AskedPush(None)
        own = Own(kept.new if kept else ())
    scope = cache(lambda: Scope(session, caller.officer_id, stands_in=False))  # most exchanges do not need it
    held, photos = scope().held_units() if question.photos else [], question.photos
    states = photo_index.states(session, caller.officer_id, held, photos) if photos else []
    etag = server.etags.of(session, scope, caller.device_id, server.keyring, stamp)
    last = WireMark(stored[-1], now, of_write=True) if stored else None
    head = AnswerHead(results, asked, states, etag, now, MINIMUM_APP, restored, caller.set_aside, caller.idle)
    return head, own, last


def _store(caller: Caller, question: Question, budget: Budget) -> list[Result]:
    if question.takes_the_lock:
        with devices.one_push(caller.device_id):
            return _store_parts(caller, question, budget)
    stale = now_ms() - caller.seen_at > SEEN_EVERY_MS
    news = question.held is not None and question.held != caller.held
    if stale or news or devices.owed(caller.device_id).ms >= devices.BOOK_MS:
        _store_parts(caller, question, budget)
    return []


def _store_parts(caller: Caller, question: Question, budget: Budget) -> list[Result]:
    """Store the writes, `PART` in a transaction; the last one keeps the results of all of them (X-15)."""
    results: list[Result] = []
    lease, excess = 0, None
    spans = list(outbox.parts(question.writes, PART))
    try:
        for nth, span in enumerate(spans):
            last = nth == len(spans) - 1
            part = _Part(span, last, 0 if last else now_ms() + devices.PUSHING_MS)
            excess = _store_part(caller, question, budget, part, results)
            lease = part.lease
            if excess is not None:
                break
    except BaseException:
        _set_free(caller.device_id, lease)
        raise
    if excess is not None:
        _set_free(caller.device_id, lease)
        raise excess
    return results


def _store_part(
    caller: Caller, question: Question, budget: Budget, part: _Part, results: list[Result]
) -> Problem | None:
    """Store one part and add its results. Returns the error to answer with if the device has sent too much."""
    writes, owed = question.writes[part.span.start : part.span.stop], devices.owed(caller.device_id)
    with writing(caller.device_id) as session:
        # First, because it locks the device: pushes of one device run one after the other, the later one is kept.
        excess, last_restore = _touch(session, caller, question, budget, owed, part)
        if excess is not None:
            return excess  # and it is counted
        scope = Scope(session, caller.officer_id, grace=True, roles=caller.roles)
        author = Author(scope, caller.device_id, question.app, last_restore)
        results += outbox.take(session, author, writes)
        if part.last and question.push is not None and question.writes:
            keep_answer(session, caller.device_id, question.push, results)
    devices.booked(caller.device_id, owed)
    return None


def _set_free(device_id: str, lease: int) -> None:
    """End the lease of a push that ended between its parts, so that it may come again at once."""
    its = update(Device).where(Device.id == device_id, Device.quota_pushing_until == lease)
    if lease:
        with suppress(Problem, SQLAlchemyError), writing() as session:  # if that fails too, the lease runs out
            session.execute(its.values(quota_pushing_until=0))


@dataclass(frozen=True, slots=True)
class _Part:
    """One transaction of a push. `lease`: until when the device's other pushes wait for the next one; 0 after it."""

    span: range
    last: bool
    lease: int

    @property
    def first(self) -> bool:
        return self.span.start == 0


def _touch(
    session: Session, caller: Caller, question: Question, budget: Budget, owed: Owed, part: _Part
) -> tuple[Problem | None, LastRestore]:
    """Note the device's last contact, if it may still write: the body may have taken minutes (L-7). Raises Problem.

    Returns the error to answer with if the device has sent too much, and the last restore.
    """
    now, push = now_ms(), question.takes_the_lock
    spent = Spent(work=owed)
    if push and part.first:
        spent = Spent(caller.officer_id, 1, question.size, len(question.writes), owed)
    seen_at = caller.seen_at if caller.idle else now  # what says that it is idle stays
    said = {"seen_at": seen_at, "app": question.app, **note_held_work(question.held, now)}
    asked = {**devices.counted(caller.device_id, now, spent, budget), **said}
    statement = _TOUCHED
    if push:
        statement = (_BEGAN_ALONE if _is_postgresql(session) else _BEGAN) if part.first else _WENT_ON
        asked |= {"pushing": part.lease}
        if statement is _BEGAN_ALONE:
            asked["key"] = int.from_bytes(sha256(caller.device_id.encode()).digest()[:8], "big", signed=True)
    row = session.connection().execute(statement, asked).first()
    if row is None and push and part.first:
        _check_still_welcome(session, caller)
        raise devices.push_running()
    if row is None or (row.replaced_at is not None) != caller.replaced:
        raise devices.shut_out()
    last_restore = row[-2], row[-1]
    if not (push and part.first):
        return None, last_restore
    excess = devices.excess(now, row.quota_pushes, row.quota_bytes)
    if excess is None:
        devices.check(session, now, row, spent, budget)
    return excess, last_restore


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
