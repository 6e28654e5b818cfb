"""Devices, their tokens, and what one may send.

Quotas keep a single phone, stolen or gone wrong, from filling or stopping the server (429).

The calculation, for an honest phone that comes back after 30 days without a signal, with 3,000 records and 300 photos:

| limit | the phone | so |
| --- | --- | --- |
| pushes a minute | one after the other, each at least a round trip of 0.1 s; 3,000 writes are 30 pushes | 600 |
| bytes a day | 300 photos of 0.5 MB with thumbnails, 3 MB of writes: 160 MB; twice after a restore | 1 GiB |
| open uploads | one at a time; if the line breaks in each: 300 photos and 300 thumbnails | 700 |
| bytes of these | as above | 1 GiB |
| rescue files a day | one of 150 MB; thirteen with another client's photos of 8 MB; handed in by two roads | 50 |
| writes at once, then a minute | 3,000 records at once; each edited twice: 9,000 in five minutes | 3,000, 1,200 |
| seconds of the processor at once, then a minute | 3,000 writes 2 s, a first pull of 32 streams 10 s | 30, 6 |

Pushes, bytes, writes and seconds are counted in the device's own row, which every push updates anyway, so they cost no
statement. Minutes and days are whole ones of the server's clock, and a push beyond these is counted.

Writes and seconds are budgets (`Budget`, settings of the installation): what was spent is earned back bit by bit. The
row keeps the moment at which all of it will be (GCRA, ITU-T I.371): a device is over its budget while that moment is
further away than the whole budget takes. The request that goes beyond is answered, the next one waits, so a device that
is over costs only its look-up. What a request costs the processor is known at its end: it is owed in the memory of the
process, and booked by the next statement that counts. An officer with several devices, as after a lost phone, has twice
a device's budget for all of them.

No row says more than a whole budget and `Budget.beyond`: no push brings more writes, and no more work is booked. So
a moment behind that is of a clock that was set back since, and counts as none; else nobody waits longer than `beyond`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy import exists as sql_exists
from sqlalchemy.orm import Session, aliased

from server.core.bulk import inserting
from server.core.clock import DAY_MS, MINUTE_MS, new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import Problem
from server.core.secrets_at_rest import new_device_token, token_hash
from server.models import Device, Membership, Officer, PersonQuota, Rescue
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import HeldRole
from sync.protocol import CODE_MAKER_DAYS, WRITES_PER_REQUEST

_MARKS = "ABCDEGHKLMNPQRSTVXY"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device, with its token, which is shown only this once."""

    device: Device
    token: str


def add_device(session: Session, officer_id: str, label: str, *, script: bool = False) -> Enrolled:
    """Add a device of an officer; `script`: it is a program that uses the API.

    The officer is notified of a program, as of a phone that enrolled with a code (people.py).
    """
    token, now = new_device_token(), now_ms()
    device = add_now(
        session,
        Device(
            id=new_id(),
            officer_id=officer_id,
            label=label[:200],
            mark=secrets.choice(_MARKS) + str(secrets.randbelow(10)),
            token_hash=token_hash(token),
            script=script,
            created_at=now,
            seen_at=now,
            confirmed_at=None if script else now,
        ),
    )
    if script:  # a phone comes in by a code, which has its own line
        log.append(session, Act.DEVICE_ADDED, ("device", device.id), new={"officer": officer_id})
    return Enrolled(device, token)


_DEVICE_OF = (
    select(Device)
    .join(Officer, Officer.id == Device.officer_id)
    .where(Device.token_hash == bindparam("token_hash"), Device.revoked_at.is_(None), Officer.disabled_at.is_(None))
)


_CALLER = (
    _DEVICE_OF.with_only_columns(*Device.__table__.columns)
    .add_columns(Membership.unit_id, Membership.role, Membership.ended_at)
    .outerjoin(
        Membership,
        and_(
            Membership.officer_id == Device.officer_id,
            or_(Membership.ended_at.is_(None), Membership.ended_at > bindparam("after", type_=BigInteger)),
        ),
    )
)


def caller_of(session: Session, token: str, after: int) -> tuple[Any, tuple[HeldRole, ...]] | None:
    """The row of the device with this token, and its officer's roles, also those that ended `after` (ms)."""
    rows = session.connection().execute(_CALLER, {"token_hash": token_hash(token), "after": after}).all()
    roles = tuple((unit, role, ended_at) for *_, unit, role, ended_at in rows if unit is not None)
    return (rows[0], roles) if rows else None


