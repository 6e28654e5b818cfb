"""The lists of a frozen report: displays and broadcasts, from the decisions that the freeze names.

A decision is never altered, so the same freeze gives the same lists until a purge empties a line of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models import FreezeLine, Record
from server.services.locks.freezes import AT_ONCE, FrozenFigures
from server.services.records.projection import BUCKETS
from server.services.reports import Report, listings, names, plain
from server.services.reports.listings import ListedRecord, Lists
from sync.registry import KINDS


def with_lists(session: Session, found: FrozenFigures, report: Report) -> Report:
    """Copy the report with its lists before the photos."""
    unit = names.within(found.table.unit.name)
    attached = report.annexes[0].attached
    return plain.with_lists(report, listings.annexes(lists(session, found), unit, attached))


def lists(session: Session, found: FrozenFigures, most: int = listings.MOST_LISTED) -> Lists:
    """Return the lists, in the order of the table of figures; at most `most` lines each."""
    places = {row.unit.id: place for place, row in enumerate(found.table.rows) if not row.own}
    over = _standing(found)

    def order(pair: tuple[str, ListedRecord]) -> tuple[int, str, str, int]:
        unit, record = pair
        return places.get(over(unit), len(places)), unit, record.kind, record.number

    records = sorted(_records(session, found), key=order)
    slogans = listings.slogan_texts(found.head["campaign"]["slogans"])
    displays = [each for _, each in records if each.kind in listings.DISPLAYS]
    broadcasts = [each for _, each in records if each.kind in listings.BROADCASTS]
    made = [tuple(listings.lines(session, each[:most], slogans)) for each in (displays, broadcasts)]
    erased = [_erased(session, found, kinds) for kinds in (listings.DISPLAYS, listings.BROADCASTS)]
    return Lists(made[0], made[1], len(displays), len(broadcasts), *erased)


def _standing(found: FrozenFigures) -> Callable[[str], str]:
    """A unit that was merged before the lock has no row: the one that it went into has."""
    rows, above = {row.unit.id for row in found.table.rows}, found.head["tree"]

    def of(unit: str) -> str:
        while unit not in rows and above.get(unit):
            unit = above[unit]
        return unit

    return of


def _records(session: Session, found: FrozenFigures) -> Iterator[tuple[str, ListedRecord]]:
    """Each counted record of a list, with the id of its unit."""
    named, over = {row.unit.id: row.unit.name for row in found.table.rows}, _standing(found)
    theirs = select(FreezeLine.content).join(Record, Record.id == FreezeLine.record_id)
    theirs = theirs.where(FreezeLine.freeze_id == found.row.id, FreezeLine.content != "")
    theirs = theirs.where(Record.kind.in_(listings.LISTED))
    for content in session.scalars(theirs.execution_options(yield_per=AT_ONCE)):
        said = json.loads(content)
        if said["bucket"] == BUCKETS[0]:
            name = named.get(over(said["unit"]), "")
            yield said["unit"], ListedRecord(name, said["kind"], said["number"], said["decision"], said["amounts"])


def _erased(session: Session, found: FrozenFigures, kinds: Sequence[str]) -> int:
    """Number of erased records of these kinds; 0 if none of them was counted when the figures were frozen."""
    fed = {name: {figure.code for figure in kind.figures} for name, kind in KINDS.items()}
    others = set().union(*(codes for name, codes in fed.items() if name not in kinds))
    codes = set().union(*(fed[name] for name in kinds)) - others
    cells = found.table.total.cells
    if not any(cells[code].counted for code in codes & cells.keys()):
        return 0
    lines = select(func.count()).select_from(FreezeLine).join(Record, Record.id == FreezeLine.record_id)
    gone = lines.where(FreezeLine.freeze_id == found.row.id, FreezeLine.erased_at.is_not(None))
    return session.scalar(gone.where(Record.kind.in_(kinds))) or 0
