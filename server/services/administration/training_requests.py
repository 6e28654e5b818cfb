"""Who waits in a class: a browser says whose phone it is, a trainer confirms, then it gets an enrolment code.

A request holds nothing: any number may wait in one name, and when too many wait, the origin that has most loses its
oldest. So nobody fills a name, and no address ends a class at another. Phones behind one Wi-Fi are one origin: nothing
that a browser keeps parts an honest one from one that floods, for that one takes a new cookie.

A confirmed one gives its own browser, which holds a secret, the usual code (codes.py): until the day ends, and only
while whoever confirmed it may still make codes for that officer.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.acting import ActorKind, acting_as
from server.core.bulk import grouped
from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.keyring import Keyring
from server.core.problem_details import refuse_if, required
from server.core.secrets_at_rest import new_token, token_hash
from server.models import EnrolmentCode, Membership, Officer, TrainingDay, TrainingRequest, Unit
from server.services.access import codes, tries
from server.services.administration import training
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import people
from server.services.units.scope import OFFICER, Scope

MOST: Final = 600
"""Requests of one class that are not confirmed, refused ones too."""
_MARKS: Final = "ABCDEGHKLMNPQRSTVXY"


class RequestState(StrEnum):
    """What became of a request. `enrolled`: its code was used."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its own browser keeps it: `secret` is nowhere else."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """One line of the trainer's list. `twice`: others wait in the same name, so it is confirmed by itself only."""

    request: TrainingRequest
    officer: Officer
    units: list[Unit]
    state: RequestState
    twice: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser in the room. `step`: of the code of the room that it brought. `browser`: the phone in words."""

    step: int
    browser: str
    address: str | None


def ask(session: Session, row: TrainingDay, unit_id: str, officer_id: str, visitor: Visitor) -> Asked:
    """Note that this browser waits for this officer's phone. `row`: the class, locked.

    Raises Problem `not_found`; `rate_limited` if one address asks very often with one code of the room.
    """
    refuse_if(officer_id not in {each.id for each in training.officers(session, row, unit_id)}, "not_found")
    counted = tries.training_keys(row.id, visitor.step, visitor.address)
    tries.check(session, counted)
    tries.fail(session, counted)
    _make_room(session, row)
    secret = new_token()
    made = add_now(
        session,
        TrainingRequest(
            id=new_id(),
            training_id=row.id,
            officer_id=officer_id,
            secret_hash=token_hash(secret),
            origin=token_hash(f"{row.id} {tries.block(visitor.address)}")[:16],
            mark=secrets.choice(_MARKS) + f"{secrets.randbelow(100):02}",
            browser=visitor.browser[:60],
            at=now_ms(),
        ),
    )
    return Asked(made.id, secret)


def _make_room(session: Session, row: TrainingDay) -> None:
    """Delete a request if too many are not confirmed: a refused one, else the oldest of the origin that has most."""
    here = (TrainingRequest.training_id == row.id, TrainingRequest.confirmed_at.is_(None))
    count = session.scalar(select(func.count()).select_from(TrainingRequest).where(*here)) or 0
    if count < MOST:
        return
    of = select(TrainingRequest.origin, func.count().label("count")).where(*here).group_by(TrainingRequest.origin)
    origins = of.subquery()
    oldest = (
        select(TrainingRequest)
        .join(origins, origins.c.origin == TrainingRequest.origin)
        .where(*here)
        .order_by(TrainingRequest.refused_at.is_(None), origins.c.count.desc(), TrainingRequest.at, TrainingRequest.id)
    )
    for each in session.scalars(oldest.limit(count - MOST + 1)):
        session.delete(each)
    session.flush()


def own(session: Session, row: TrainingDay, asked: Asked, *, lock: bool = False) -> TrainingRequest | None:
    """Return the request of this browser in this class; None if it has none."""
    found = session.get(TrainingRequest, asked.id, with_for_update=lock)
    if found is None or found.training_id != row.id or found.secret_hash != token_hash(asked.secret):
        return None
    return found


def state(session: Session, request: TrainingRequest) -> RequestState:
    """Return what became of the request."""
    if request.refused_at is not None:
        return RequestState.REFUSED
    if request.confirmed_at is None:
        return RequestState.WAITING
    code = session.get(EnrolmentCode, request.code_hash) if request.code_hash else None
    used = code is not None and code.device_id is not None
    return RequestState.ENROLLED if used else RequestState.CONFIRMED


def give_up(session: Session, request: TrainingRequest) -> None:
    """Take one's own request back, to choose another name."""
    if request.confirmed_at is None and request.refused_at is None:
        request.refused_at = now_ms()
        session.flush()


