"""The calling device, identified by the token in the Authorization header."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import g, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.api.packing import pack
from server.core import acting
from server.core.acting import ActorKind
from server.core.clock import now_ms
from server.core.db import reading
from server.core.problem_details import Problem
from server.services.access import devices
from server.services.access.devices import Caller, HeldWork, caller_of, is_idle, shut_out
from server.services.continuity import marks
from server.services.units.scope import GRACE_MS, Scope
from server.serving.every_request import admit
from server.serving.installation import device_budget, device_idle_ms


def identify() -> None:
    """Identify the caller before the body is read and inflated, so that strangers cost no memory. Raises 401."""
    if request.method != "OPTIONS":  # browsers and tus send it before any token
        g.begun = time.thread_time()
        g.caller = _identify()
        admit()


@dataclass(frozen=True, slots=True)
class DeviceRoles:
    """What the officer of the calling device holds today, for the table of rights."""

    roles: frozenset[str]
    top_roles: frozenset[str]


def device_roles() -> DeviceRoles:
    """Return the roles of the calling device's officer, once it is identified."""
    calling: Caller = g.caller
    with reading() as session:
        return DeviceRoles(*Scope(session, calling.officer_id, roles=calling.roles).held_roles())


def finish(response: Response) -> Response:
    """End an answer of this API: name the way to sign in on a 401 (RFC 9110), compress it, charge the device.

    A device pays what its answer cost the processor. Photos that come are limited by their bytes.
    """
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if response.content_length:
        pack(response)
    calling: Caller | None = g.get("caller")
    if calling is not None and request.blueprint != "uploads":
        devices.owe(calling.device_id, (time.thread_time() - g.begun) * 1000)
    return response


def caller(*, replaced: bool = True) -> Caller:
    """Return the calling device. With `replaced` False, one that was replaced or is idle is refused: raises 403."""
    calling: Caller = g.caller
    if calling.set_aside and not replaced:
        raise Problem("forbidden")
    return calling


def _identify() -> Caller:
    """Return the token's device. Raises 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise shut_out()
    with reading() as session:
        found = caller_of(session, token.strip(), now_ms() - GRACE_MS - 1)
        if found is None:
            raise shut_out()
        device, roles = found
        if request.blueprint != "uploads":
            pushes = request.blueprint == "sync"
            devices.check_door(device, device_budget(), pushes=pushes, size=request.content_length or 0)
        acting.become(ActorKind.DEVICE, device.id)
        idle = _is_idle(session, device.seen_at)
        replaced = device.replaced_at is not None
        return Caller(device.id, device.officer_id, device.seen_at, replaced, idle, HeldWork.of(device), roles)


def _is_idle(session: Session, seen_at: int) -> bool:
    """True if the device must enrol again (SPEC X-44). What a restored database forgot is no silence of the phone."""
    limit = device_idle_ms()
    return is_idle(seen_at, limit) and is_idle(marks.latest(session) or 0, limit)
