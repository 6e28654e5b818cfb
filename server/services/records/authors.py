"""Authors of a record (SPEC D-6): its writers, and for 30 days the maker of the code a writing phone enrolled with.

A person who only chose between values of others is no author.

Otherwise a reviewer could make a code for an officer, enrol with it, write records and count them. It ends for a phone
when its officer confirms it at the desk with the own password. A code made in the shell has no reviewer as its maker.
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
    """By write: the officer who made the device's code and so counts as an author."""
    rows = [row for row in rows if not row.chosen]
    devices = {row.device_id for row in rows if row.device_id}
    query = select(Device).where(Device.id.in_(devices), Device.code_by.is_not(None), Device.confirmed_at.is_(None))
    made = {device.id: device for device in session.scalars(query)} if devices else {}
    return {
        row.id: str(device.code_by)
        for row in rows
        if (device := made.get(row.device_id or "")) and row.received_at < device.created_at + _WINDOW_MS
    }


def written_by(session: Session, officer_id: str) -> ColumnElement[bool]:
    """SQL condition on WriteRow: this officer counts as an author of the write.

    The officers with a device of a code of theirs are read first. In a subquery they would keep the index of officers
    from being used, and every write would be read.
    """
    made = and_(Device.code_by == officer_id, Device.confirmed_at.is_(None))
    officers = list(session.scalars(select(Device.officer_id).where(made).distinct()))
    if not officers:
        return and_(WriteRow.chosen.is_(False), WriteRow.officer_id == officer_id)
    device = select(Device.id).where(made, Device.id == WriteRow.device_id)
    in_time = device.where(WriteRow.received_at < Device.created_at + _WINDOW_MS).exists()
    wrote = or_(WriteRow.officer_id == officer_id, and_(WriteRow.officer_id.in_(officers), in_time))
    return and_(WriteRow.chosen.is_(False), wrote)


def others_who_decide(session: Session, scope: Scope, unit_id: str, authors: Iterable[str]) -> list[Officer]:
    """A few people who may decide instead of an author: reviewers of the units above, the nearest first."""
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
