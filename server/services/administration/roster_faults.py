"""What is wrong with a cell of a list, named by row and column; and what each row's cells say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from server.services.administration.roster_sheet import ReadRoster, RosterRow, SheetColumn, text
from sync.text import is_well_formed

FAULTS: Final = (
    "missing",
    "too_long",
    "formula",
    "merged",
    "error",
    "day",
    "characters",
    "twice",
    "code_form",
    "code_in_use",
    "code_began",
    "own_parent",
    "circle",
    "no_parent",
    "no_unit",
    "not_yours",
    "level",
    "level_order",
    "name_twice",
    "username_form",
    "username_taken",
    "role",
    "phone",
)
"""Each has a sentence at the desk, `roster_fault.<code>`."""
SHOWN: Final = 60
"""Characters of a faulty value that the sentence repeats."""


@dataclass(frozen=True, slots=True)
class RosterFault:
    """One fault: where it stands, its code, the value, and what the sentence names besides (`other`)."""

    row: int
    column: str
    code: str
    text: str = ""
    other: str = ""


@dataclass(slots=True)
class RosterJudgement:
    """The rows as texts by column, for those without a fault so far; and all faults."""

    letters: Mapping[str, str]
    faults: list[RosterFault] = field(default_factory=list)
    _faulty: set[tuple[int, str]] = field(default_factory=set)

    def say(self, row: int, column: str, code: str, value: str = "", other: str = "") -> None:
        """Note a fault; of a cell that has one already, only the first."""
        if (row, column) not in self._faulty:
            self._faulty.add((row, column))
            self.faults.append(RosterFault(row, self.letters[column], code, value[:SHOWN], other[:SHOWN]))

    def sort(self) -> None:
        """Put the faults in the order of the sheet."""
        self.faults.sort(key=lambda fault: (fault.row, len(fault.column), fault.column))


def texts(read: ReadRoster, columns: tuple[SheetColumn, ...], judged: RosterJudgement) -> dict[int, dict[str, str]]:
    """Return each row's texts by column name, and note cells that are no text at all."""
    return {row.number: _row(row, columns, judged) for row in read.rows}


def _row(row: RosterRow, columns: tuple[SheetColumn, ...], judged: RosterJudgement) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, cell in zip(columns, row.cells, strict=True):
        value, kind = text(cell), cell[0] if cell else ""
        found[column.name] = value
        if kind in ("f", "x", "u"):
            judged.say(row.number, column.name, "formula", value)
        elif kind == "m":
            judged.say(row.number, column.name, "merged")
        elif kind == "e":
            judged.say(row.number, column.name, "error", value)
        elif kind == "o":
            judged.say(row.number, column.name, "day", value)
        elif not value and column.required:
            judged.say(row.number, column.name, "missing")
        elif len(value) > column.most:
            judged.say(row.number, column.name, "too_long", value, str(column.most))
        elif not is_well_formed(value) or any(ord(char) < ord(" ") for char in value):
            judged.say(row.number, column.name, "characters", value)
    return found
