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

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import Problem
from server.models import Device, Rescue

PUSHES_A_MINUTE: Final = 600
BYTES_A_DAY: Final = 1024**3
RESCUE_FILES_A_DAY: Final = 50
MINUTE_MS: Final = 60 * 1000
DAY_MS: Final = 24 * 60 * MINUTE_MS


def counted(now: int, *, pushes: int = 0, size: int = 0) -> dict[str, Any]:
    """The values of an UPDATE of the device that counts these."""
    minute, day = now // MINUTE_MS, now // DAY_MS
    return {
        "quota_minute": minute,
        "quota_pushes": _on_top(Device.quota_minute == minute, Device.quota_pushes, pushes),
        "quota_day": day,
        "quota_bytes": _on_top(Device.quota_day == day, Device.quota_bytes, size),
    }


def _on_top(same: ColumnElement[bool], before: Any, more: int) -> ColumnElement[int]:
    return case((same, before), else_=0) + more


COUNTS: Final = (Device.quota_pushes, Device.quota_bytes)
"""The columns that this UPDATE returns, for `excess`."""


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
    counting = update(Device).where(Device.id == device_id).values(**counted(now, size=size)).returning(*COUNTS)
    row = session.execute(counting, execution_options={"synchronize_session": False}).first()
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
