"""Streams: locked in the order of their ids. Only they assign positions and numbers (SPEC C-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, literal, or_, select, true, update
from sqlalchemy.orm import Session

from server.core.array_parameters import one_of_parameter
from server.core.bulk_insert import inserting, merge_all
from server.core.clock import new_id
from server.models import Campaign, Counter, Restoration, Stream
from server.services.continuity import revocations
from sync.registry import KINDS

Place = tuple[str, str]
"""(unit id, campaign id): the name of a stream on the wire."""


_AT_ONCE = 500
SKIPPED = 100
"""More records of one kind than any unit makes in the hours since a backup."""

_LOCKED = (
    select(Stream)
    .where(
        or_(
            one_of_parameter(Stream.id, "ids"),
            and_(
                one_of_parameter(Stream.unit_id, "units"),
                one_of_parameter(Stream.campaign_id, "campaigns"),
            ),
        )
    )
    .order_by(Stream.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_STATUS = select(Campaign.id, Campaign.status).where(one_of_parameter(Campaign.id, "ids"))


@dataclass(frozen=True, slots=True)
class Locked:
    """A stream locked until the transaction ends, with its campaign's status (`open`, `closed`, `archived`)."""

    stream: Stream
    status: str


def lock(session: Session, ids: Iterable[str] = (), places: Iterable[Place] = ()) -> dict[str, Locked]:
    """Lock these streams until the transaction ends. Always in the same order, so that there is no deadlock (C-1).

    Ids and places without a stream are skipped. On SQLite the whole database is locked already (BEGIN IMMEDIATE).
    """
    wanted, at = set(ids), set(places)
    given = {"ids": list(wanted), "units": [unit for unit, _ in at], "campaigns": [campaign for _, campaign in at]}
    found = session.scalars(_LOCKED, given).all()
    # Read behind the locks: joined to the statement that waited for them, it would be from before.
    rows = session.execute(_STATUS, {"ids": list({stream.campaign_id for stream in found})})
    status = {id_: status for id_, status in rows}  # noqa: C416  # rows are no pairs for mypy
    return {stream.id: Locked(stream, status[stream.campaign_id]) for stream in found}


def open_for(session: Session, campaign_id: str, unit_ids: Iterable[str], *, again: bool = False) -> None:
    """Make the missing streams of a campaign for these units: when it opens, and when units join.

    `again`: a restore lost them, and their numbers are on phones and on paper. So numbers begin after a gap for each
    time (SPEC B-14).
    """
    wanted = list(unit_ids)
    have: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):  # by name: few units do not read a whole campaign
        theirs = Stream.campaign_id == campaign_id, Stream.unit_id.in_(wanted[start : start + _AT_ONCE])
        have.update(session.scalars(select(Stream.unit_id).where(*theirs)))
    made = [
        Stream(id=new_id(), unit_id=unit, campaign_id=campaign_id, position=0) for unit in wanted if unit not in have
    ]
    session.add_all(made)
    session.flush()
    if again:
        restores = len({*session.scalars(select(Restoration.at)), *revocations.restores(session)})
        gap = _gap(restores - 1) if restores else 0
        session.add_all(Counter(stream_id=stream.id, kind=kind, last=gap) for stream in made for kind in KINDS)
        session.flush()


def next_position(stream: Stream) -> int:
    """Draw the stream's next position; only under its lock."""
    stream.position += 1
    return stream.position


_LAST = select(Counter.stream_id, Counter.kind, Counter.last).where(one_of_parameter(Counter.stream_id, "ids"))


class Numbers:
    """Numbers of records by stream and kind, never assigned twice; only under the streams' locks."""

    def __init__(self, session: Session, stream_ids: Iterable[str]) -> None:
        rows = session.connection().execute(_LAST, {"ids": list(stream_ids)})
        self._last = {(stream, kind): last for stream, kind, last in rows}
        self._given: set[tuple[str, str]] = set()

    def next(self, stream: Stream, kind: str) -> int:
        """Draw the next number; `save` makes it permanent."""
        key = (stream.id, kind)
        self._last[key] = self._last.get(key, 0) + 1
        self._given.add(key)
        return self._last[key]

    def save(self, session: Session) -> None:
        """Store the last number of each."""
        rows = [{"stream_id": key[0], "kind": key[1], "last": self._last[key]} for key in sorted(self._given)]
        merge_all(session, Counter, rows, most=("last",))  # it may have been skipped meanwhile


def skip_numbers(session: Session, forgotten: int = 0) -> None:
    """Skip numbers after a restore: those given in the lost hours are on phones and on paper, so none is given again.

    Each counter goes to a full hundred that leaves at least a hundred numbers behind it (SPEC B-8). It goes further if
    this database has forgotten restores. Under the locks of all streams: a transaction that read a counter before gives
    its number first, and that one is counted.
    """
    session.scalars(select(Stream.id).order_by(Stream.id).with_for_update()).all()
    gap = _gap(forgotten)
    session.execute(update(Counter).values(last=(Counter.last + gap + SKIPPED - 1) // SKIPPED * SKIPPED))
    for kind in KINDS:
        begun = select(Stream.id, literal(kind), literal(gap)).where(true())
        missing = inserting(session, Counter).from_select(["stream_id", "kind", "last"], begun)
        session.execute(missing.on_conflict_do_nothing())


def _gap(forgotten: int) -> int:
    """The gap: a forgotten restore went to the next full hundred but one, and numbers were given after that."""
    return SKIPPED * (1 + 2 * forgotten)


def number_text(kind: str, number: int) -> str:
    """A record's number as people say it after the unit's name: `BR-17`."""
    known = KINDS.get(kind)
    return f"{known.prefix if known else kind}-{number}"