def device_of(session: Session, token: str) -> Device | None:
    """The device with this token; None if it was revoked or its officer disabled."""
    return session.scalar(_DEVICE_OF, {"token_hash": token_hash(token)})


@dataclass(frozen=True, slots=True)
class HeldWork:
    """Writes that the server did not store, photos of which bytes still have to go, and those bytes."""

    writes: int
    photos: int
    bytes: int

    @classmethod
    def of(cls, device: Device) -> HeldWork | None:
        """Return the device's last report of unsent work; None if it never sent one."""
        if device.held_at is None:
            return None
        return cls(device.held_writes or 0, device.held_photos or 0, device.held_bytes or 0)


@dataclass(frozen=True, slots=True)
class Caller:
    """The calling device, read once so that no row is held between transactions.

    `idle`: it was not heard of for too long (X-44). `held`: the work that is on it alone, as it last reported.
    """

    device_id: str
    officer_id: str
    seen_at: int
    replaced: bool
    idle: bool = False
    held: HeldWork | None = None
    roles: tuple[HeldRole, ...] | None = None
    """The roles of the officer when it came in, also those that ended lately."""

    @property
    def set_aside(self) -> bool:
        """True if it hands in its outbox and gets nothing (X-23, X-44)."""
        return self.replaced or self.idle


def is_idle(seen_at: int, idle_ms: int) -> bool:
    """True if a device was not heard of for so long that it enrols again (SPEC X-44).

    Only its last contact says so: it stays as it is while the device hands in its outbox. So a server whose clock was
    wrong for a day, or that gets a longer limit, takes such a device back by itself.
    """
    return seen_at < now_ms() - idle_ms


_STANDS = (
    select(Device.replaced_at)
    .join(Officer, Officer.id == Device.officer_id)
    .where(Device.id == bindparam("device"), Device.revoked_at.is_(None), Officer.disabled_at.is_(None))
)


def is_replaced(session: Session, device_id: str) -> bool:
    """True if the device was replaced since it was authenticated. Raises `unauthenticated` if it was revoked since."""
    row = session.execute(_STANDS, {"device": device_id}).first()
    if row is None:
        raise shut_out()
    return row.replaced_at is not None


def shut_out() -> Problem:
    """The answer to an invalid token; a client keeps its outbox then (SPEC W-7)."""
    return Problem("unauthenticated")


PUSHES_A_MINUTE: Final = 600
BYTES_A_DAY: Final = 1024**3
RESCUE_FILES_A_DAY: Final = 50
PERSON: Final = 2
"""How many devices' budgets a person has for all devices together."""
PUSHING_MS: Final = 20 * 1000
"""How long a push of several transactions may take for the next one; longer than any waits for its lock."""
LARGE: Final = 48 * 1024
"""Bytes: 32 cursors and 500 hashes of photos have fewer, so a larger body has writes, or much to say."""
BOOK_MS: Final = 500
"""Milliseconds of the processor that are booked by a request without writes, which else costs no transaction."""
_other = aliased(Device)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a device may spend: `writes` and `seconds` of the processor at once, and what it earns back in a minute."""

    writes: int = 3_000
    writes_a_minute: int = 1_200
    seconds: int = 30
    seconds_a_minute: int = 6

    def writes_ms(self, count: int) -> int:
        """In how many ms so many writes are earned back."""
        return -(-count * MINUTE_MS // self.writes_a_minute)

    def work_ms(self, ms: int) -> int:
        """In how many ms so many ms of the processor are earned back."""
        return ms * 60 // self.seconds_a_minute

    def beyond(self) -> int:
        """How many ms a device may be over its budget: as long as the largest push is earned back, 50 s by default."""
        return self.writes_ms(WRITES_PER_REQUEST)

    def check(self, now: int, writes_until: int, work_until: int) -> None:
        """Raise `device_quota` if more is spent than there is. Both as `held` returns them, or as counted."""
        over = max(writes_until - self.writes_ms(self.writes), work_until - self.work_ms(self.seconds * 1000)) - now
        if over > 0:
            raise _too_much(over)

    def writes_farthest(self, now: int) -> int:
        """The farthest moment that a row may have for writes."""
        return now + self.writes_ms(self.writes) + self.beyond()

    def work_farthest(self, now: int) -> int:
        """The farthest moment that a row may have for the processor."""
        return now + self.work_ms(self.seconds * 1000) + self.beyond()

    def held(self, now: int, row: Device) -> tuple[int, int]:
        """Return until when writes and work are spent; 0 for what was written before the clock was set back."""
        writes, work = row.quota_writes_until, row.quota_work_until
        return (
            writes if writes <= self.writes_farthest(now) else 0,
            work if work <= self.work_farthest(now) else 0,
        )


class Owed(NamedTuple):
    """Milliseconds of the processor that no row has yet, and since when; they are earned back from then on."""

    ms: int
    since: int


NOTHING: Final = Owed(0, 0)


class Spent(NamedTuple):
    """What a request spends. `work`: by those before it; `officer_id`: whose devices share a budget."""

    officer_id: str = ""
    pushes: int = 0
    size: int = 0
    writes: int = 0
    work: Owed = NOTHING


def _big(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=BigInteger)


def _on_top(window: Any, now: str, before: Any, more: str) -> ColumnElement[int]:
    return case((window == _big(now), before), else_=0) + _big(more)


def _later(until: Any, since: Any, farthest: Any, more: Any) -> ColumnElement[int]:
    """The moment when this much more is earned back: from the row's own, if it has one that may be, and no farther."""
    later = case((and_(until > since, until <= farthest), until), else_=since) + more
    return case((later > farthest, farthest), else_=later)


