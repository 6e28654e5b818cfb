"""A report as plain data: the common source of the Word file and the preview, with no trace of either."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from server.services.reports.words import text

TOTAL, OWN, UNIT, BELOW = "total", "own", "unit", "below"
"""The subject of a table's line: the total, the unit itself, a unit below it, a unit below that."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its sentences; `blank`: followed by a line that the clerk fills in.

    `code`: which section it is; empty for one that nobody writes into.
    """

    mark: str
    title: str
    sentences: tuple[str, ...] = ()
    blank: bool = False
    sections: tuple[Section, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A figure as the head of a column."""

    code: str
    label: str
    unit: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A row of a table: its subject and a text for each column."""

    role: str
    index: str
    name: str
    cells: tuple[str, ...]
    silent: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of figures: groups of columns under headings, and its lines, the total first."""

    groups: tuple[tuple[str, tuple[ReportColumn, ...]], ...]
    lines: tuple[ReportLine, ...]

    @property
    def columns(self) -> list[ReportColumn]:
        """All columns from left to right."""
        return [column for _, columns in self.groups for column in columns]


@dataclass(frozen=True, slots=True)
class ReportPhoto:
    """A photo of a counted record. `blobs`: possible keys of its bytes, the best first."""

    record_id: str
    key: str
    caption: str
    blobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """The head of a list's column, its width in millimetres, and whether its cells are numbers."""

    title: str
    width: int
    number: bool = False


@dataclass(frozen=True, slots=True)
class ListTable:
    """A table with a line for each thing: cells by column. `totals`: that many first lines are bold.

    `upright`: it fits a portrait page.
    """

    title: str
    columns: tuple[ListColumn, ...]
    lines: tuple[tuple[str, ...], ...]
    totals: int = 0
    upright: bool = False


def list_columns(titles: Sequence[str], widths: Sequence[int], numbers: Collection[int] = ()) -> tuple[ListColumn, ...]:
    """Return columns with these heads and widths (mm). `numbers`: places of columns of numbers."""
    return tuple(
        ListColumn(title, width, place in numbers)
        for place, (title, width) in enumerate(zip(titles, widths, strict=True))
    )


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A row of a supplementary report: a figure of a unit as it was reported, as it is now, and why."""

    role: str
    index: str
    name: str
    figure: str
    before: str
    after: str
    change: str
    reason: str


@dataclass(frozen=True, slots=True)
class Annex:
    """An appendix with its own heading; `notes` come below the tables, or above the photos."""

    number: str
    title: str
    attached: str
    grids: tuple[ReportTable, ...] = ()
    photos: tuple[ReportPhoto, ...] = ()
    notes: tuple[str, ...] = ()
    changes: tuple[ChangeLine, ...] = ()
    lists: tuple[ListTable, ...] = ()
    rules: tuple[ListTable, ...] = ()
    """How each figure is counted, below the notes."""
    code: str = ""
    """Which one it is (annexes.py); empty for one that another capability adds, which always stays."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a unit with its figures at one moment."""

    marks: tuple[str, ...]
    """Draft, practice, sample: warnings that the reader must not overlook."""
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
    witness: str
    """The end of the audit log, as a witness outside the database; empty while nothing was logged."""
    file_name: str
    at_ms: int
    """The moment of the figures. Every time stamp inside the file is this one, so equal data makes equal bytes."""
    annexes: tuple[Annex, ...] = field(default=())
    frozen: str = ""
    """The freeze that the figures are of, at the foot of every page; empty for a draft."""
    signer: str = ""
    """The name under the space for the signature; empty: the clerk writes it."""

    @property
    def kept_with(self) -> str:
        """The sentence that names the annexes, as Decree 30 asks; empty without any."""
        if len(self.annexes) == 1:
            return text("kept_with_one", title=self.annexes[0].title)
        named = "; ".join(f"{each.number} - {each.title}" for each in self.annexes)
        return text("kept_with", annexes=named) if named else ""
