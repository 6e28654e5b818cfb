"""Where a list ends whose records nobody counts: a rule of hints may hit most of a campaign.

The kept counts do not know the rules, so such a list is counted record by record. It has the first units, in the order
of the list, until their records are too many; which they are the index of hints says without reading any record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Stream
from server.services.hints import reading as hints

MOST: Final = 2_000
"""Records of such a list; more if its first unit alone has more."""


def is_counted(hint: str) -> bool:
    """True if the kept counts know this filter of hints; they do not know single rules."""
    return not hint or hints.counted(hint) is not None


class Bounded(NamedTuple):
    """The part of a list that is shown: its units, in order, and the streams of them that may have such records.

    `is_whole`: nothing was left out.
    """

    units: list[str]
    streams: list[str]
    is_whole: bool = True


def first_units(session: Session, campaign_id: str, rule: str, units: Sequence[str]) -> Bounded:
    """The first of these units until the records that the rule hits are more than `MOST`; at least one with some."""
    query = select(Stream.unit_id, Stream.id).where(Stream.campaign_id == campaign_id)
    streams = dict(session.execute(query.where(one_of(Stream.unit_id, units))).all())
    if len(units) <= 1:
        return Bounded(list(units), list(streams.values()))

    def hits(part: Sequence[str], room: int) -> Counter[str]:
        return hints.hits_up_to(session, rule, [streams[unit] for unit in part if unit in streams], room)

    found = hits(units, MOST)
    if found.total() <= MOST:
        return Bounded(list(units), sorted(found))
    taken, room, step, grows, kept = 0, MOST, 1, True, set[str]()
    while step and taken < len(units):  # twice as many as before until they are too many, then half as many
        part = units[taken : taken + step]
        found = hits(part, room)
        fits = found.total() <= room
        if fits:
            taken, room = taken + len(part), room - found.total()
            kept |= found.keys()
        grows = grows and fits
        step = step * 2 if grows else step // 2
    if not kept and taken < len(units):
        kept, taken = {streams[units[taken]]}, taken + 1
    return Bounded(list(units[:taken]), sorted(kept), is_whole=False)
