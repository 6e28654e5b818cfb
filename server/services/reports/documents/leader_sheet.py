"""The sheet for a leader: one page with the figures that the letter asks for, who is silent, what changed, photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from docx import Document
from docx.document import Document as Made
from docx.shared import Mm, Pt

from server.core.clock import local
from server.core.db import reading
from server.models import Unit
from server.services.figures import loading
from server.services.figures.table import Cell, FigureTable
from server.services.letters.citing import official_day
from server.services.reports import additions, letterheads, word
from server.services.reports.accounts import clock, silent_names
from server.services.reports.content import ListColumn, ListTable, ReportPhoto
from server.services.reports.documents.asking import DocumentOrder, MadeDocument
from server.services.reports.draft import chosen_photos
from server.services.reports.word import page, parts
from server.services.reports.word.page import fixed, tight
from server.services.reports.word.parts import RawRows
from server.services.reports.words import dotted, small, text
from sync.registry import Figure
from sync.text import fold

_PHOTOS = parts.Size(Mm(76), Mm(44), Mm(56))


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


def sheet_document(
    it: SummarySheet, open_blob: Callable[[str], BinaryIO | None], on_progress: parts.OnProgress
) -> bytes:
    """Make the file; equal sheets make equal bytes."""
    made, raw = Document(), RawRows()
    page.apply(made)
    section = made.sections[0]
    section.top_margin = section.bottom_margin = Mm(15)
    section.footer.paragraphs[0].add_run(it.as_of)
    _head(made, it)
    parts.write_list(made, _table(it), raw)
    _notes(made, it)
    if it.photos:
        parts.write_photos(made, it.photos, open_blob, on_progress, _PHOTOS)
    return word.saved(made, raw, it.at_ms)


def _head(made: Made, it: SummarySheet) -> None:
    table = made.add_table(rows=1, cols=1)
    fixed(table, [page.WIDTH])
    tight(table)
    cell = table.rows[0].cells[0]
    page.line(cell, ", ".join(filter(None, (it.body.replace("\n", " "), it.above))), size=12, bold=True)
    made.add_paragraph(it.title, "Title").paragraph_format.space_before = Pt(6)
    made.add_paragraph(it.subject, "Subtitle")
    if it.practice:
        made.add_paragraph(text("practice"), page.PLAIN).runs[0].font.bold = True
    moment = made.add_paragraph(f"({it.as_of})", page.PLAIN)
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
        paragraph = made.add_paragraph(said, page.NOTE)
        paragraph.paragraph_format.space_before = Pt(3)
        for run in paragraph.runs:
            run.font.size, run.font.italic = Pt(11), False


FIGURES: Final = 8
"""So many lines are filled up with other figures, where the letter asks for fewer."""
MOST: Final = 14
"""Most lines: all has to fit one page."""
PHOTOS: Final = 4
MOST_NAMES: Final = 400
"""Most letters of the names of silent units: all has to fit one page, and a leader reads no longer list."""


@dataclass(frozen=True, slots=True)
class _Amounts:
    now: Mapping[str, int]
    earlier: Mapping[str, int]
    unsupported: Mapping[str, int]
    """Beside the amounts, in none of them."""


def make(order: DocumentOrder) -> MadeDocument:
    """Make the Word file. `printed` are its figures: the next sheet says what changed since."""
    with reading() as session:
        campaign = order.campaign(session)
        found = loading.load(session, order.scope(session), campaign, order.unit_id)
        unit, total = session.get_one(Unit, order.unit_id), found.total
        wanted = loading.asked(campaign)
        figures = chosen(wanted, found.figures, total.cells)
        amounts = _Amounts(
            {figure.code: total.cells[figure.code].counted for figure in figures},
            additions.earlier_amounts(session, campaign, unit.id),
            {figure.code: total.cells[figure.code].unsupported for figure in figures},
        )
        covered = loading.coverage(session, unit.id, campaign.id)
        head = letterheads.in_force(session, unit, local(order.asked_at).date(), campaign)
        sheet = SummarySheet(
            above=head.governing,
            body=head.issuing,
            title=text("summary_title"),
            subject=text("summary_subject", campaign=campaign.name, unit=letterheads.within(unit.name)),
            as_of=_as_of(order.asked_at),
            figures=tuple(_line(figure, total.cells[figure.code], amounts, order) for figure in figures),
            notes=(
                *_cut(wanted, found.figures),
                *_reported(covered.reporting, covered.units, found),
                _evidence(figures, amounts),
            ),
            changed=_changed(order),
            photos=chosen_photos(session, campaign, unit.id, PHOTOS),
            practice=campaign.practice,
            at_ms=order.asked_at,
        )
        name = _file_name(unit)
    path = order.folder / "summary.docx"
    path.write_bytes(sheet_document(sheet, order.blobs.open, order.on_progress))
    return MadeDocument(path, name, printed=dict(amounts.now))


def chosen(wanted: Sequence[Figure], every: Sequence[Figure], cells: Mapping[str, Cell]) -> list[Figure]:
    """Choose the figures: what the letter asks for, reported or not, then other reported ones.

    Where the letter asks for too many, the last of the registry go: that nobody reported one is worth a line, too.
    """
    codes = {figure.code for figure in wanted}
    first = [figure for figure in every if figure.code in codes][:MOST]
    first.sort(key=lambda figure: not _is_said(cells[figure.code]))
    rest = [figure for figure in every if figure.code not in codes and _is_said(cells[figure.code])]
    return [*first, *rest[: max(0, FIGURES - len(first))]]


def _cut(wanted: Sequence[Figure], every: Sequence[Figure]) -> tuple[str, ...]:
    """How many of the figures that the letter asks for have no line, if any."""
    codes = {figure.code for figure in wanted}
    left = sum(figure.code in codes for figure in every) - MOST
    return (text("summary_more", n=dotted(left)),) if left > 0 else ()


def _is_said(cell: Cell) -> bool:
    """Whether anybody said something of it: also the level above alone, without evidence."""
    return cell.has_total or not cell.is_unreported


def _line(figure: Figure, cell: Cell, amounts: _Amounts, order: DocumentOrder) -> SummaryFigure:
    before = None if order.last_printed is None else order.last_printed.get(figure.code)
    code = figure.code
    return SummaryFigure(
        label=figure.label["vi"],
        unit=figure.unit["vi"],
        now=None if cell.is_unreported else amounts.now[code],
        nil=cell.is_nil,
        earlier=amounts.earlier.get(code),
        change=None if before is None else amounts.now[code] - before,
        unsupported=amounts.unsupported[code],
    )


def _as_of(at_ms: int) -> str:
    at = local(at_ms)
    return text("as_of", time=clock(at), day=official_day(at.date()))


def _reported(reporting: int, units: int, found: FigureTable) -> tuple[str, ...]:
    """Who has reported, and the names of those who have not; how many of each district if the names are too many."""
    said, silent = text("summary_reported", n=reporting, all=units), silent_names(found)
    if not silent:
        return (said,)
    if len(silent) <= MOST_NAMES:
        return (said, text("silent_list", units=silent))
    names = {above.id: above.name for above, _ in found.leaves()}
    counts = Counter(above.id for above, row in found.leaves() if row.silent)
    parts = (text("summary_silent_of", unit=letterheads.within(names[id_]), n=n) for id_, n in counts.items())
    return (said, text("summary_silent", parts=", ".join(parts)))


def _evidence(figures: Sequence[Figure], amounts: _Amounts) -> str:
    """The part of each figure that has no evidence; figures of different units have no common share."""
    said = []
    for figure in figures:
        without = amounts.unsupported[figure.code]
        if without:
            whole = amounts.now[figure.code] + without
            share = str(round(100 * without / whole)) if 100 * without >= whole else text("summary_under_one")
            part = {"n": dotted(without), "all": dotted(whole), "unit": figure.unit["vi"], "share": share}
            said.append(text("summary_unsupported_of", label=small(figure.label["vi"]), **part))
    return text("summary_unsupported", figures="; ".join(said)) if said else text("summary_supported")


def _changed(order: DocumentOrder) -> str:
    if order.last_printed is None:
        return text("summary_first")
    at = local(order.last_printed_at)
    return text("summary_since", time=clock(at), day=official_day(at.date()))


def _file_name(unit: Unit) -> str:
    words = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold(unit.name)).split())
    return f"tom-tat-{words or 'don-vi'}.docx"