COUNTING: Final = (  # built once, because every push runs it
    update(Device)
    .where(Device.id == bindparam("device"))
    .values(
        quota_minute=_big("minute"),
        quota_pushes=_on_top(Device.quota_minute, "minute", Device.quota_pushes, "pushes"),
        quota_day=_big("day"),
        quota_bytes=_on_top(Device.quota_day, "day", Device.quota_bytes, "bytes"),
        quota_writes_until=_later(Device.quota_writes_until, _big("now"), _big("writes_farthest"), _big("writes_ms")),
        quota_work_until=_later(Device.quota_work_until, _big("since"), _big("work_farthest"), _big("work_ms")),
    )
    .returning(
        Device.quota_pushes,
        Device.quota_bytes,
        Device.quota_writes_until,
        Device.quota_work_until,
        sql_exists()
        .where(_other.officer_id == bindparam("officer"), _other.id != bindparam("device"), _other.revoked_at.is_(None))
        .label("has_others"),
    )
)
"""An UPDATE of a device that counts what it sent; it returns the counts, for `excess` and `check`."""


def counted(device_id: str, now: int, spent: Spent, budget: Budget) -> dict[str, Any]:
    """The parameters of `COUNTING`."""
    return {
        "device": device_id,
        "officer": spent.officer_id,
        "now": now,
        "minute": now // MINUTE_MS,
        "pushes": spent.pushes,
        "day": now // DAY_MS,
        "bytes": spent.size,
        "writes_ms": budget.writes_ms(spent.writes),
        "since": min(spent.work.since, now),
        "writes_farthest": budget.writes_farthest(now),
        "work_farthest": budget.work_farthest(now),
        "work_ms": budget.work_ms(spent.work.ms),
    }


def excess(now: int, pushes: int, size: int) -> Problem | None:
    """The error for a device that has sent this much lately; None while it is within its quota."""
    if pushes > PUSHES_A_MINUTE:
        return _too_much(MINUTE_MS - now % MINUTE_MS)
    return _too_much(DAY_MS - now % DAY_MS) if size > BYTES_A_DAY else None


