"""What a client tells of the work that is on it alone (SPEC X-45), so that who waits for figures knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.models import Device
from sync.protocol import INTEGER_MAX

_MOST = 2**31 - 1
"""More writes or photos than this are noted as this many: they must fit their columns."""


@dataclass(frozen=True, slots=True)
class HeldWork:
    """Writes that the server did not store, photos of which bytes still have to go, and those bytes."""

    writes: int
    photos: int
    bytes: int

    @classmethod
    def of(cls, device: Device) -> HeldWork | None:
        """Return what this device told last; None if it never did."""
        if device.held_at is None:
            return None
        return cls(device.held_writes or 0, device.held_photos or 0, device.held_bytes or 0)


def read(told: object) -> HeldWork | None:
    """Return what a request says; None for anything else, which harms nothing."""
    if not isinstance(told, dict):
        return None
    numbers = [told.get(name) for name in ("writes", "photos", "bytes")]
    if not all(type(number) is int and 0 <= number <= INTEGER_MAX for number in numbers):
        return None
    writes, photos, size = (int(number or 0) for number in numbers)
    return HeldWork(min(writes, _MOST), min(photos, _MOST), size)


def noted(held: HeldWork | None, at_ms: int) -> dict[str, Any]:
    """Return the columns of a device that note it; none if nothing was told."""
    if held is None:
        return {}
    return {"held_writes": held.writes, "held_photos": held.photos, "held_bytes": held.bytes, "held_at": at_ms}
