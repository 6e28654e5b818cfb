"""A table of figures: its cells, its rows, and the whole.

Every number here links to its records: `queue.Asked(figure=, bucket=, unit=)` lists exactly the records in the sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from server.models import Unit
from server.services.figures.reporting import Answer, answer
from server.services.figures.seals import SealProgress
from server.services.figures.sums import firsts
from server.services.records.projection import BUCKETS
from sync.registry import Figure


@dataclass(slots=True)
class Cell:
    """One figure of one row: by bucket, the sums and the number of records behind them.

    A bucket holds what it adds to the ones before it, so that they add up; of distinct values, too (SPEC F-32).
    """

    amounts: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    nil: int = 0
    """Number of these units that said they have nothing to report: that is not silence (SPEC F-6)."""
    units: int = 1
    """Number of units that have to say so: the lowest ones below; 1 for a unit by itself (SPEC F-35)."""
    reporting: int = 0
    """Number of streams with a submitted record that says something of the figure (SPEC F-33)."""
    declared: int = 0
    """Number of units that have stated or confirmed a total without evidence, "nothing" among them."""
    stated: int = 0
    """Number of those whose total is an amount."""
    unsupported: int = 0
    """The part of such totals that no record has replaced (services/totals/said.py); in none of the amounts."""
    unconfirmed: int = 0
    """As much of it as the level above has stated, and the unit has not confirmed."""
    nil_above: int = 0
    """Number of units of which only the level above says that they have nothing to report."""

    @property
    def answer(self) -> Answer:
        """An amount, "nothing to report", or not reported: the cell as every page and paper shows it."""
        reported = self.reporting > 0 or self.stated > 0 or not self.is_empty
        empty = self.is_empty and not self.unsupported
        return answer(reported=reported, nil=self.nil, units=self.units, empty=empty)

    @property
    def is_unreported(self) -> bool:
        """Shown as a dash, never as 0."""
        return self.answer is Answer.UNREPORTED

    @property
    def is_nil(self) -> bool:
        """All of these units said that there is nothing to report."""
        return self.answer is Answer.NIL

    @property
    def is_nil_in_part(self) -> bool:
        """Nobody reported an amount, and only some of these units said that there is nothing."""
        return self.is_unreported and self.nil > 0

    @property
    def has_total(self) -> bool:
        """Something is to be shown in the column without evidence."""
        return self.unsupported > 0 or self.nil_above > 0

    @property
    def is_empty(self) -> bool:
        """Nothing is counted or waits."""
        return not any(self.records.get(bucket) for bucket in BUCKETS[:2])

    @property
    def included(self) -> int:
        """Counted and waiting as one number."""
        return sum(self.amounts.get(bucket, 0) for bucket in BUCKETS[:2])

    def fill_units(self, units: Mapping[str, Collection[str]]) -> None:
        """Count units instead (SPEC F-8): by bucket, those that have a record there."""
        self.amounts, self.records = firsts(units), {bucket: len(those) for bucket, those in units.items()}

    def add(self, other: Cell) -> None:
        """Add the sums; distinct values are counted anew instead (SPEC F-5)."""
        self.nil += other.nil
        self.reporting += other.reporting
        self.declared += other.declared
        self.stated += other.stated
        self.unsupported += other.unsupported
        self.unconfirmed += other.unconfirmed
        self.nil_above += other.nil_above
        for mine, theirs in ((self.amounts, other.amounts), (self.records, other.records)):
            for bucket, value in theirs.items():
                mine[bucket] = mine.get(bucket, 0) + value


@dataclass(slots=True)
class MatrixRow:
    """A unit with everything below it; `own`: only the unit's own records."""

    unit: Unit
    own: bool
    cells: dict[str, Cell]
    records: int = 0
    leaf: bool = False
    """True for a single unit with none below it: it has a plan to fulfil."""
    standing: SealProgress = field(default_factory=SealProgress)
    below: list[MatrixRow] = field(default_factory=list)
    """In a list of all units: the units of this part of the tree, whose sum this row is."""

    @property
    def silent(self) -> bool:
        """No record and no statement of its own: never shown as zero."""
        return not self.records and not any(cell.nil or cell.declared for cell in self.cells.values())

    @property
    def is_void(self) -> bool:
        """Nothing of a unit that was never in force: no row of a table."""
        return self.unit.was_never and not self.own and self.silent


@dataclass(frozen=True, slots=True)
class Table:
    """The total, then the unit's own row, then its children in Vietnamese order."""

    unit: Unit
    path: list[Unit]
    figures: list[Figure]
    total: MatrixRow
    rows: list[MatrixRow]

    @property
    def own(self) -> MatrixRow:
        """The unit's own row."""
        return next(row for row in self.rows if row.own)
