"""The last push of each device, so that a client that lost the answer can ask for it (SPEC X-15, X-16).

It is kept in the transaction that stores the push's writes, so it is there if and only if they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk_insert import merge_all
from server.core.clock import now_ms
from server.models import Push
from server.services.exchange import wire
from server.services.records.stored import Result
from sync.runs import pack


@dataclass(frozen=True, slots=True)
class Kept:
    """The results of a push as runs, the ids of the writes it stored, and when (ms)."""

    runs: list[dict[str, Any]]
    new: list[str]
    at: int


def keep(session: Session, device_id: str, push: str, results: Sequence[Result]) -> None:
    """Keep this push in place of the previous one."""
    kept = {
        "device_id": device_id,
        "push": push,
        "runs": pack([wire.result(each) for each in results]),
        "new": [result.id for result in results if result.new and not result.altered],
        "at": now_ms(),
    }
    merge_all(session, Push, [kept])


def kept(session: Session, device_id: str, push: str) -> Kept | None:
    """The push with this id, if it is the one kept for this device."""
    found = session.execute(
        select(Push.runs, Push.new, Push.at).where(Push.device_id == device_id, Push.push == push)
    ).first()
    return None if found is None else Kept(found.runs, found.new, found.at)
