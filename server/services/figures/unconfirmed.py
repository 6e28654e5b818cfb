"""Airings of a unit, planned for days that have come, that nobody confirmed: they do not count (SPEC F-21)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.array_parameters import one_of
from server.core.clock import today
from server.models import Record
from server.services.records.stored import as_write, writes_of
from sync.airings import progress
from sync.decision import PURGED
from sync.record import State, agreed
from sync.registry import KINDS

_IN_NO_FIGURE: Final = ("draft", "not_counted", "deleted", PURGED)
_AT_ONCE: Final = 200


def airings(session: Session, stream_ids: Collection[str]) -> int:
    """Return how many airings of these streams' submitted records are not confirmed up to today.

    It depends on the day and so is never stored; no amount follows from it.
    """
    kinds = [kind.name for kind in KINDS.recorded() if kind.confirm]
    chosen = select(Record.id, Record.kind).where(
        one_of(Record.stream_id, stream_ids), Record.kind.in_(kinds), Record.state.not_in(_IN_NO_FIGURE)
    )
    kind_of = {id_: kind for id_, kind in session.execute(chosen)}  # noqa: C416  # rows are no plain pairs for mypy
    ids, day, count = list(kind_of), today(), 0
    for start in range(0, len(ids), _AT_ONCE):
        for id_, rows in writes_of(session, ids[start : start + _AT_ONCE]).items():
            values = agreed(State.of(as_write(row) for row in rows).all_sides)
            found = progress(KINDS[kind_of[id_]], values, day)
            count += found.unconfirmed if found else 0
    return count
