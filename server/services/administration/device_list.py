"""Devices of the people below, those not heard of for longest first: which phones are lost, lent, or in a drawer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.paging import page_of
from server.core.problem_details import refuse_if
from server.models import Device, Membership, Officer, Unit
from server.services.units import unit_search
from server.services.units.scope import MANAGERS, Scope

PAGE: Final = 50


class DeviceState(StrEnum):
    """What became of a device. `idle`: in use, but not heard of for so long that it needs a new code (SPEC X-44)."""

    USED = "used"
    IDLE = "idle"
    REPLACED = "replaced"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """One device with its officer and the officer's units. `manageable`: all of these are managed."""

    device: Device
    officer: Officer
    units: list[Unit]
    manageable: bool


@dataclass(frozen=True, slots=True)
class DevicePage:
    """One page of the list; `total`: devices on all pages."""

    state: DeviceState
    unit: str
    rows: list[ListedDevice]
    total: int
    page: int
    pages: int


def page(session: Session, scope: Scope, state: DeviceState, unit_id: str, idle_ms: int, number: int) -> DevicePage:
    """Return a page of the devices in one state. Raises Problem `not_found` for a unit that is not managed."""
    refuse_if(unit_id and not scope.may_manage(unit_id), "not_found")
    tops = [unit_id] if unit_id else scope.highest(MANAGERS)
    found = _found(tops, _in(state, now_ms() - idle_ms))
    shown = page_of(session, found.order_by(Device.seen_at, Device.id), number, PAGE)
    rows = _rows(session, scope, [row[0] for row in shown.rows])
    return DevicePage(state, unit_id, rows, shown.total, shown.number, shown.pages)


def _found(tops: list[str], conditions: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    below = unit_search.walk(tops)
    held = select(Membership.officer_id).join(below, below.c.id == Membership.unit_id)
    return select(Device).where(Device.officer_id.in_(held.where(Membership.ended_at.is_(None))), *conditions)


def _in(state: DeviceState, heard_after: int) -> tuple[ColumnElement[bool], ...]:
    if state is DeviceState.REVOKED:
        return (Device.revoked_at.is_not(None),)
    stands = Device.revoked_at.is_(None)
    if state is DeviceState.REPLACED:
        return (stands, Device.replaced_at.is_not(None))
    heard = Device.seen_at >= heard_after
    return (stands, Device.replaced_at.is_(None), heard if state is DeviceState.USED else ~heard)


def _rows(session: Session, scope: Scope, devices: list[Device]) -> list[ListedDevice]:
    ids = {device.officer_id for device in devices}
    officers = {officer.id: officer for officer in session.scalars(select(Officer).where(Officer.id.in_(ids)))}
    units: dict[str, dict[str, Unit]] = {}
    held = select(Membership.officer_id, Unit).join(Unit, Unit.id == Membership.unit_id)
    held = held.where(Membership.officer_id.in_(ids), Membership.ended_at.is_(None)).order_by(Unit.code)
    for officer_id, unit in session.execute(held):
        units.setdefault(officer_id, {})[unit.id] = unit
    scope.read_chains({unit for each in units.values() for unit in each})
    return [
        ListedDevice(
            device,
            officers[device.officer_id],
            list(units[device.officer_id].values()),
            all(scope.may_manage(unit) for unit in units[device.officer_id]),
        )
        for device in devices
    ]
