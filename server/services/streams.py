"""Streams: locked in the order of their ids, and the only givers of positions and numbers (SPEC C-1)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.clock import new_id
from server.db import inserting
from server.models import Counter, Stream
from sync.registry import KINDS

Place = tuple[str, str]
"""(unit id, campaign id): what names a stream on the wire."""


def lock(session: Session, ids: Iterable[str]) -> dict[str, Stream]:
    """These streams, locked until the transaction ends; in one order, so that two never wait for each other.

    On SQLite the whole database is locked already (BEGIN IMMEDIATE).
    """
    wanted = sorted(set(ids))
    rows = session.scalars(
        select(Stream)
        .where(Stream.id.in_(wanted))
        .order_by(Stream.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {stream.id: stream for stream in rows}


def find(session: Session, places: Iterable[Place]) -> dict[Place, str]:
    """Ids of the streams of these places that exist."""
    wanted = set(places)
    units, campaigns = {unit for unit, _ in wanted}, {campaign for _, campaign in wanted}
    rows = session.execute(
        select(Stream.unit_id, Stream.campaign_id, Stream.id).where(
            Stream.unit_id.in_(units), Stream.campaign_id.in_(campaigns)
        )
    )
    return {(unit, campaign): id_ for unit, campaign, id_ in rows if (unit, campaign) in wanted}


def open_for(session: Session, campaign_id: str, unit_ids: Iterable[str]) -> None:
    """Make the streams of a campaign for these units where they are missing: on opening it, and when units join."""
    have = set(session.scalars(select(Stream.unit_id).where(Stream.campaign_id == campaign_id)))
    session.add_all(
        Stream(id=new_id(), unit_id=unit, campaign_id=campaign_id, position=0) for unit in unit_ids if unit not in have
    )
    session.flush()


def next_position(stream: Stream) -> int:
    """The stream's next position; only under its lock."""
    stream.position += 1
    return stream.position


class Numbers:
    """Numbers of records by stream and kind, never given twice; only under the streams' locks."""

    def __init__(self, session: Session, stream_ids: Iterable[str]) -> None:
        rows = session.execute(
            select(Counter.stream_id, Counter.kind, Counter.last).where(Counter.stream_id.in_(list(stream_ids)))
        )
        self._last = {(stream, kind): last for stream, kind, last in rows}
        self._given: set[tuple[str, str]] = set()

    def next(self, stream: Stream, kind: str) -> int:
        """The next one; `save` makes it last."""
        key = (stream.id, kind)
        self._last[key] = self._last.get(key, 0) + 1
        self._given.add(key)
        return self._last[key]

    def save(self, session: Session) -> None:
        """Store how far each went."""
        rows = [{"stream_id": key[0], "kind": key[1], "last": self._last[key]} for key in sorted(self._given)]
        if rows:
            new = inserting(session, Counter)
            last = {"last": new.excluded.last}
            session.execute(new.on_conflict_do_update(index_elements=["stream_id", "kind"], set_=last), rows)


def number_text(kind: str, number: int) -> str:
    """A record's number as people say it, behind the unit's name: `BR-17`."""
    known = KINDS.get(kind)
    return f"{known.prefix if known else kind}-{number}"
