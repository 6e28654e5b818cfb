"""What the page of results is asked for: the queue's filter and more beside it, in the order of days; a page of it.

The order is by the day of the activity, the newest first. A page begins behind a record and not at a number, so that
page 5,000 of a million costs what the first one does, and nothing is seen twice while others write.

What the filter of results asks beside the queue's, as conditions on a record's row of lists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.core.points import Point
from server.models import Campaign, Record, RecordListing, Unit, WriteRow
from server.services.review import searching
from server.services.review.queue_filter import ALL, QueueFilter
from server.services.review.searching import Sought
from server.services.units.scope import Scope
from server.services.units.unit_search import LabelledUnit
from sync.record import UNSAID
from sync.registry import OLD
from sync.text import is_id
from sync.values import is_date

PAGE: Final = 48
"""Records of a page: twelve lines of four photos."""
COUNTED: Final = 1_000
"""Up to so many are counted exactly if the kept counts do not have the number."""
OPEN: Final = "open"
ANSWERS: Final = (OPEN, UNSAID, OLD)
"""What nobody answered (SPEC F-25): not said, or the default of an old app; `OPEN` is either."""
HINTS: Final[Point[Callable[[str], ColumnElement[bool]]]] = Point()
"""Hints on evidence add here, by the name in the URL (`hint=`), the condition on `Record` of records that have it.

Without any, or with another name, `hint` in a URL is ignored."""


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """`cut`: as in the queue. `since`, `until`: ISO days, both included. `officer`: who wrote in it.

    `photo`, `place`: `with`, `without` or empty. `text`: what was typed in the search box. `answer`: one of
    ANSWERS or empty.
    """

    cut: QueueFilter = field(default_factory=lambda: QueueFilter(state=ALL))
    text: str = ""
    since: str = ""
    until: str = ""
    officer: str = ""
    slogan: str = ""
    photo: str = ""
    place: str = ""
    hint: str = ""
    answer: str = ""

    @property
    def is_narrowed(self) -> bool:
        """True if the kept counts of records (`census`) cannot say how many match."""
        return self != ResultFilter(cut=self.cut) or bool(self.cut.figure)

    @property
    def mark(self) -> str:
        """A short name of this filter, by which a cursor of another one is known."""
        return hashlib.sha256(repr(astuple(replace(self, cut=replace(self.cut, page=1)))).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class ResultCursor:
    """The record that a page begins behind; `back`: the page before it."""

    day: str
    record_id: str
    back: bool = False

    def text(self, asked: ResultFilter) -> str:
        """Return it for a URL, `2021-07-21.AbC….1a2b3c4d`."""
        return f"{self.day}.{self.record_id}.{asked.mark}"

    @classmethod
    def read(cls, text: str, asked: ResultFilter, *, back: bool = False) -> ResultCursor | None:
        """Read one; None if it is none, or of another filter."""
        day, _, rest = text.partition(".")
        record_id, _, mark = rest.partition(".")
        if not (is_date(day) and is_id(record_id) and mark == asked.mark):
            return None
        return cls(day, record_id, back)


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A record of the page with its day and its unit. `place`: in degrees, or None."""

    record: Record
    day: str
    unit: Unit
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ResultPage:
    """`total`: None if there are more than `COUNTED` and nobody counted them. `before`, `after`: cursors, or None.

    `units`: what the text names as a unit. `broad`: the text's words are in so many records that only the newest were
    searched. `ends_with`: the last of the units that were looked in, where all have too many such records.
    """

    results: list[ResultLine]
    total: int | None
    before: ResultCursor | None
    after: ResultCursor | None
    units: list[LabelledUnit] = field(default_factory=list)
    broad: bool = False
    ends_with: Unit | None = None


def own(asked: ResultFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that the queue does not have, without those of the text."""
    found = list[ColumnElement[bool]]()
    if asked.since:
        found.append(RecordListing.day >= asked.since)
    if asked.until:
        found.append(RecordListing.day <= asked.until)
    if asked.slogan:
        found.append(RecordListing.slogan == asked.slogan)
    if asked.officer:
        wrote = select(WriteRow.record_id).where(WriteRow.officer_id == asked.officer)
        found.append(RecordListing.record_id.in_(wrote))
    if asked.photo:
        found.append(RecordListing.photos.is_(asked.photo == "with"))
    if asked.place:
        there = RecordListing.lat_e6.is_not(None)
        found.append(there if asked.place == "with" else RecordListing.lat_e6.is_(None))
    if asked.answer:
        any_ = asked.answer == OPEN
        found.append(RecordListing.answer.is_not(None) if any_ else RecordListing.answer == asked.answer)
    hints = dict(HINTS.named())
    if asked.hint in hints and asked.hint != asked.cut.hint:
        found.append(hints[asked.hint](asked.hint))
    return found


def sought(
    session: Session,
    scope: Scope,
    campaign: Campaign,
    text: str,
    streams: Collection[str] | None,
    within: Sequence[ColumnElement[bool]],
) -> Sought:
    """Return what the text means. `streams`: of the list, None for all of the campaign; `within`: they as conditions.

    A word that is a kind's name is read as a word of texts if the kind finds nothing.
    """
    if not text:
        return Sought()
    found = searching.read(session, scope, campaign, text, streams)
    if found.by_kind and not _any(session, [*within, *found.conditions()]):
        return searching.read(session, scope, campaign, text, streams, kinds=False)
    return found


def _any(session: Session, conditions: Sequence[ColumnElement[bool]]) -> bool:
    return session.scalar(select(RecordListing.record_id).where(*conditions).limit(1)) is not None
