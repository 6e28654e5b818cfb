"""A training day: one address for a class, on the projector as a QR code, until the day ends.

The address alone gives nothing: a phone also brings the code of the room, which the screen shows, in the QR code and to
be typed, and which changes every five minutes. With it a phone reads the names of the class's officers and asks for a
place in the trainer's list (training_requests.py). Both are derived from the id and a key, so no copy of the database
holds them.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from server.core.clock import DAY_MS, new_id, now_ms, start_of, today
from server.core.db import add_now
from server.core.keyring import Keyring
from server.core.problem_details import Problem, refuse_if, required
from server.core.secrets_at_rest import room_code as room_code_at
from server.core.secrets_at_rest import training_token
from server.models import Membership, Officer, TrainingDay, TrainingRequest, Unit
from server.models.units import by_name
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import OFFICER, Scope
from server.services.units.tree import subtree

PURPOSE: Final = "training"
"""Of the key that addresses are derived with."""
KEPT_DAYS: Final = 30
STEP_MS: Final = 5 * 60 * 1000
"""How long the screen shows one code of the room; it is taken for as long again."""
STEPS_INSIDE: Final = 6
"""Steps for which a phone that brought a code counts as in the room: time to choose, and to come back to it."""


@dataclass(frozen=True, slots=True)
class ClassUnit:
    """A unit of a class, and how many of its officers may be chosen."""

    unit: Unit
    officers: int


def end_of_day() -> int:
    """Return the first moment of tomorrow in Việt Nam."""
    return start_of(today() + timedelta(days=1))


def begin(session: Session, scope: Scope, unit_id: str) -> TrainingDay:
    """Begin a class for this unit and those below it; one that is open there already is returned instead.

    Raises Problem `not_found` for a unit that the officer does not manage.
    """
    refuse_if(not scope.may_manage(unit_id), "not_found")
    row = session.scalar(_open().where(TrainingDay.unit_id == unit_id, TrainingDay.officer_id == scope.officer_id))
    if row is not None:
        return row
    _forget(session)
    row = add_now(
        session,
        TrainingDay(
            id=new_id(), unit_id=unit_id, officer_id=scope.officer_id, at=now_ms(), ends_at=end_of_day(), ended_at=None
        ),
    )
    log.append(session, Act.TRAINING_BEGUN, ("unit", unit_id))
    return row


def _forget(session: Session) -> None:
    """Delete classes of long ago, with who waited in them: devices and the audit log say what came of it."""
    old = select(TrainingDay.id).where(TrainingDay.ends_at < now_ms() - KEPT_DAYS * DAY_MS)
    session.execute(delete(TrainingRequest).where(TrainingRequest.training_id.in_(old)))
    session.execute(delete(TrainingDay).where(TrainingDay.ends_at < now_ms() - KEPT_DAYS * DAY_MS))


def get(session: Session, scope: Scope, training_id: str, *, lock: bool = False) -> TrainingDay:
    """Return a class of a unit that the officer manages. Raises Problem `not_found`."""
    row = required(session.get(TrainingDay, training_id, with_for_update=lock))
    refuse_if(not scope.may_manage(row.unit_id), "not_found")
    return row


def open_ones(session: Session, scope: Scope) -> list[tuple[TrainingDay, Unit]]:
    """Return today's open classes of units that the officer manages."""
    rows = session.execute(_open().add_columns(Unit).join(Unit, Unit.id == TrainingDay.unit_id)).all()
    scope.read_chains({row.unit_id for row, _ in rows})
    return [(row, unit) for row, unit in rows if scope.may_manage(row.unit_id)]


def end(session: Session, scope: Scope, training_id: str) -> TrainingDay:
    """End a class before its day does. Who was confirmed and has no phone yet asks for a code."""
    row = get(session, scope, training_id, lock=True)
    if is_open(row):
        row.ended_at = now_ms()
        session.flush()
        log.append(session, Act.TRAINING_ENDED, ("unit", row.unit_id))
    return row


def is_open(row: TrainingDay) -> bool:
    """True until the day or the class ends."""
    return row.ended_at is None and now_ms() < row.ends_at


def address_token(row: TrainingDay, keyring: Keyring) -> str:
    """Return what the address ends with."""
    return training_token(row.id, keyring.current(PURPOSE))


def room_code(row: TrainingDay, keyring: Keyring) -> str:
    """Return the code of the room that the screen shows now."""
    return room_code_at(row.id, _step(), keyring.current(PURPOSE))


def room_step(row: TrainingDay, typed: str, keyring: Keyring) -> int | None:
    """Return the step of time of a code that was typed or scanned; None if none like it was shown lately."""
    plain = re.sub(r"[\s-]", "", typed).upper().encode("utf-8", "replace")
    for step in (_step(), _step() - 1):
        for key in keyring.all(PURPOSE):
            if hmac.compare_digest(room_code_at(row.id, step, key).encode(), plain):
                return step
    return None


def is_inside(step: int) -> bool:
    """True if a phone that brought the code of this step still counts as in the room."""
    return 0 <= _step() - step < STEPS_INSIDE


def _step() -> int:
    return now_ms() // STEP_MS


def entered(session: Session, training_id: str, token: str, keyring: Keyring, *, lock: bool = False) -> TrainingDay:
    """Return the open class at this address. Raises Problem `training_over` for any other, whatever the reason."""
    known = (training_token(training_id, key).encode() for key in keyring.all(PURPOSE))
    row = None
    if any(hmac.compare_digest(each, token.encode("utf-8", "replace")) for each in known):
        row = session.get(TrainingDay, training_id, with_for_update=lock)
    if row is None or not is_open(row):
        raise Problem("training_over")
    return row


def units(session: Session, row: TrainingDay) -> list[ClassUnit]:
    """Return the units of the class that have officers, in Vietnamese order."""
    below = subtree(session, [row.unit_id])
    held = (
        select(Membership.unit_id, Membership.officer_id)
        .join(Officer, Officer.id == Membership.officer_id)
        .where(Membership.role == OFFICER, Membership.ended_at.is_(None), Officer.disabled_at.is_(None))
    )
    found: dict[str, int] = {}
    for unit_id, _ in session.execute(held.where(Membership.unit_id.in_(below))):
        found[unit_id] = found.get(unit_id, 0) + 1
    rows = session.scalars(select(Unit).where(Unit.id.in_(found), Unit.merged_at.is_(None)))
    return [ClassUnit(unit, found[unit.id]) for unit in sorted(rows, key=lambda unit: by_name(unit.name))]


def officers(session: Session, row: TrainingDay, unit_id: str) -> list[Officer]:
    """Return the officers of a unit of the class. Raises Problem `not_found` for a unit outside it."""
    refuse_if(unit_id not in subtree(session, [row.unit_id]), "not_found")
    query = (
        select(Officer)
        .join(Membership, Membership.officer_id == Officer.id)
        .where(Membership.unit_id == unit_id, Membership.role == OFFICER, Membership.ended_at.is_(None))
        .where(Officer.disabled_at.is_(None))
        .order_by(Officer.sort_key, Officer.id)
    )
    return list(session.scalars(query))


def _open() -> Select[TrainingDay]:
    return select(TrainingDay).where(TrainingDay.ended_at.is_(None), TrainingDay.ends_at > now_ms())