def check(session: Session, now: int, row: Any, spent: Spent, budget: Budget) -> None:
    """Check a push by what `COUNTING` returned: what its device, and its officer, spent before it.

    Raises `device_quota`; the transaction must then be rolled back, for nothing of this push is spent.
    """
    writes_ms = budget.writes_ms(spent.writes)
    budget.check(now, row.quota_writes_until - writes_ms, row.quota_work_until)
    if row.has_others:
        costs = {"writes_until": writes_ms // PERSON, "work_until": budget.work_ms(spent.work.ms) // PERSON}
        new = inserting(session, PersonQuota).values(
            officer_id=spent.officer_id, **{name: now + cost for name, cost in costs.items()}
        )
        later = {
            name: _later(held, now, farthest, costs[name])
            for name, held, farthest in (
                ("writes_until", PersonQuota.writes_until, budget.writes_farthest(now)),
                ("work_until", PersonQuota.work_until, budget.work_farthest(now)),
            )
        }
        spend_it = new.on_conflict_do_update(index_elements=["officer_id"], set_=later)
        both = session.execute(spend_it.returning(PersonQuota.writes_until, PersonQuota.work_until)).one()
        budget.check(now, both.writes_until - costs["writes_until"], both.work_until)


def check_door(device: Device, budget: Budget, *, pushes: bool, size: int = 0) -> None:
    """Check before a body is read. Raises `device_quota` if the device spent more of the processor than it may.

    `pushes`: of an exchange, also if it spent too many writes, or the pushes of this minute. `size`: bytes of the body;
    a large one is a push, and raises `push_running` while another one is stored: to read it would cost the most.
    """
    now = now_ms()
    if pushes and device.quota_minute == now // MINUTE_MS and device.quota_pushes >= PUSHES_A_MINUTE:
        raise _too_much(MINUTE_MS - now % MINUTE_MS)
    work = owed(device.id)
    writes_until, work_until = budget.held(now, device)
    budget.check(now, writes_until if pushes else 0, max(work_until, min(work.since, now)) + budget.work_ms(work.ms))
    if pushes and size > LARGE and device.id in _running:
        raise push_running()


def spend(session: Session, device_id: str, size: int, budget: Budget) -> None:
    """Count the bytes of a complete upload. Raises `device_quota`."""
    now = now_ms()
    row = session.connection().execute(COUNTING, counted(device_id, now, Spent(size=size), budget)).first()
    over = excess(now, 0, row.quota_bytes) if row else None
    if over is not None:
        raise over


_guard = threading.Lock()
_owed: dict[str, tuple[float, int]] = {}
"""By device: milliseconds of the processor, of requests that ended in this process, and since when (ms)."""
_running: set[str] = set()
"""Devices of which this process stores a push now."""


def owe(device_id: str, ms: float) -> None:
    """Note what a request of this device cost the processor."""
    with _guard:
        before, since = _owed.get(device_id, (0.0, now_ms()))
        _owed[device_id] = before + max(0.0, ms), since


def owed(device_id: str) -> Owed:
    """What the device owes to this process."""
    ms, since = _owed.get(device_id, NOTHING)
    return Owed(int(ms), since)


def booked(device_id: str, work: Owed) -> None:
    """Forget so much of it: the device's row has it."""
    with _guard:
        ms, _ = _owed.pop(device_id, NOTHING)
        if ms > work.ms:
            _owed[device_id] = ms - work.ms, now_ms()


def metered(device_id: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """An answer that is made while it is sent, at this device's cost."""
    begun = time.thread_time()
    for part in parts:
        owe(device_id, (time.thread_time() - begun) * 1000)
        yield part
        begun = time.thread_time()
    owe(device_id, (time.thread_time() - begun) * 1000)


@contextmanager
def one_push(device_id: str) -> Iterator[None]:
    """Hold the place of the device's only push in this process. Raises `push_running` if another one has it."""
    with _guard:
        if device_id in _running:
            raise push_running()
        _running.add(device_id)
    try:
        yield
    finally:
        with _guard:
            _running.discard(device_id)


def push_running() -> Problem:
    """The answer to a push while another one of its device is stored (SPEC X-53)."""
    return Problem("push_running", retry_after_s=1)


def check_rescue(session: Session, device_id: str) -> None:
    """Raise `rescue_quota` if too many files of this device were handed in within a day."""
    lately = (Rescue.device_id == device_id, Rescue.at > now_ms() - DAY_MS)
    if (session.scalar(select(func.count()).select_from(Rescue).where(*lately)) or 0) >= RESCUE_FILES_A_DAY:
        raise Problem("rescue_quota", retry_after_s=60 * 60)


def _too_much(left_ms: int) -> Problem:
    return Problem("device_quota", retry_after_s=left_ms // 1000 + 1)


def are_new(after: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Conditions: devices of the parameter `officer` that came after this moment and are not confirmed."""
    return (
        Device.officer_id == bindparam("officer"),
        Device.created_at > after,
        Device.confirmed_at.is_(None),
        Device.revoked_at.is_(None),
        or_(Device.replaced_at.is_(None), Device.code_by.is_not(None)),  # otherwise it no longer matters
    )


ARE_NEW = (*are_new(bindparam("after", type_=BigInteger)), Device.id != bindparam("but"))
_this = aliased(Device)
HAS_NEW = exists().where(
    *ARE_NEW, Device.created_at > select(_this.created_at).where(_this.id == bindparam("but")).scalar_subquery()
)
"""Whether an officer has a device that is not confirmed and newer than `but`. Parameters: `new_device_parameters`."""


def new_device_parameters(officer_id: str, since: int = 0, but: str = "") -> dict[str, Any]:
    """The parameters of these statements."""
    return {"officer": officer_id, "after": max(since, now_ms() - CODE_MAKER_DAYS * DAY_MS), "but": but}
