"""Desk sessions: open, look up, list, end. A session ends after a time without a page, and after a time in all.

What a session may do is read with it in one statement: an account with a second factor, or with a role that requires
one, gets no further than the page that asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from server.core.acting import ActorKind, acting_as
from server.core.clock import MINUTE_MS, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if
from server.core.secrets_at_rest import new_token, token_hash
from server.models import Absence, DeskSession, Membership, Officer, RequiredFactor, SecondFactor
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units import deputies
from server.services.units.scope import CONFIDENTIAL, REVIEWER

LONGEST_MS: Final = 7 * 24 * 60 * MINUTE_MS
"""The most that a setting may allow a session in all."""
TOUCHED_EVERY_MS: Final = 5 * MINUTE_MS
"""How exact `seen_at` is: a page in between writes nothing."""
PROVEN_MS: Final = 10 * MINUTE_MS
"""For how long a proof serves for acts that ask for one."""
RENEWED_MS: Final = 10 * 1000
"""For how long a request with the cookie of before may be one that was under way while a proof renewed it."""
NAME_LENGTH: Final = 16
"""Characters of a session's hash that name it in its owner's list."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: without a page, and in all. In ms."""

    idle_ms: int = 4 * 60 * MINUTE_MS
    whole_ms: int = 12 * 60 * MINUTE_MS


class Needs(StrEnum):
    """What a session lacks before it may do anything."""

    NOTHING = ""
    CODE = "code"
    SET_UP = "set_up"


@dataclass(frozen=True, slots=True)
class SessionState:
    """An open session of an account that is not disabled. `has_factor`: the account has a second factor."""

    officer: str
    username: str
    name: str
    needs: Needs
    has_factor: bool
    seen_at: int
    proved_at: int

    def is_proven(self, within_ms: int = PROVEN_MS) -> bool:
        """True if password or second factor were given within this time. False if the clock was set back."""
        return 0 <= now_ms() - self.proved_at <= within_ms


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session in its owner's list. `name` is the beginning of its hash; `is_this`: the one that asks."""

    name: str
    created_at: int
    seen_at: int
    address: str
    browser: str
    needs_code: bool
    is_this: bool


FACTOR_COUNTS = (SecondFactor.confirmed_at.is_not(None), SecondFactor.ended_at.is_(None))
"""SQL conditions: the second factor is in use."""
_HAS = exists().where(SecondFactor.officer_id == Officer.id, *FACTOR_COUNTS)
_MUST = exists().where(
    Membership.officer_id == Officer.id,
    Membership.ended_at.is_(None),
    or_(Membership.role == CONFIDENTIAL, Membership.role.in_(select(RequiredFactor.role))),
)
_STANDS_IN = deputies.standing_in(REVIEWER, bindparam("now", type_=BigInteger)).where(
    Absence.deputy_id == Officer.id, exists().where(RequiredFactor.role == REVIEWER)
)
_STANDING = (
    select(
        Officer.id,
        Officer.username,
        Officer.name,
        DeskSession.seen_at,
        DeskSession.proved_at,
        DeskSession.second_at,
        _HAS.label("has"),
        or_(_MUST, _STANDS_IN.exists()).label("must"),
    )
    .join(DeskSession, DeskSession.officer_id == Officer.id)
    .where(
        DeskSession.token_hash == bindparam("token_hash"),
        DeskSession.ended_at.is_(None),
        DeskSession.created_at > bindparam("begun_after"),
        DeskSession.seen_at > bindparam("seen_after"),
        Officer.disabled_at.is_(None),
    )
)


def open_session(
    session: Session, officer_id: str, address: str = "", browser: str = "", *, needs_factor: bool = True
) -> str:
    """Open a desk session. Returns its token, which is for the cookie only. `browser`: its name, in short.

    Without `needs_factor` it lacks nothing: for the one click into a sample, which the next visitor must find open.
    """
    token, now = new_token(), now_ms()
    row = DeskSession(token_hash=token_hash(token), officer_id=officer_id, created_at=now, seen_at=now, proved_at=now)
    row.address, row.browser = address[:64], browser[:60]
    row.second_at = None if needs_factor else now
    add_now(session, row)
    with acting_as(ActorKind.OFFICER, officer_id):
        log.append(session, Act.SIGNED_IN, ("officer", officer_id))
    return token


def state_of(session: Session, token: str, limits: Limits | None = None) -> SessionState | None:
    """The session's standing; None if it ended, its time is over, or the account is disabled."""
    now, limits = now_ms(), limits or Limits()
    asked = {
        "token_hash": token_hash(token),
        "begun_after": now - limits.whole_ms,
        "seen_after": now - limits.idle_ms,
        "now": now,
    }
    row = session.execute(_STANDING, asked).first()
    if row is None:
        return None
    needs = Needs.NOTHING
    if row.has and row.second_at is None:
        needs = Needs.CODE
    elif row.must and not row.has and row.second_at is None:
        needs = Needs.SET_UP
    return SessionState(row.id, row.username, row.name, needs, row.has, row.seen_at, row.proved_at)


