"""Who counts as an author of a record (SPEC D-6): who wrote, and for 30 days who made the code of the phone that wrote.

Who only chose between values that others wrote is none.

A reviewer could otherwise make a code for an officer, enrol with it, write records and count them. It ends for a phone
when its officer says at the desk, with the own password, that the phone is theirs. A code that the shell made was made
by no reviewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from server.models import Device, Membership, Officer, WriteRow
from server.services.access.devices import DAY_MS
from server.services.units.scope import COORDINATOR, REVIEWER, Scope
from sync.protocol import CODE_MAKER_DAYS

SHOWN = 3
_WINDOW_MS = CODE_MAKER_DAYS * DAY_MS


def code_makers(session: Session, rows: Iterable[WriteRow]) -> Mapping[str, str]:
    """The writes that a code maker counts as an author of, each with that officer."""
    rows = [row for row in rows if not row.chosen]
    devices = {row.device_id for row in rows if row.device_id}
    query = select(Device).where(Device.id.in_(devices), Device.code_by.is_not(None), Device.confirmed_at.is_(None))
    made = {device.id: device for device in session.scalars(query)} if devices else {}
    return {
        row.id: str(device.code_by)
        for row in rows
        if (device := made.get(row.device_id or "")) and row.received_at < device.created_at + _WINDOW_MS
    }


def written_by(officer_id: str) -> ColumnElement[bool]:
    """The writes that this officer counts as an author of; an SQL condition on WriteRow."""
    made = and_(Device.id == WriteRow.device_id, Device.code_by == officer_id, Device.confirmed_at.is_(None))
    device = select(Device.id).where(made, WriteRow.received_at < Device.created_at + _WINDOW_MS).exists()
    officers = select(Device.officer_id).where(Device.code_by == officer_id)
    wrote = or_(WriteRow.officer_id == officer_id, and_(WriteRow.officer_id.in_(officers), device))
    return and_(WriteRow.chosen.is_(False), wrote)


def others_who_decide(session: Session, scope: Scope, unit_id: str, authors: Iterable[str]) -> list[Officer]:
    """A few who may decide in the place of an author: reviewers of the units above, the nearest first."""
    chain = scope.chain(unit_id)[1:] or scope.chain(unit_id)
    held = (
        select(Officer, Membership.unit_id)
        .join(Membership, Membership.officer_id == Officer.id)
        .where(Membership.unit_id.in_(chain), Membership.role.in_([REVIEWER, COORDINATOR]))
        .where(Membership.ended_at.is_(None), Officer.disabled_at.is_(None), Officer.id.not_in(list(authors)))
        .order_by(Officer.created_at, Officer.id)
    )
    rows = sorted(session.execute(held).all(), key=lambda row: chain.index(row.unit_id))
    return list({row.Officer.id: row.Officer for row in rows}.values())[:SHOWN]
