"""What a list of records is asked for, and a page of it as the answer."""

from __future__ import annotations

from dataclasses import dataclass

from server.models import Record, Unit
from sync.late import LATE_MARKS

TODO, SAMPLE, BELOW, REPLIED, CONFLICT, ALL = "todo", "sample", "below", "replied", "conflict", "all"
UNREADY, FLAGGED = "unready", "flagged"
"""`SAMPLE`: what the rule of review by sample has me look at. `BELOW`: what people of a level below decide first.

`REPLIED`: returned, and answered in words since, for me to decide on again. `UNREADY`: mine to decide, and not ready.
`FLAGGED`: approved, and something to be looked at was found since (records/readiness.py).
"""
FILTERS = (
    *(TODO, UNREADY, FLAGGED, SAMPLE, BELOW, "waiting", "amended", REPLIED, CONFLICT, *LATE_MARKS),
    *("returned", "counted", "not_counted", "draft", "deleted", ALL),
)
PAGE = 50


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """A filter of the records of one campaign. `only`: the unit itself, without those below it.

    `hint` is one of hints.reading.FILTERS.
    `bucket` may be `INCLUDED`: counted or waiting. `ready`: without what is to be approved and is not ready.
    """

    campaign: str = ""
    state: str = TODO
    kind: str = ""
    unit: str = ""
    only: bool = False
    figure: str = ""
    bucket: str = ""
    hint: str = ""
    page: int = 1
    ready: bool = False


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """The records of one unit on a page; `count`: all records of the unit that match the filter."""

    unit: Unit
    above: Unit | None
    count: int
    records: list[Record]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of a list, with the counts of every state under the same filter. `holders`: the level of `BELOW`.

    `more`: the states of which there are more than the count says. `ends_with`: the last unit, where the list and its
    counts end early because its records are too many.
    """

    asked: QueueFilter
    counts: dict[str, int]
    groups: list[UnitGroup]
    total: int
    pages: int
    holders: str = ""
    more: frozenset[str] = frozenset()
    ends_with: Unit | None = None

    @property
    def records(self) -> list[Record]:
        """All records on the page, in its order."""
        return [record for group in self.groups for record in group.records]