def touch(session: Session, token: str) -> None:
    """Note that the session was used."""
    row = session.get(DeskSession, token_hash(token))
    if row is not None:
        row.seen_at = now_ms()
    session.flush()


def locked(session: Session, token: str) -> DeskSession:
    """Return the session's row, locked: before what shall prove it is checked, so that the same form twice is one.

    Raises `unauthenticated` if it ended meanwhile.
    """
    row = session.get_one(DeskSession, token_hash(token), with_for_update=True, populate_existing=True)
    refuse_if(row.ended_at is not None, "unauthenticated")
    return row


def prove(session: Session, token: str, *, second: bool) -> str:
    """Note that its person proved to be there; `second`: by the second factor. Returns the session's new token.

    The old token ends, so that whoever had it before the proof does not get what the proof gives; the limits count on.
    Raises `unauthenticated` if it ended meanwhile: the proof must not revive it.
    """
    old = locked(session, token)
    new, now = new_token(), now_ms()
    row = DeskSession(
        token_hash=token_hash(new),
        officer_id=old.officer_id,
        created_at=old.created_at,
        seen_at=old.seen_at,
        proved_at=now,
        second_at=old.second_at,
        address=old.address,
        browser=old.browser,
    )
    if second and row.second_at is None:
        row.second_at = now
        log.append(session, Act.SECOND_FACTOR_GIVEN, ("officer", row.officer_id))
    session.add(row)
    old.ended_at = now  # on the object, not in bulk: revocations.py watches those
    session.flush()
    return new


def was_renewed(session: Session, token: str) -> bool:
    """True if a proof of the last seconds gave this session another token. The old one serves for nothing else."""
    old = session.get(DeskSession, token_hash(token))
    if old is None or old.ended_at is None or not 0 <= now_ms() - old.ended_at <= RENEWED_MS:
        return False
    new = _of_one_sign_in(old).where(DeskSession.proved_at == old.ended_at)
    return session.scalars(new).first() is not None


def _of_one_sign_in(row: DeskSession) -> Select[DeskSession]:
    """The other rows of the session: before and after proofs."""
    return select(DeskSession).where(
        DeskSession.officer_id == row.officer_id,
        DeskSession.created_at == row.created_at,
        DeskSession.token_hash != row.token_hash,
    )


def end_session(session: Session, token: str, by: str = "") -> None:
    """End this session: its cookie becomes invalid.

    `by`: the officer who signs in instead. If it is theirs, it also ends where a proof renewed it and the answer with
    the new cookie was lost.
    """
    row = session.get(DeskSession, token_hash(token))
    rows = [] if row is None else [row]
    if row is not None and row.officer_id == by:
        rows += session.scalars(_of_one_sign_in(row))
    for each in rows:
        if each.ended_at is None:
            each.ended_at = now_ms()  # on the object, not in bulk: revocations.py watches those
            log.append(session, Act.SIGNED_OUT, ("officer", each.officer_id))
    session.flush()


def listed(session: Session, officer_id: str, token: str, limits: Limits) -> list[ListedSession]:
    """The account's sessions that have not ended, the last used first. `token`: of the session that asks."""
    now, here = now_ms(), token_hash(token)
    has = session.scalar(select(exists().where(SecondFactor.officer_id == officer_id, *FACTOR_COUNTS)))
    lasting = and_(DeskSession.created_at > now - limits.whole_ms, DeskSession.seen_at > now - limits.idle_ms)
    query = select(DeskSession).where(DeskSession.officer_id == officer_id, DeskSession.ended_at.is_(None), lasting)
    return [
        ListedSession(
            row.token_hash[:NAME_LENGTH],
            row.created_at,
            row.seen_at,
            row.address,
            row.browser,
            needs_code=bool(has) and row.second_at is None,
            is_this=row.token_hash == here,
        )
        for row in session.scalars(query.order_by(DeskSession.seen_at.desc(), DeskSession.token_hash))
    ]


def end_others(session: Session, officer_id: str, token: str, name: str = "") -> int:
    """End the account's other sessions; `name`: only that one. Returns their number."""
    query = select(DeskSession).where(
        DeskSession.officer_id == officer_id,
        DeskSession.ended_at.is_(None),
        DeskSession.token_hash != token_hash(token),
    )
    rows = [row for row in session.scalars(query) if row.token_hash.startswith(name)]
    for row in rows:
        row.ended_at = now_ms()  # on the object, as above
    if rows:
        log.append(session, Act.SESSIONS_ENDED, ("officer", officer_id), times=len(rows))
    session.flush()
    return len(rows)
