"""A dry run: a table that was read, what of it would be taken, and what a person says of names that match no unit.

Kept in a row of its own until it is taken or the same person reads another one, so a reload loses nothing.

Names of a table's rows as units of the tree: without tone marks, with the usual short forms of their levels.

>>> parted("TT. Khoái Châu"), parted("UBND xã Chính Nghĩa"), parted("Chính nghĩa")
(('thi tran', 'khoai chau'), ('xa', 'chinh nghia'), ('', 'chinh nghia'))
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if, required
from server.models import Campaign, PriorDraft, Unit
from server.services.comparison import earlier, reading
from server.services.comparison.bases import Given
from server.services.comparison.grid import CellGrid
from server.services.comparison.reading import CellFault, ReadSheet, SheetRow
from server.services.figures import loading
from server.services.records import streams
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.registry import Figure
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


XLSX, CSV, PASTE, CAMPAIGN, FREEZE = "xlsx", "csv", "paste", "campaign", "freeze"
NAME_LENGTH: Final = 300
PLACED: Final = 500
"""Most rows whose unit a person names."""
EARLIEST: Final = date(2000, 1, 1)


class FaultyTableError(Exception):
    """The table has cells that cannot be taken: `faults` name each of them."""

    def __init__(self, faults: list[CellFault]) -> None:
        super().__init__(len(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class TableReader:
    """What a table is read with, apart from any transaction: a large one takes seconds."""

    figures: list[Figure]
    units: UnitIndex

    def read(self, grid: CellGrid) -> ReadSheet:
        """Read a table. Raises Problem as `reading.read` does; FaultyTableError."""
        sheet = reading.read(grid, self.figures, self.units.is_unit)
        if sheet.faults:
            raise FaultyTableError(sheet.faults)
        return sheet


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be taken. `figures`: those with amounts. `matched`, `sheet`: None for figures of a campaign.

    `other_rules`: figures that were counted by another rule then, as far as is known.
    """

    row: PriorDraft
    figures: list[Figure]
    given: Given
    rules: Mapping[str, str]
    other_rules: list[Figure]
    units: UnitIndex
    sheet: ReadSheet | None
    matched: Matched | None


def check(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> Campaign:
    """Return the campaign. Raises Problem `not_found`, `archived`, `forbidden`."""
    campaign = required(session.get(Campaign, campaign_id))
    refuse_if(not scope.may_see(unit_id), "not_found")
    refuse_if(campaign.status == "archived", "archived")
    refuse_if(not streams.may_record(session, scope, campaign, unit_id), "forbidden")
    return campaign


def reader(session: Session, scope: Scope, campaign_id: str, unit_id: str, as_of: date) -> TableReader:
    """Return what a table is read with, after the transaction. Raises Problem as `check` does, `prior_day`."""
    campaign = _checked(session, scope, campaign_id, unit_id, as_of)
    units = index(session, unit_id)
    for unit in units.units.values():
        session.expunge(unit)  # their names are read later
    return TableReader(loading.possible(campaign), units)


def from_sheet(
    session: Session, scope: Scope, campaign_id: str, unit_id: str, sheet: ReadSheet, source: tuple[str, str, date]
) -> PriorDraft:
    """Keep a table that was read. `source`: (`xlsx` or `paste`, name of the file, last day of its period).

    All is checked again: rights may have ended while it was read. Raises Problem as `reader` does.
    """
    kind, name, as_of = source
    _checked(session, scope, campaign_id, unit_id, as_of)
    draft = PriorDraft(source=kind, name=normal(name)[:NAME_LENGTH], as_of=as_of, sheet=sheet.plain)
    return _kept(session, scope, campaign_id, unit_id, draft)


def _checked(session: Session, scope: Scope, campaign_id: str, unit_id: str, as_of: date) -> Campaign:
    campaign = check(session, scope, campaign_id, unit_id)
    refuse_if(not EARLIEST <= as_of < campaign.ends_on, "prior_day", "as_of")
    return campaign


def from_campaign(session: Session, scope: Scope, campaign_id: str, unit_id: str, earlier_id: str) -> PriorDraft:
    """Begin with the figures of an earlier campaign. Raises Problem as `check` does."""
    campaign = check(session, scope, campaign_id, unit_id)
    before = required(next((each for each in earlier.offered(session, scope, campaign) if each.id == earlier_id), None))
    read = earlier.read(session, scope, before, unit_id, loading.possible(campaign))
    kind = FREEZE if read.freeze else CAMPAIGN
    draft = PriorDraft(source=kind, name=before.name[:NAME_LENGTH], as_of=read.as_of, sheet={}, from_id=before.id)
    return _kept(session, scope, campaign_id, unit_id, draft)


def _kept(session: Session, scope: Scope, campaign_id: str, unit_id: str, draft: PriorDraft) -> PriorDraft:
    """A person has one at a time."""
    session.execute(delete(PriorDraft).where(PriorDraft.officer_id == scope.officer_id))
    draft.id, draft.campaign_id, draft.unit_id = new_id(), campaign_id, unit_id
    draft.officer_id, draft.at, draft.placed = scope.officer_id, now_ms(), {}
    return add_now(session, draft)


def get(session: Session, scope: Scope, id_: str, *, lock: bool = False) -> PriorDraft:
    """Return one's own draft; else Problem `not_found`. `lock`: keep others off until the transaction ends."""
    query = select(PriorDraft).where(PriorDraft.id == id_, PriorDraft.officer_id == scope.officer_id)
    return scope.seen(session.scalar(query.with_for_update() if lock else query))


def place(session: Session, draft: PriorDraft, said: Mapping[str, tuple[str, bool]]) -> list[str]:
    """Keep which units a person named for rows, `{row number: (text, part)}`. Returns the texts that name no unit."""
    units = index(session, draft.unit_id)
    numbers = {str(row.number) for row in reading.from_plain(draft.sheet).rows} if draft.sheet else set()
    placed, lost = dict(draft.placed), []
    for number, (text, part) in list(said.items())[:PLACED]:
        if number not in numbers:
            continue
        found = units.named(text) if text.strip() else []
        if len(found) == 1:
            placed[number] = {"unit": found[0], "part": part}
            continue
        placed.pop(number, None)
        if text.strip():
            lost.append(text.strip()[:NAME_LENGTH])
    draft.placed = placed
    session.flush()
    return lost


def dry_run(session: Session, scope: Scope, draft: PriorDraft) -> DryRun:
    """Return what would be taken now."""
    campaign = session.get_one(Campaign, draft.campaign_id)
    figures = loading.possible(campaign)
    units = index(session, draft.unit_id)
    sheet, matched = None, None
    if draft.sheet:
        sheet = reading.from_plain(draft.sheet)
        matched = match(sheet.rows, units, draft.placed)
        given: Given = matched.values()
        rules = {figure.code: figure.rule["vi"] for figure in figures}
    else:
        before = session.get_one(Campaign, draft.from_id)
        read = earlier.read(session, scope, before, draft.unit_id, figures)
        given, rules = read.given, dict(read.rules)
    codes = {code for each in given.values() for code in each}
    used = [figure for figure in figures if figure.code in codes]
    other = [figure for figure in used if rules.get(figure.code) != figure.rule["vi"]]
    return DryRun(draft, used, given, rules, other, units, sheet, matched)
