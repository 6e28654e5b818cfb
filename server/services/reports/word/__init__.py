"""A report as a Word file (python-docx), in the layout of Decree 30/2020, made from the plain data only."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from docx import Document
from docx.document import Document as Made
from docx.enum.section import WD_SECTION
from docx.section import Section
from docx.shared import Pt

from server.core.clock import local
from server.services.reports.content import Annex, Report
from server.services.reports.word import chart, page, parts
from server.services.reports.word.page import field, pages_from_one
from server.services.reports.word.parts import OnProgress, Open, RawRows
from server.services.reports.words import text

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_building = threading.BoundedSemaphore(2)
"""A file takes seconds of CPU and memory for its photos; on the last afternoon everybody asks at once."""
_PROPERTY: Final = 255
"""Most letters of a file property; the names of campaigns and units may be longer with what stands around them."""
_IN_MEMORY: Final = 32 * 1024**2
"""A larger file is put together on disk."""
DOTS: Final = "……"
"""Where a person writes by hand."""
_ON_A_PAGE: Final = 12
"""Tables with more lines begin on a new page."""


def document(report: Report, open_blob: Open, on_progress: OnProgress = lambda _done, _of: None) -> bytes:
    """Make the Word file; equal reports make equal bytes. Photos are read one at a time, outside any transaction.

    `on_progress` hears of each photo: how many are done, and of how many.
    """
    with _building:
        made = _begun(report)
        page.head(made, report)
        for paragraph in report.opening:
            made.add_paragraph(paragraph)
        parts.write_sections(made, report.sections)
        if report.kept_with:
            made.add_paragraph(report.kept_with)
        page.end(made, report)
        return _with_annexes(made, report, open_blob, on_progress)


def minutes(report: Report, parties: tuple[str, str]) -> bytes:
    """Make a paper that two parties sign: what its sections say, each with the table of the same place, if it has one.

    It has no addressee, and its tables stand in its text.
    """
    with _building:
        made, raw = _begun(report), RawRows()
        page.head(made, report)
        for paragraph in report.opening:
            said = made.add_paragraph(paragraph)
            if DOTS in paragraph:  # to be filled in: spread over the line, its blanks would be wider than its dots
                said.alignment = page.LEFT
        for section, table in zip(report.sections, report.annexes[0].lists, strict=True):
            made.add_paragraph(f"{section.mark} {section.title}", "Heading 2")
            for sentence in section.sentences:
                made.add_paragraph(sentence)
            if table.lines:
                parts.write_list(made, table, raw)
                made.add_paragraph(style=page.NOTE)
        made.add_paragraph(report.closing).paragraph_format.keep_with_next = True
        page.two_parties(made, parties, report.recipients)
        return saved(made, raw, report.at_ms)


def beside(report: Report, open_blob: Open, on_progress: OnProgress = lambda _done, _of: None) -> bytes:
    """Make the file beside a report: its annexes alone, below a head of its own."""
    with _building:
        made = _begun(report)
        page.above_table(made, report, text("beside_title"), wide=False)
        made.add_paragraph(report.subject, "Subtitle")
        for annex in report.annexes:
            made.add_paragraph(f"{annex.number}. {annex.title}")
        return _with_annexes(made, report, open_blob, on_progress)


def _begun(report: Report) -> Made:
    """Return an empty document with styles and properties."""
    made = Document()
    page.apply(made)
    _properties(made, report)
    _margins(made)
    return made


def _with_annexes(made: Made, report: Report, open_blob: Open, on_progress: OnProgress) -> bytes:
    raw = RawRows()
    for place, annex in enumerate(report.annexes):
        section = made.add_section(WD_SECTION.NEW_PAGE)
        pages_from_one(section)
        if not place:  # those behind are linked to it
            _foot(section, report)
        _annex(made, section, annex, raw, open_blob, on_progress)
    return saved(made, raw, report.at_ms)


def saved(made: Made, raw: RawRows, at_ms: int) -> bytes:
    """Return the file's bytes, with its rows in their places and this moment on all its parts."""
    with SpooledTemporaryFile(_IN_MEMORY) as out:
        made.save(out)
        return parts.dated(cast("BinaryIO", out), local(at_ms), raw.filled)


