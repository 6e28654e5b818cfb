"""Airings planned for days that are over, that nobody confirmed: they do not count (SPEC F-21)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import today
from server.models import Record
from server.services.records.stored import as_write, writes_of
from sync.airings import Progress, progress
from sync.record import PURGED, State, agreed
from sync.registry import KINDS, Kind
from sync.values import Value

_IN_NO_FIGURE: Final = ("draft", "not_counted", "deleted", PURGED)
_AT_ONCE: Final = 200


def progress_now(kind: Kind | None, values: Mapping[str, Value]) -> Progress | None:
    """Return plan and done of a schedule; its days are open up to yesterday, because today may still be aired."""
    return progress(kind, values, today() - timedelta(days=1))


def airings(session: Session, stream_ids: Collection[str]) -> int:
    """Return how many airings of these streams' submitted records are not confirmed.

    It depends on the day and so is never stored; no amount follows from it.
    """
    kinds = [kind.name for kind in KINDS.recorded() if kind.confirm]
    chosen = select(Record.id, Record.kind).where(
        one_of(Record.stream_id, stream_ids), Record.kind.in_(kinds), Record.state.not_in(_IN_NO_FIGURE)
    )
    kind_of = {id_: kind for id_, kind in session.execute(chosen)}  # noqa: C416  # rows are no plain pairs for mypy
    ids, count = list(kind_of), 0
    for start in range(0, len(ids), _AT_ONCE):
        for id_, rows in writes_of(session, ids[start : start + _AT_ONCE]).items():
            values = agreed(State.of(as_write(row) for row in rows).all_sides)
            found = progress_now(KINDS[kind_of[id_]], values)
            count += found.unconfirmed if found else 0
    return count
