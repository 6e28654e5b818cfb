"""A report as plain data: the common source of the Word file and the preview, with no trace of either."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, Final, get_args, get_origin, get_type_hints

from server.services.figures.charts import Chart
from server.services.reports.words import dotted, padded, roman, text

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
    """A row of a table: its subject and a text for each column. `units`: how many of the lowest units it stands for."""

    role: str
    index: str
    name: str
    cells: tuple[str, ...]
    silent: bool = False
    units: int = 1


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
    """A photo of a counted record. `blobs`: possible keys of its bytes, the best first.

    `parts`: rectangles that are covered in it (faces/marks.py). `goes`: with that it may leave the review. `asks`:
    nobody has said whether a child can be recognised. `name`: its record, as people call it.
    """

    record_id: str
    key: str
    caption: str
    blobs: tuple[str, ...]
    parts: tuple[tuple[int, int, int, int], ...] = ()
    goes: bool = True
    asks: bool = False
    name: str = ""


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


def without_empty(table: ListTable) -> ListTable:
    """Return the list without columns in which no line has anything."""
    kept = [place for place in range(len(table.columns)) if any(line[place] for line in table.lines)]
    if not table.lines or len(kept) == len(table.columns):
        return table
    columns = tuple(table.columns[place] for place in kept)
    return replace(table, columns=columns, lines=tuple(tuple(line[place] for place in kept) for line in table.lines))


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
    charts: tuple[Chart, ...] = ()
    code: str = ""
    """Which one it is (ANNEXES); empty for one that another capability adds, which always stays."""


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


# The annexes of a report: their numbers, and which of them go with it.
#
# A letter that is signed has few pages. What is left is another file, *tài liệu kèm theo (số liệu chi tiết)*.
FIGURES, DETAIL, ACTIVITIES, PHOTOS, RULES, SILENT = "figures", "detail", "activities", "photos", "rules", "silent"
CHARTS: Final = "charts"
ANNEXES: Final = (FIGURES, SILENT, CHARTS, DETAIL, ACTIVITIES, PHOTOS, RULES)
"""What may be chosen: figures, units that said nothing, charts, figures of each lowest unit, lists, photos, rules."""
USUAL_ANNEXES: Final = (FIGURES, SILENT, PHOTOS)
"""With these the report of a province has about seven pages."""
USUAL_PHOTOS: Final = 6
"""A page of photos."""


def numbered(annexes: Iterable[Annex]) -> tuple[Annex, ...]:
    """Return the annexes numbered in their order. One alone has no number (Decree 30/2020, Annex I, III.1)."""
    found = list(annexes)
    if len(found) == 1:
        return (replace(found[0], number=text("annex_alone")),)
    return tuple(replace(annex, number=text("annex", number=roman(place))) for place, annex in enumerate(found, 1))


def with_chosen(report: Report, names: Collection[str], photos: int | None = None) -> Report:
    """Return the report with the annexes of these names. `photos`: most of them, spread evenly over those there are.

    A sheet without photos says so only where everything is wanted; charts say nothing that the rest does not.
    """
    kept, not_all = [], not {*ANNEXES} - {CHARTS} <= {*names}
    lists_silent = SILENT in names and any(annex.code == SILENT for annex in report.annexes)
    for annex in report.annexes:
        made = annex if annex.code != PHOTOS or photos is None else _with_fewer(annex, photos)
        if annex.code == FIGURES:
            made = made if RULES in names else replace(made, rules=())
            made = _without_silent(made) if lists_silent else made
        if annex.code and annex.code not in names:
            continue
        if annex.code == PHOTOS and not made.photos and (photos == 0 or not_all):
            continue
        kept.append(made)
    return replace(report, annexes=numbered(kept))


def beside_name(file_name: str) -> str:
    """Return the name of the file beside a report."""
    return file_name.replace("bao-cao-", "tai-lieu-kem-theo-", 1)


def without_chosen(report: Report, names: Collection[str], photos: int | None = None) -> Report:
    """Return the report with what `with_chosen` leaves out: the file beside it. Rules stand below the figures there.

    Charts are of the same figures: they are nothing that is left out.
    """
    left = []
    for annex in report.annexes:
        if annex.code == CHARTS:
            continue
        if annex.code == PHOTOS and PHOTOS in names and photos is not None:
            shown = set(spread(annex.photos, photos))
            rest = tuple(each for each in annex.photos if each not in shown)
            left += [replace(annex, photos=rest, notes=())] if rest else []
        elif annex.code and (annex.code not in names or (annex.rules and RULES not in names)):
            left.append(annex)
    return replace(report, annexes=numbered(left))


def _without_silent(annex: Annex) -> Annex:
    """Return the table without lines of silent units; the annex of silent units names the lowest of them.

    All grids of an annex have the same lines, so those of one are counted.
    """
    left = sum(line.units for grid in annex.grids[:1] for line in grid.lines if line.silent and line.role == UNIT)
    if not left:
        return annex
    grids = tuple(replace(grid, lines=tuple(_without_gaps(grid.lines))) for grid in annex.grids)
    return replace(annex, grids=grids, notes=(*annex.notes, text("silent_no_line", n=dotted(left))))


def _without_gaps(lines: Iterable[ReportLine]) -> Iterator[ReportLine]:
    """The lines but those of silent units, the units numbered anew."""
    number = 0
    for line in lines:
        if line.role != UNIT:
            yield line
        elif not line.silent:
            number += 1
            yield replace(line, index=str(number))


def _with_fewer(annex: Annex, most: int) -> Annex:
    """Return the sheet with at most so many photos, and say of how many, for the rest is in the file beside it."""
    made = replace(annex, photos=spread(annex.photos, most))
    if not 0 < len(made.photos) < len(annex.photos):
        return made
    said = text("photos_part", n=padded(len(made.photos)), all=padded(len(annex.photos)))
    return replace(made, notes=(said, *annex.notes[1:]))


def spread(every: Sequence[ReportPhoto], most: int) -> tuple[ReportPhoto, ...]:
    """Return at most so many of the photos, spread evenly over them."""
    if most >= len(every) or not most:
        return tuple(every) if most else ()
    return tuple(every[place * len(every) // most] for place in range(most))


# A report as data for JSON and back: what a freeze keeps of it.
def without_photos(report: Report) -> Report:
    """Copy a report without its photos; their notes stay."""
    return replace(report, annexes=tuple(replace(annex, photos=()) for annex in report.annexes))


def with_photos(report: Report, photos: Iterable[ReportPhoto], notes: Iterable[str]) -> Report:
    """Copy a report with these notes on its sheet, its last annex, and with the photos that may leave the review."""
    *others, sheet = report.annexes
    shown = tuple(photo for photo in photos if photo.goes)
    return replace(report, annexes=(*others, replace(sheet, photos=shown, notes=tuple(filter(None, notes)))))


def with_lists(report: Report, annexes: Sequence[Annex]) -> Report:
    """Copy a report with these annexes before its photo sheet, all numbered anew."""
    if not annexes:
        return report
    *others, sheet = report.annexes
    return replace(report, annexes=numbered((*others, *annexes, sheet)))


def with_annexes(report: Report, annexes: Sequence[Annex]) -> Report:
    """Copy a report with these annexes alone, numbered as they are."""
    return replace(report, annexes=tuple(annexes))


def to_plain(report: Report) -> dict[str, Any]:
    """Return it as data for JSON."""
    return asdict(report)


def from_plain(data: Mapping[str, Any]) -> Report:
    """Return the report that `to_plain` made this of, also after a way through JSON."""
    made: Report = _made(Report, data)
    return made


def _made(hint: Any, value: Any) -> Any:
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        given = {each.name: _made(hints[each.name], value[each.name]) for each in fields(hint) if each.name in value}
        return hint(**given)  # type: ignore[operator]
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        if parts[-1] is Ellipsis:
            return tuple(_made(parts[0], each) for each in value)
        return tuple(_made(part, each) for part, each in zip(parts, value, strict=True))
    return value