def standing_table(report: Report, on_progress: OnProgress = lambda _done, _of: None, *, signed: bool = True) -> bytes:
    """Make a Word file of the report's first annex as a table of its own. `signed`: with its two signatures."""
    with _building:
        made, raw, annex = _begun(report), RawRows(), report.annexes[0]
        wide = bool(annex.grids) or not all(each.upright for each in annex.lists)
        if wide:
            page.across(made.sections[0])
        _foot(made.sections[0], report)
        page.above_table(made, report, annex.title, wide=wide)
        _tables(made, annex, raw)
        _notes(made, annex)
        _rules(made, annex, raw)
        if signed:
            page.two_signatures(made, report, wide=wide)
        on_progress(1, 1)
        return saved(made, raw, report.at_ms)


def _properties(made: Made, report: Report) -> None:
    properties = made.core_properties
    title = f"{report.title}: {report.subject}"
    properties.title, properties.author, properties.language = title[:_PROPERTY], report.body[:_PROPERTY], "vi-VN"
    properties.comments, properties.keywords = report.frozen or report.as_of, " ".join(report.marks)
    properties.created = properties.modified = datetime.fromtimestamp(report.at_ms // 1000, UTC)


def _margins(made: Made) -> None:
    """Page number in the middle of the top margin, except on the first page; nothing below the letter itself."""
    first = made.sections[0]
    first.different_first_page_header_footer = True
    field(first.header.paragraphs[0], "PAGE")


def _foot(section: Section, report: Report) -> None:
    """What the figures are of, below the pages of an annex or of a table of its own."""
    says = " · ".join(filter(None, (*report.marks, report.as_of, report.frozen, report.witness)))
    for footer in (section.footer, section.first_page_footer):
        footer.is_linked_to_previous = False
        footer.paragraphs[0].style = "Footer"
        footer.paragraphs[0].add_run(says)


def _annex(made: Made, section: Section, annex: Annex, raw: RawRows, open_blob: Open, on_progress: OnProgress) -> None:
    """Write an annex: its number, its name in capitals, of which report it is; its pages are numbered from 1."""
    if annex.grids or annex.changes or not all(each.upright for each in annex.lists):
        page.across(section)
    else:
        page.upright(section)
    for heading in (annex.number, annex.title.upper()):
        made.add_paragraph(heading, "Heading 4")
    attached = made.add_paragraph(annex.attached, page.PLAIN)
    attached.runs[0].font.italic = True
    attached.paragraph_format.space_after = Pt(6)
    if annex.photos:
        _notes(made, annex)
        parts.write_photos(made, annex.photos, open_blob, on_progress)
        return
    _tables(made, annex, raw)
    if annex.charts:
        chart.write_charts(made, annex.charts)
    if annex.changes:
        parts.write_changes(made, annex.changes)
    _notes(made, annex)
    _rules(made, annex, raw)


def _tables(made: Made, annex: Annex, raw: RawRows) -> None:
    first = 1
    for place, grid in enumerate(annex.grids):
        if place:
            between = made.add_paragraph(style=page.NOTE)
            between.paragraph_format.page_break_before = len(grid.lines) > _ON_A_PAGE
        parts.write_grid(made, grid, raw, first)
        first += len(grid.columns)
    for each in annex.lists:
        parts.write_list(made, each, raw)


def _notes(made: Made, annex: Annex) -> None:
    for note in annex.notes:
        made.add_paragraph(note, page.NOTE)


def _rules(made: Made, annex: Annex, raw: RawRows) -> None:
    for table in annex.rules:
        parts.write_list(made, table, raw)
