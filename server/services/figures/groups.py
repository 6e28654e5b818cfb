"""Groups of streams read and added up: what a row of a table is made of (loading.py), and what is kept (kept.py).

A group is whatever the streams' `top` says: a unit with all below it, or a unit alone. The number of statements is the
same for one group and for all. What does not add up is counted anew (SPEC F-5, F-6, F-8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from server.models import Stream
from server.services.figures import seals, sums
from server.services.figures.seals import SealProgress
from server.services.records import projection
from server.services.records.projection import BUCKETS
from server.services.totals.parts import parts
from sync.registry import KINDS, Figure

_TOTALS = ("declared", "stated", "unsupported", "unconfirmed", "nil_above")
"""Fields of a cell that totals without evidence fill."""
_Sets = dict[tuple[str, str], set[str]]
"""By figure and bucket: units, as they are after mergers."""


@dataclass(slots=True)
class GroupSum:
    """A row while it is added up. `has`: units that have any of a figure; `nil`: units that say they have none of it.

    `units`: the units of the group as they are after mergers; `ends`: those that have none below them.
    """

    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    """By figure, fields of its cell that add up."""
    has: _Sets = field(default_factory=dict)
    nil: dict[str, set[str]] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)
    records: int = 0
    standing: SealProgress = field(default_factory=SealProgress)

    def of(self, code: str) -> dict[str, int]:
        """Return the numbers of a figure, to be added to."""
        return self.numbers.setdefault(code, {})

    def add(self, other: GroupSum) -> None:
        """Add all of another group but what its units say they have not."""
        self.records += other.records
        self.standing.add(other.standing)
        self.units |= other.units
        self.ends |= other.ends
        for code, theirs in other.numbers.items():
            mine = self.of(code)
            for name, value in theirs.items():
                mine[name] = mine[name] + value if name in mine else value
        for key, units in other.has.items():
            self.has.setdefault(key, set()).update(units)

    def said(self) -> Iterator[tuple[str, dict[str, int]]]:
        """Yield each figure that a record or a unit says something of, with the fields of its cell, except `nil`."""
        for code in {*self.numbers, *self.nil, *(each for each, _ in self.has)}:
            numbers = dict(self.numbers.get(code, ()))
            counted = {bucket: self.has[code, bucket] for bucket in BUCKETS if (code, bucket) in self.has}
            if counted:
                numbers |= sums.firsts(counted)
                numbers |= {f"{bucket}_records": len(units) for bucket, units in counted.items()}
            yield code, numbers


def fed_by(figures: Iterable[Figure]) -> dict[str, list[str]]:
    """By figure: those of these that count the units which have any of it (SPEC F-8)."""
    found: dict[str, list[str]] = {}
    for figure in figures:
        if figure.units_of:
            found.setdefault(figure.units_of, []).append(figure.code)
    return found


def read(session: Session, figures: Collection[Figure], streams: Any, tops: Iterable[str]) -> dict[str, GroupSum]:
    """Return the sums of each group, without distinct values. `streams`: a subquery (sums.py); `tops`: its groups."""
    rows, fed = {id_: GroupSum() for id_ in tops}, fed_by(figures)
    _add_tallies(session, {figure.code for figure in figures}, fed, streams, rows)
    for part in parts(session, streams):  # totals without evidence
        unconfirmed = part.amount * part.awaits
        said = part.declared, part.declared and not part.nil, part.amount, unconfirmed, part.is_nil_above
        mine = rows[part.top].of(part.step.figure)
        for name, value in zip(_TOTALS, said, strict=True):
            mine[name] = mine.get(name, 0) + value
    for top, base, bucket, unit in session.execute(sums.units_with(streams, fed)) if fed else ():
        for code in fed[base]:
            rows[top].has.setdefault((code, bucket), set()).add(unit)
    _reporting(session, fed, streams, rows)
    live = projection.records_in(streams.c.top).join(streams, streams.c.id == Stream.id)
    for top, count in session.execute(live.where(projection.IN_A_FIGURE)):
        rows[top].records = count
    for top, standing in seals.standings(session, rows, streams).items():
        rows[top].standing = standing
    return rows


def _add_tallies(
    session: Session, known: set[str], fed: Mapping[str, list[str]], streams: Any, rows: Mapping[str, GroupSum]
) -> None:
    """Add what the running totals say of each figure, and how many streams say something of it."""
    for top, figure, reporting, *numbers in session.execute(sums.sums(streams)):
        if figure in known:
            mine = rows[top].of(figure)
            for bucket, amount, records in zip(BUCKETS, numbers[::2], numbers[1::2], strict=True):
                mine[bucket], mine[f"{bucket}_records"] = KINDS.amount(figure, int(amount)), int(records)
        for code in (figure, *fed.get(figure, ())):
            rows[top].of(code)["reporting"] = int(reporting)


def _reporting(session: Session, fed: Mapping[str, list[str]], streams: Any, rows: Mapping[str, GroupSum]) -> None:
    """Fill in which units there are, and which say that they have nothing to report."""
    for top, unit, lowest in session.execute(sums.members(streams)):
        rows[top].units.add(unit)
        rows[top].ends |= {lowest} if lowest else set()
    for top, code, unit in saying_nothing(session, fed, streams):
        rows[top].nil.setdefault(code, set()).add(unit)


def saying_nothing(
    session: Session, fed: Mapping[str, list[str]], streams: Any, *, together: bool = False
) -> Iterator[tuple[str, str, str]]:
    """Yield (top, figure, unit): units, after mergers, that say they have nothing to report of it."""
    for top, figure, unit in session.execute(sums.saying_nothing(streams, together=together)):
        for code in (figure, *fed.get(figure, ())):
            yield top, code, unit


def distinct(session: Session, streams: Any, *, together: bool = False) -> dict[tuple[str, str], dict[str, int]]:
    """By (top, figure): the number of distinct values by bucket (SPEC F-5). `together`: of all, with an empty top."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for top, figure, bucket, amount in session.execute(sums.different(streams, together=together)):
        found.setdefault((top, figure), dict.fromkeys(BUCKETS, 0))[bucket] = amount
    return found
