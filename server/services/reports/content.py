"""A report as plain data: what Word and the preview both show, with no trace of either."""

from __future__ import annotations

from dataclasses import dataclass, field

TOTAL, OWN, UNIT, BELOW = "total", "own", "unit", "below"
"""What a line of a table is about: all, the unit itself, one below it, one below that."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its sentences; `blank`: a line that the clerk fills in stands below them."""

    mark: str
    title: str
    sentences: tuple[str, ...] = ()
    blank: bool = False
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A figure as the head of a column."""

    code: str
    label: str
    unit: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: of whom it speaks and a text for each column."""

    role: str
    index: str
    name: str
    cells: tuple[str, ...]
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of figures: groups of columns by their heading, and its lines, the total first."""

    groups: tuple[tuple[str, tuple[Column, ...]], ...]
    lines: tuple[Line, ...]

    @property
    def columns(self) -> list[Column]:
        """All columns from left to right."""
        return [column for _, columns in self.groups for column in columns]


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo of a counted record. `blobs` are the keys its bytes may lie under, the best first."""

    record_id: str
    key: str
    caption: str
    blobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Annex:
    """An appendix with its own heading; `notes` stand below the tables, or above the photos."""

    number: str
    title: str
    attached: str
    grids: tuple[Grid, ...] = ()
    photos: tuple[Shown, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a unit, as its figures are at a moment."""

    marks: tuple[str, ...]
    """Draft, practice, sample: what the reader must not overlook."""
    above: str
    body: str
    """The issuing body in two lines."""
    nation: str
    motto: str
    number: str
    date: str
    title: str
    subject: str
    to: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: str
    recipients: tuple[str, ...]
    role: str
    as_of: str
    file_name: str
    annexes: tuple[Annex, ...] = field(default=())
