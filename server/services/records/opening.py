"""Open streams, here alone: so nobody who opens one forgets what a restore lost (SPEC B-9, B-14).

A stream may have been there before a restore. Then its numbers are on phones and on paper, and none is given again. And
records of it may have been purged: they stay so, whoever brings them back.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import literal, select, true, update
from sqlalchemy.orm import Session

from server.core.bulk import inserting, one_of
from server.core.clock import new_id, now_ms
from server.models import Counter, Restoration, Stream
from server.services.continuity import revocations
from server.services.continuity.marks import PATIENCE_MS
from server.services.records import tombstones
from sync.registry import KINDS

SKIPPED = 100
"""More records of one kind than any unit makes in the hours since a backup."""


def open_for(session: Session, campaign_id: str, unit_ids: Iterable[str], *, since: int | None = None) -> None:
    """Make the missing streams of a campaign for these units: when it opens, and when units join.

    `since`: when the younger of both ids was drawn, as far as that is known; else 0. A restore after that may have lost
    these streams. None: units join, and 30 days after a restore they may be those that it lost, under whatever id.
    """
    wanted = list(unit_ids)
    theirs = Stream.campaign_id == campaign_id, one_of(Stream.unit_id, wanted)  # few units: not a whole campaign
    have = set(session.scalars(select(Stream.unit_id).where(*theirs)))
    made = [
        Stream(id=new_id(), unit_id=unit, campaign_id=campaign_id, position=0) for unit in wanted if unit not in have
    ]
    session.add_all(made)
    session.flush()
    restores = {*session.scalars(select(Restoration.at)), *revocations.restores(session)} if made else set()
    if restores and max(restores) >= (now_ms() - PATIENCE_MS if since is None else since):
        gap = _gap(len(restores) - 1)
        session.add_all(Counter(stream_id=stream.id, kind=kind, last=gap) for stream in made for kind in KINDS)
        session.flush()
        tombstones.set_up_in(session, made)


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
