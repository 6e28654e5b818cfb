"""The leader's sheet as a Word file of one page: small margins, a table of eight lines, four photos two by two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from docx import Document
from docx.document import Document as Made
from docx.shared import Mm, Pt

from server.services.reports import ReportPhoto, dotted, text, word
from server.services.reports.content import ListColumn, ListTable
from server.services.reports.word import letterhead, lists, sheet, styles
from server.services.reports.word.oxml import fixed, tight
from server.services.reports.word.rows import RawRows

_PHOTOS = sheet.Size(Mm(76), Mm(44), Mm(56))


@dataclass(frozen=True, slots=True)
class SummaryFigure:
    """One line. None: not known, so nothing is printed. `nil`: there was nothing to report."""

    label: str
    unit: str
    now: int | None
    nil: bool
    earlier: int | None
    change: int | None
    unsupported: int | None


@dataclass(frozen=True, slots=True)
class SummarySheet:
    """The content of the page."""

    above: str
    body: str
    title: str
    subject: str
    as_of: str
    figures: tuple[SummaryFigure, ...]
    notes: tuple[str, ...]
    changed: str
    photos: tuple[ReportPhoto, ...]
    practice: bool
    at_ms: int


def document(it: SummarySheet, open_blob: Callable[[str], BinaryIO | None], told: word.Told) -> bytes:
    """Make the file; equal sheets make equal bytes."""
    made, raw = Document(), RawRows()
    styles.apply(made)
    section = made.sections[0]
    section.top_margin = section.bottom_margin = Mm(15)
    section.footer.paragraphs[0].add_run(it.as_of)
    _head(made, it)
    lists.write(made, _table(it), raw)
    _notes(made, it)
    if it.photos:
        sheet.write(made, it.photos, open_blob, told, _PHOTOS)
    return word.saved(made, raw, it.at_ms)


def _head(made: Made, it: SummarySheet) -> None:
    table = made.add_table(rows=1, cols=1)
    fixed(table, [styles.WIDTH])
    tight(table)
    cell = table.rows[0].cells[0]
    letterhead.line(cell, ", ".join(filter(None, (it.body.replace("\n", " "), it.above))), size=12, bold=True)
    made.add_paragraph(it.title, "Title").paragraph_format.space_before = Pt(6)
    made.add_paragraph(it.subject, "Subtitle")
    if it.practice:
        made.add_paragraph(text("practice"), styles.PLAIN).runs[0].font.bold = True
    moment = made.add_paragraph(f"({it.as_of})", styles.PLAIN)
    moment.runs[0].font.italic = True
    moment.paragraph_format.space_after = Pt(6)


def _table(it: SummarySheet) -> ListTable:
    columns = [ListColumn(text("table_index"), 15), ListColumn(text("figure"), 59), ListColumn(text("table_unit"), 22)]
    columns += [ListColumn(text(key), 22, number=True) for key in ("table_result", "table_earlier", "summary_change")]
    shows = any(figure.unsupported is not None for figure in it.figures)
    if shows:
        columns.append(ListColumn(text("summary_without"), 22, number=True))
    lines = []
    for place, figure in enumerate(it.figures, 1):
        cells = [str(place), figure.label, figure.unit, _now(figure), _plain(figure.earlier), _signed(figure.change)]
        lines.append((*cells, *([_plain(figure.unsupported)] if shows else [])))
    return ListTable("", tuple(columns), tuple(lines), upright=True)


def _now(figure: SummaryFigure) -> str:
    if figure.now is None:
        return "–"
    return "KPS" if figure.nil else dotted(figure.now)


def _plain(amount: int | None) -> str:
    return "" if amount is None else dotted(amount)


def _signed(amount: int | None) -> str:
    if amount is None:
        return ""
    return f"+{dotted(amount)}" if amount > 0 else dotted(amount)


def _notes(made: Made, it: SummarySheet) -> None:
    for said in (*it.notes, it.changed):
        paragraph = made.add_paragraph(said, styles.NOTE)
        paragraph.paragraph_format.space_before = Pt(3)
        for run in paragraph.runs:
            run.font.size, run.font.italic = Pt(11), False
