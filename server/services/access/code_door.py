"""Enrolment with a code: a rate limit on guesses, and a count of wrong codes that raises an alarm.

Entropy keeps guessers out, not a rate limit per address: a thousand addresses get round that, and ten typing errors
behind one operator's NAT use it up. The limit is on codes that a host looks up. With 100 a second for 72 hours, on
three hosts, against 10,600 valid codes, the odds of a single success are below one in a thousand
(tests/unit/test_code_odds.py). A code with a wrong check digit is a typing error and never looked up.

The limit locks nobody out for long: half of it is reserved for addresses without a recent wrong guess, and the client
retries by itself.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.clock import HOUR_MS, now_ms
from server.core.db import reading, writing
from server.core.keyring import Keyring, Purpose
from server.core.problem_details import Problem, refuse_if
from server.core.secrets_at_rest import rescue_key_text
from server.models import Officer, WrongCodes
from server.services.access import codes, tries
from server.services.access.codes import Phone
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import Scope
from sync.code import is_whole

GUESSES_A_SECOND = 100
"""Codes that one host may look up, all its processes together."""
RETRY_S = 3
WRONG_BLOCKS = 10_000
"""Most address blocks that each process remembers for a wrong code."""
NOTED_EVERY_S = 5
KEPT_HOURS = 72
ALARM = 100
"""Wrong codes in an hour that raise the alarm. Typing errors do not count: the check digit catches those."""


class RateLimit:
    """A rate limit. An address block that guessed wrong gets a turn only while more than half of the turns are left."""

    def __init__(self, a_second: float, burst: float) -> None:
        self._rate, self._burst = a_second, burst
        self._left, self._at = burst, time.monotonic()
        self._wrong: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, block: str) -> bool:
        """Take a turn. Returns False if there is none for this block."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            kept = self._burst / 2 if block in self._wrong else 0
            if self._left - 1 < kept:
                return False
            self._left -= 1
            return True

    def note_wrong(self, block: str) -> None:
        """Remember that this block guessed wrong."""
        with self._lock:
            self._wrong[block] = None
            self._wrong.move_to_end(block)
            if len(self._wrong) > WRONG_BLOCKS:
                self._wrong.popitem(last=False)


class CodeDoor:
    """The rate limit of one process; the host's limit is divided among its processes."""

    def __init__(self, processes: int, keyring: Keyring) -> None:
        self._keyring = keyring
        share = GUESSES_A_SECOND / processes
        self._pace = RateLimit(share, max(share, 2))
        self._wrong, self._noted_at = 0, 0.0
        self._lock = threading.Lock()

    def enrol(self, code: str, phone: Phone, address: str | None) -> dict[str, str]:
        """Enrol a device; returns the answer for the client. Raises Problem `code_mistyped`, `bad_code` or `busy`."""
        refuse_if(not is_whole(code), "code_mistyped")
        block = tries.block(address)
        refuse_if(not self._pace.take(block), "busy", retry_after_s=RETRY_S)
        with reading() as session:
            known = codes.may_serve(session, code, self._keyring)
        used = self._use(code, phone) if known else None
        if used is None:
            self._pace.note_wrong(block)
            self._note_wrong()
            raise Problem("bad_code")
        return used

    def _use(self, code: str, phone: Phone) -> dict[str, str] | None:
        with writing() as session:
            enrolled = codes.use_code(session, code, phone, self._keyring)
            if enrolled is None:
                return None
            officer = session.get_one(Officer, enrolled.device.officer_id)
            units = Scope(session, officer.id, stands_in=False).own_units()
            return {
                "token": enrolled.token,
                "device": enrolled.device.id,
                "officer": officer.id,
                "unit": units[0] if units else "",
                "rescue_key": rescue_key_text(enrolled.device.id, self._keyring.current(Purpose.RESCUE)),
            }

    def _note_wrong(self) -> None:
        """Count in memory and write every few seconds, so that guesses do not block the writes of clients."""
        with self._lock:
            self._wrong += 1
            if self._wrong < ALARM and time.monotonic() - self._noted_at < NOTED_EVERY_S:
                return
            count, self._wrong, self._noted_at = self._wrong, 0, time.monotonic()
        with writing() as session:
            note(session, count)
            log.count_wrong(session, Act.WRONG_CODE, times=count)


def note(session: Session, count: int) -> None:
    """Add to the count of this hour; delete the counts of other days."""
    hour = now_ms() // HOUR_MS
    session.execute(delete(WrongCodes).where(or_(WrongCodes.hour <= hour - KEPT_HOURS, WrongCodes.hour > hour)))
    new = inserting(session, WrongCodes).values(hour=hour, count=count)
    session.execute(new.on_conflict_do_update(index_elements=["hour"], set_={"count": WrongCodes.count + count}))


_HOUR = bindparam("now", type_=BigInteger) // HOUR_MS
_MOST = select(func.max(WrongCodes.count)).where(WrongCodes.hour > _HOUR - 24, WrongCodes.hour <= _HOUR)
IS_ALARMING: Final[ColumnElement[bool]] = func.coalesce(_MOST.scalar_subquery(), 0) >= ALARM
"""Condition: so many wrong codes were tried in an hour of the last 24 that people are warned. Parameter: `now` (ms)."""


def alarm(session: Session) -> int:
    """The most wrong codes in one hour of the last 24 if that is alarming; else 0."""
    most = session.scalar(_MOST, {"now": now_ms()}) or 0
    return int(most) if most >= ALARM else 0
