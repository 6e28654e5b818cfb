"""Names of a table's rows as units of the tree: without tone marks, with the usual short forms of their levels.

>>> parted("TT. Khoái Châu"), parted("UBND xã Chính Nghĩa"), parted("Chính nghĩa")
(('thi tran', 'khoai chau'), ('xa', 'chinh nghia'), ('', 'chinh nghia'))
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Unit
from server.services.comparison.reading import SheetRow
from server.services.units.tree import subtree
from sync.text import fold, normal

UNKNOWN, AMBIGUOUS, TWICE = "unknown", "ambiguous", "twice"
LOST = (UNKNOWN, AMBIGUOUS, TWICE)
"""Why a row has no unit; each has a sentence in the desk's catalogues."""
_LEVELS: Final = {
    "thanh pho": "thanh pho", "tp": "thanh pho", "thi tran": "thi tran", "tt": "thi tran", "thi xa": "thi xa",
    "tx": "thi xa", "dac khu": "dac khu", "tinh": "tinh", "huyen": "huyen", "h": "huyen", "quan": "quan", "q": "quan",
    "xa": "xa", "x": "xa", "phuong": "phuong", "p": "phuong",
}  # fmt: skip
_BODIES: Final = ("uy ban nhan dan ", "ubnd ")


def parted(name: str) -> tuple[str, str]:
    """Return the level and the rest of a folded name; the level is empty if the name has none."""
    said = fold(name)
    for body in _BODIES:
        said = said.removeprefix(body)
    for written, level in _LEVELS.items():
        for end in (".", " ") if len(written) > 1 else (".",):  # one letter may be the beginning of a name
            start = f"{written}{end}"
            if said.startswith(start) and said[len(start) :].strip():
                return level, said[len(start) :].strip()
    return "", said


class UnitIndex:
    """The units below a unit, by their names. Merged ones are there too: a table of then names them."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = {unit.id: unit for unit in units}
        self.parents = {unit.parent_id for unit in self.units.values() if unit.merged_at is None}
        self._whole: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._bare: dict[str, list[str]] = defaultdict(list)
        for unit in self.units.values():
            level, bare = parted(unit.name)
            self._whole[level, bare].append(unit.id)
            for key in {bare, fold(unit.short_name)}:
                self._bare[key].append(unit.id)

    def is_unit(self, name: str) -> bool:
        """True if some unit has this name."""
        return bool(self.named(name))

    def named(self, name: str) -> list[str]:
        """Return the units that a name may mean: one with other tone marks only if none has its own."""
        level, bare = parted(name)
        found = self._whole.get((level, bare), []) if level else self._bare.get(bare, [])
        if len(found) > 1:
            said = normal(name).casefold()
            found = [id_ for id_ in found if said in self._spoken(id_)] or found
        return list(found)

    def _spoken(self, unit_id: str) -> tuple[str, str]:
        unit = self.units[unit_id]
        return unit.name.casefold(), unit.short_name.casefold()

    def above(self, unit_id: str) -> Iterator[str]:
        """Yield the units above one, upwards."""
        here = self.units[unit_id].parent_id
        while here is not None and here in self.units:
            yield here
            here = self.units[here].parent_id


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row with its unit. `fault`: why it has none. `part`: only a part of the row's unit became this one."""

    row: SheetRow
    unit: str = ""
    fault: str = ""
    part: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """All rows but totals. `totals`: those that differ, (cell, code, what it says, what the rows sum up to)."""

    rows: list[PlacedRow]
    totals: list[tuple[str, str, int, int]] = field(default_factory=list)

    @property
    def lost(self) -> list[PlacedRow]:
        """Rows without a unit."""
        return [each for each in self.rows if not each.unit]

    def values(self) -> dict[str, dict[str, int | None]]:
        """By unit and figure: the amounts; None where only a part of one is known."""
        found: dict[str, dict[str, int | None]] = {}
        for each in self.rows:
            if not each.unit:
                continue
            mine = found.setdefault(each.unit, {})
            for code, amount in each.row.amounts.items():
                before = mine.get(code, 0)
                mine[code] = None if each.part or before is None else before + amount
        return found


def index(session: Session, unit_id: str) -> UnitIndex:
    """Return the unit and all below it by their names."""
    return UnitIndex(session.scalars(select(Unit).where(Unit.id.in_(subtree(session, [unit_id])))))


def match(rows: Sequence[SheetRow], units: UnitIndex, placed: Mapping[str, Mapping[str, Any]]) -> Matched:
    """Find the unit of each row. `placed`: by row number, the unit that a person named, `{"unit", "part"}`."""
    found: list[PlacedRow] = []
    within = ""
    for row in rows:
        if row.is_total:
            continue
        said = placed.get(str(row.number))
        if said and said["unit"] in units.units:
            found.append(PlacedRow(row, said["unit"], part=bool(said["part"]), by_hand=True))
            continue
        units_meant = units.named(row.name)
        if len(units_meant) > 1 and within:
            units_meant = [unit for unit in units_meant if within in units.above(unit)] or units_meant
        if len(units_meant) == 1:
            found.append(PlacedRow(row, units_meant[0]))
            if units_meant[0] in units.parents:
                within = units_meant[0]
        else:
            found.append(PlacedRow(row, fault=AMBIGUOUS if units_meant else UNKNOWN))
    named = Counter(each.unit for each in found if each.unit and not each.by_hand)
    rows_made = [
        PlacedRow(each.row, fault=TWICE) if not each.by_hand and named[each.unit] > 1 else each for each in found
    ]
    return Matched(rows_made, list(_totals(rows, rows_made, units)))


def _totals(
    rows: Sequence[SheetRow], placed: Sequence[PlacedRow], units: UnitIndex
) -> Iterable[tuple[str, str, int, int]]:
    """What the last row of totals says otherwise than the rows sum up to; rows of parts are not counted twice."""
    last = next((row for row in reversed(rows) if row.is_total), None)
    if last is None:
        return
    named = {each.unit for each in placed if each.unit}
    standing = [unit for unit in named if units.units[unit].merged_at is None]
    tops = {above for unit in standing for above in units.above(unit) if above in named}
    inner = {unit for unit in named if any(above in tops for above in units.above(unit))}
    for code, amount in last.amounts.items():
        summed = sum(each.row.amounts.get(code, 0) for each in placed if each.unit not in inner)
        if summed != amount:
            yield last.cell, code, amount, summed
