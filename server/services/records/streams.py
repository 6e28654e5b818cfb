"""Streams: locked in the order of their ids, and the only givers of positions and numbers (SPEC C-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, literal, or_, select, true, update
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.core.db import inserting, merge_all
from server.models import Campaign, Counter, Restoration, Stream
from server.services.continuity import revocations
from sync.registry import KINDS

Place = tuple[str, str]
"""(unit id, campaign id): what names a stream on the wire."""


SKIPPED = 100
"""More records of one kind than any unit makes in the hours that a backup is old."""

_LOCKED = (
    select(Stream)
    .where(
        or_(
            Stream.id.in_(bindparam("ids", expanding=True)),
            and_(
                Stream.unit_id.in_(bindparam("units", expanding=True)),
                Stream.campaign_id.in_(bindparam("campaigns", expanding=True)),
            ),
        )
    )
    .order_by(Stream.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_STATUS = select(Campaign.id, Campaign.status).where(Campaign.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Locked:
    """A stream that is ours until the transaction ends, with what its campaign is (`open`, `closed`, `archived`)."""

    stream: Stream
    status: str


def lock(session: Session, ids: Iterable[str] = (), places: Iterable[Place] = ()) -> dict[str, Locked]:
    """These streams, locked until the transaction ends; in one order, so that two never wait for each other (C-1).

    Ids and places that no stream has are passed over. On SQLite the whole database is locked already
    (BEGIN IMMEDIATE).
    """
    wanted, at = set(ids), set(places)
    given = {"ids": list(wanted), "units": [unit for unit, _ in at], "campaigns": [campaign for _, campaign in at]}
    found = session.scalars(_LOCKED, given).all()
    # Asked behind the locks: joined to the statement that waited for them, it would be of the moment before.
    rows = session.execute(_STATUS, {"ids": list({stream.campaign_id for stream in found})})
    status = {id_: status for id_, status in rows}  # noqa: C416  # rows are no pairs for mypy
    return {stream.id: Locked(stream, status[stream.campaign_id]) for stream in found}


def open_for(session: Session, campaign_id: str, unit_ids: Iterable[str], *, again: bool = False) -> None:
    """Make the streams of a campaign for these units where they are missing: on opening it, and when units join.

    `again`: a restore lost them, and what they gave is on phones and on paper: numbers begin behind a gap for each time
    (SPEC B-14).
    """
    have = set(session.scalars(select(Stream.unit_id).where(Stream.campaign_id == campaign_id)))
    made = [
        Stream(id=new_id(), unit_id=unit, campaign_id=campaign_id, position=0) for unit in unit_ids if unit not in have
    ]
    session.add_all(made)
    session.flush()
    if again:
        restores = len({*session.scalars(select(Restoration.at)), *revocations.restores(session)})
        gap = _gap(restores - 1) if restores else 0
        session.add_all(Counter(stream_id=stream.id, kind=kind, last=gap) for stream in made for kind in KINDS)
        session.flush()


def next_position(stream: Stream) -> int:
    """The stream's next position; only under its lock."""
    stream.position += 1
    return stream.position


_LAST = select(Counter.stream_id, Counter.kind, Counter.last).where(
    Counter.stream_id.in_(bindparam("ids", expanding=True))
)


class Numbers:
    """Numbers of records by stream and kind, never given twice; only under the streams' locks."""

    def __init__(self, session: Session, stream_ids: Iterable[str]) -> None:
        rows = session.execute(_LAST, {"ids": list(stream_ids)})
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
        merge_all(session, Counter, rows, most=("last",))  # it may have been skipped meanwhile


def skip_numbers(session: Session, forgotten: int = 0) -> None:
    """After a restore: numbers given in the hours that were lost are on phones and on paper, so none is given again.

    Each counter goes to a full hundred that leaves at least a hundred numbers behind it (SPEC B-8), and more where this
    database does not remember so many restores. Under the locks of all streams: who read a counter before gives that
    number first, and it is counted.
    """
    session.scalars(select(Stream.id).order_by(Stream.id).with_for_update()).all()
    gap = _gap(forgotten)
    session.execute(update(Counter).values(last=(Counter.last + gap + SKIPPED - 1) // SKIPPED * SKIPPED))
    for kind in KINDS:
        begun = select(Stream.id, literal(kind), literal(gap)).where(true())
        missing = inserting(session, Counter).from_select(["stream_id", "kind", "last"], begun)
        session.execute(missing.on_conflict_do_nothing())


def _gap(forgotten: int) -> int:
    """A restore that is not remembered went to the next full hundred but one, and numbers were given behind that."""
    return SKIPPED * (1 + 2 * forgotten)


def number_text(kind: str, number: int) -> str:
    """A record's number as people say it, behind the unit's name: `BR-17`."""
    known = KINDS.get(kind)
    return f"{known.prefix if known else kind}-{number}"