def listed(session: Session, row: TrainingDay) -> list[WaitingPerson]:
    """Return those who wait and those who were confirmed, the longest first; refused ones are left out."""
    query = (
        select(TrainingRequest, Officer)
        .join(Officer, Officer.id == TrainingRequest.officer_id)
        .where(TrainingRequest.training_id == row.id, TrainingRequest.refused_at.is_(None))
        .order_by(TrainingRequest.at, TrainingRequest.id)
    )
    rows = [(request, officer) for request, officer in session.execute(query)]
    held = (
        select(Membership.officer_id, Unit)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.role == OFFICER, Membership.ended_at.is_(None))
        .where(Membership.officer_id.in_({officer.id for _, officer in rows}))
        .order_by(Unit.code)
    )
    units = grouped((officer_id, unit) for officer_id, unit in session.execute(held))
    used = set(
        session.scalars(
            select(EnrolmentCode.code_hash).where(
                EnrolmentCode.code_hash.in_({request.code_hash for request, _ in rows} - {None}),
                EnrolmentCode.device_id.is_not(None),
            )
        )
    )
    named = Counter(request.officer_id for request, _ in rows)
    return [
        WaitingPerson(
            request,
            officer,
            units.get(officer.id, []),
            _state(request, used),
            twice=request.confirmed_at is None and named[officer.id] > 1,
        )
        for request, officer in rows
    ]


def _state(request: TrainingRequest, used: set[str]) -> RequestState:
    if request.confirmed_at is None:
        return RequestState.WAITING
    return RequestState.ENROLLED if request.code_hash in used else RequestState.CONFIRMED


def confirm(
    session: Session, scope: Scope, training_id: str, request_ids: Iterable[str], *, together: bool = False
) -> int:
    """Confirm these requests; return how many. Others in the same names are refused.

    Two of them in one name confirm neither. `together`: all of a list with one press, so whoever was confirmed in this
    class before is left out: a second phone in their name replaces the first, which somebody must mean. Raises Problem
    `training_over`; `forbidden` for an officer who holds a role elsewhere, because a code opens each of their units.
    """
    row = training.get(session, scope, training_id, lock=True)
    refuse_if(not training.is_open(row), "training_over")
    waits = (TrainingRequest.confirmed_at.is_(None), TrainingRequest.refused_at.is_(None))
    here = select(TrainingRequest).where(TrainingRequest.training_id == row.id, *waits)
    waiting = {request.id: request for request in session.scalars(here)}
    chosen = [waiting[id_] for id_ in dict.fromkeys(request_ids) if id_ in waiting]
    if together:
        confirmed = select(TrainingRequest.officer_id).where(
            TrainingRequest.training_id == row.id,
            TrainingRequest.confirmed_at.is_not(None),
            TrainingRequest.refused_at.is_(None),
        )
        before = set(session.scalars(confirmed))
        chosen = [request for request in chosen if request.officer_id not in before]
    names = Counter(request.officer_id for request in chosen)
    chosen = [request for request in chosen if names[request.officer_id] == 1]
    people.all_managed(session, scope, [request.officer_id for request in chosen])
    for request in chosen:
        request.confirmed_at, request.confirmed_by = now_ms(), scope.officer_id
        log.append(session, Act.TRAINING_CONFIRMED, ("officer", request.officer_id), new={"unit": row.unit_id})
    for request in waiting.values():
        if request.officer_id in names and request.confirmed_at is None and names[request.officer_id] == 1:
            request.refused_at = now_ms()
    session.flush()
    return len(chosen)


def refuse(session: Session, scope: Scope, training_id: str, request_id: str) -> None:
    """Refuse a request, or take a confirmation back while its code was not used."""
    row = training.get(session, scope, training_id, lock=True)
    request = required(session.get(TrainingRequest, request_id))
    refuse_if(request.training_id != row.id, "not_found")
    refuse_if(state(session, request) is RequestState.ENROLLED, "training_enrolled")
    if request.refused_at is None:
        request.refused_at = now_ms()
        code = session.get(EnrolmentCode, request.code_hash) if request.code_hash else None
        if code is not None and code.used_at is None:
            code.used_at = now_ms()
        log.append(session, Act.TRAINING_REFUSED, ("officer", request.officer_id), new={"unit": row.unit_id})
    session.flush()


def make_code(session: Session, row: TrainingDay, asked: Asked, keyring: Keyring) -> tuple[str, str] | None:
    """Make the code of a confirmed request; return (officer's id, code), None if it is not confirmed or was used.

    `row`: the class, locked. A code that this browser lost is void by the next one. It ends with the day. Raises
    Problem if whoever confirmed may no longer make codes for this officer.
    """
    request = own(session, row, asked, lock=True)
    if request is None or state(session, request) is not RequestState.CONFIRMED:
        return None
    by = request.confirmed_by or ""
    trainer = required(session.get(Officer, by), "forbidden")
    refuse_if(trainer.disabled_at is not None, "forbidden")
    officer = people.managed(session, Scope(session, by), request.officer_id)
    with acting_as(ActorKind.OFFICER, by):
        code = codes.make_code(session, officer.id, by, keyring, days=1, until=row.ends_at)
    request.code_hash = codes.hash_of(code, keyring)
    session.flush()
    return officer.id, code
