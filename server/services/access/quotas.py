"""What one device may send, so that no single phone, stolen or gone wrong, can fill or stop the server (429).

The calculation, for an honest phone that comes back after 30 days without a signal, with 300 photos:

| limit | the phone | so |
| --- | --- | --- |
| pushes a minute | one after the other, each at least a round trip of 0.1 s; 2,000 writes are 20 pushes | 600 |
| bytes a day | 300 photos of 0.5 MB with thumbnails, 2 MB of writes: 160 MB; twice after a restore | 1 GiB |
| open uploads | one at a time; if the line breaks in each: 300 photos and 300 thumbnails | 700 |
| bytes of these | as above | 1 GiB |
| rescue files a day | one of 150 MB; thirteen with another client's photos of 8 MB; handed in by two roads | 50 |

Pushes and bytes are counted in the device's own row, which every push updates anyway, so they cost no statement.
Windows are whole minutes and days of the server's clock. A push beyond a limit stores nothing and is counted.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import Problem
from server.models import Device, Rescue

PUSHES_A_MINUTE: Final = 600
BYTES_A_DAY: Final = 1024**3
RESCUE_FILES_A_DAY: Final = 50
MINUTE_MS: Final = 60 * 1000
DAY_MS: Final = 24 * 60 * MINUTE_MS


def _on_top(window: Any, now: str, before: Any, more: str) -> ColumnElement[int]:
    return case((window == bindparam(now, type_=BigInteger), before), else_=0) + bindparam(more, type_=BigInteger)


COUNTING: Final = (  # built once, because every push runs it
    update(Device)
    .where(Device.id == bindparam("device"))
    .values(
        quota_minute=bindparam("minute", type_=BigInteger),
        quota_pushes=_on_top(Device.quota_minute, "minute", Device.quota_pushes, "pushes"),
        quota_day=bindparam("day", type_=BigInteger),
        quota_bytes=_on_top(Device.quota_day, "day", Device.quota_bytes, "bytes"),
    )
    .returning(Device.quota_pushes, Device.quota_bytes)
)
"""An UPDATE of a device that counts what it sent; it returns the counts, for `excess`."""


def counted(device_id: str, now: int, *, pushes: int = 0, size: int = 0) -> dict[str, Any]:
    """The parameters of `COUNTING`."""
    return {"device": device_id, "minute": now // MINUTE_MS, "pushes": pushes, "day": now // DAY_MS, "bytes": size}


def excess(now: int, pushes: int, size: int) -> Problem | None:
    """The error for a device that has sent this much lately; None while it is within its quota."""
    if pushes > PUSHES_A_MINUTE:
        return _too_much(MINUTE_MS - now % MINUTE_MS)
    return _too_much(DAY_MS - now % DAY_MS) if size > BYTES_A_DAY else None


def check_door(device: Device) -> None:
    """Check before a body is read. Raises `device_quota` if the device has used up the pushes of this minute."""
    now = now_ms()
    if device.quota_minute == now // MINUTE_MS and device.quota_pushes >= PUSHES_A_MINUTE:
        raise _too_much(MINUTE_MS - now % MINUTE_MS)


def spend(session: Session, device_id: str, size: int) -> None:
    """Count the bytes of a complete upload. Raises `device_quota`."""
    now = now_ms()
    row = session.connection().execute(COUNTING, counted(device_id, now, size=size)).first()
    over = excess(now, 0, row.quota_bytes) if row else None
    if over is not None:
        raise over


def check_rescue(session: Session, device_id: str) -> None:
    """Raise `rescue_quota` if too many files of this device were handed in within a day."""
    lately = (Rescue.device_id == device_id, Rescue.at > now_ms() - DAY_MS)
    if (session.scalar(select(func.count()).select_from(Rescue).where(*lately)) or 0) >= RESCUE_FILES_A_DAY:
        raise Problem("rescue_quota", retry_after_s=60 * 60)


def _too_much(left_ms: int) -> Problem:
    return Problem("device_quota", retry_after_s=left_ms // 1000 + 1)
