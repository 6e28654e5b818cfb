"""The sheet for a leader: one page of A4 with eight figures, who has not reported, what changed, four photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from server.core.clock import local
from server.core.db import reading
from server.models import Unit
from server.services import letterheads
from server.services.documents import summary_page
from server.services.documents.kinds import DocumentOrder, MadeDocument
from server.services.documents.summary_page import SummaryFigure, SummarySheet
from server.services.figures import asked, coverage, loading
from server.services.figures.table import Cell, FigureTable
from server.services.reports import dotted, names, official_day, seams, small, text
from server.services.reports.accounts import clock, silent_names
from server.services.reports.draft import chosen_photos
from sync.registry import Figure
from sync.text import fold

FIGURES: Final = 8
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
        figures = eight(asked.asked(campaign), found.figures, total.cells)
        amounts = _Amounts(
            {figure.code: total.cells[figure.code].counted for figure in figures},
            seams.earlier(session, campaign, unit.id),
            {figure.code: total.cells[figure.code].unsupported for figure in figures},
        )
        covered = coverage.coverage(session, unit.id, campaign.id)
        head = letterheads.in_force(session, unit, local(order.asked_at).date(), campaign)
        sheet = SummarySheet(
            above=head.governing,
            body=head.issuing,
            title=text("summary_title"),
            subject=text("summary_subject", campaign=campaign.name, unit=names.within(unit.name)),
            as_of=_as_of(order.asked_at),
            figures=tuple(_line(figure, total.cells[figure.code], amounts, order) for figure in figures),
            notes=(*_reported(covered.reporting, covered.units, found), _evidence(figures, amounts)),
            changed=_changed(order),
            photos=chosen_photos(session, campaign, unit.id, PHOTOS),
            practice=campaign.practice,
            at_ms=order.asked_at,
        )
        name = _file_name(unit)
    path = order.folder / "summary.docx"
    path.write_bytes(summary_page.document(sheet, order.blobs.open, order.told))
    return MadeDocument(path, name, printed=dict(amounts.now))


def eight(wanted: Sequence[Figure], every: Sequence[Figure], cells: Mapping[str, Cell]) -> list[Figure]:
    """Choose the figures: what the letter asks for and somebody reported, then other reported ones, then asked ones."""
    codes = [figure.code for figure in wanted]
    reported = [figure for figure in every if _is_said(cells[figure.code])]
    first = [figure for figure in reported if figure.code in codes]
    rest = [figure for figure in reported if figure.code not in codes]
    empty = [figure for figure in every if figure.code in codes and not _is_said(cells[figure.code])]
    return [*first, *rest, *empty][:FIGURES]


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
    counts = Counter(above.name for above, row in found.leaves() if row.silent)
    parts = (text("summary_silent_of", unit=names.within(unit), n=n) for unit, n in counts.items())
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
