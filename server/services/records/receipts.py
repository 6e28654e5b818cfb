"""When the server first received a write that a client brings back after a restore (SPEC L-15, L-19).

Example: a banner is stored on 30/7. On 4/8 the database is restored to a copy of 29/7. On 5/8 the phone sends the
banner again. It keeps 30/7 as its day, which the phone remembers, so the restore makes nothing late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Restoration
from server.services.records.stored import Author, LastRestore
from sync.protocol import KEPT_MS, RECEIPT_APP
from sync.write import Write

T = TypeVar("T")
_LAST = select(Restoration.at, Restoration.holds_until).order_by(Restoration.at.desc()).limit(1)
LAST = tuple(_LAST.with_only_columns(each).scalar_subquery() for each in (Restoration.at, Restoration.holds_until))
"""The last restore, as columns of another statement of the same transaction: `Author.last_restore`."""


def settle(session: Session, judged: Sequence[Write | T], author: Author) -> list[Write | T]:
    """Set `received` of each write: the moment in ms (server clock) that counts as its receipt, None for now.

    The client's value counts only in the 30 days after a restore, and only for a moment before it: at other times no
    write can have been lost. An older app cannot send it. A newer one does not know it for writes stored before its
    update (it sends 1). Such writes get a moment at which nothing was lost yet, so that their return makes none late.
    """
    app = author.app
    cannot_say = app is not None and app < RECEIPT_APP
    if not cannot_say and not any(isinstance(each, Write) and each.received is not None for each in judged):
        return list(judged)
    settled = _settling(session, author.last_restore)
    return [
        _with(each, settled(0 if each.received is None and cannot_say else each.received))
        if isinstance(each, Write)
        else each
        for each in judged
    ]


def moment(session: Session, said: object) -> int | None:
    """Settle that of another entry of an outbox in the same way; None for what is no moment."""
    return _settling(session)(said) if isinstance(said, int) and not isinstance(said, bool) else None


def _settling(session: Session, last: LastRestore | None = None) -> Callable[[int | None], int | None]:
    at, holds_until = last or session.connection().execute(_LAST).first() or (None, None)
    restored_at = at or 0
    intact_until = holds_until or restored_at - KEPT_MS
    lately = now_ms() - restored_at <= KEPT_MS

    def settled(said: int | None) -> int | None:
        if not lately or said is None:
            return None
        if said < restored_at - KEPT_MS:
            return intact_until
        return said if said <= restored_at else None

    return settled


def _with(write: Write, received: int | None) -> Write:
    return write if write.received == received else replace(write, received=received)
