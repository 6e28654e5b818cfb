"""The comparison with the same period in a report: one table of the unit, STT to Ghi chú, in an annex of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.comparison import bases, difference
from server.services.comparison.bases import PART, PriorBase
from server.services.comparison.difference import RULE, PriorDifference
from server.services.figures.table import Cell, Counting, FigureTable
from server.services.letters.citing import official_day
from server.services.reports import letterheads, tables
from server.services.reports.accounts import Source
from server.services.reports.additions import Added, Addition, own_words, with_annex
from server.services.reports.content import Annex, ListTable, Report, list_columns
from server.services.reports.tables import cell_text
from server.services.reports.words import dotted
from server.services.reports.words import text as words_of
from server.services.units.tree import ancestry
from sync.figures import every_figure
from sync.registry import KINDS

text = own_words(Path(__file__).parent / "words.vi.json")


def read(session: Session, campaign: Campaign, table: FigureTable) -> Added | None:
    """Return the figures of the same period of the unit; None if nobody took any."""
    unit, figures = table.unit, table.figures
    holds = bases.holding(session, campaign.id, ancestry(session, unit.id))
    if holds is None:
        return None
    known = bases.read(session, holds, [unit.id], figures)[unit.id]
    return {
        "set": holds.id,
        "source": holds.source,
        "name": holds.name,
        "as_of": holds.as_of.isoformat(),
        "bases": {code: asdict(base) for code, base in known.items() if base.why != bases.ABSENT},
        "same_rule": {figure.code: holds.rules.get(figure.code) == figure.rule["vi"] for figure in figures},
    }


def write(report: Report, added: Added, source: Source) -> Report:
    """Add the annex; figures that nobody reported then or now have no line. A unit alone: its table has it."""
    if source.alone:
        return _within(report, added, source)
    lines = tuple(_lines(added, source))
    if not lines:
        return report
    heads = tuple(text(key) for key in ("index", "what", "unit", "result", "prior", "note"))
    table = ListTable("", list_columns(heads, (12, 56, 20, 22, 22, 28), (3, 4)), lines, upright=True)
    title = text("annex", unit=letterheads.within(source.table.unit.name))
    annex = Annex("", title, report.annexes[0].attached, notes=_notes(added), lists=(table,))
    return with_annex(report, annex)


ADDITION: Final = Addition(read, write)


def amounts(session: Session, campaign: Campaign, unit_id: str) -> dict[str, int]:
    """Return the figures of the same period of a unit, by figure; without those of which only a part is known."""
    holds = bases.holding(session, campaign.id, ancestry(session, unit_id))
    if holds is None:
        return {}
    known = bases.read(session, holds, [unit_id], every_figure())[unit_id]
    return {code: base.amount for code, base in known.items() if base.amount is not None}


def _within(report: Report, added: Added, source: Source) -> Report:
    """The table of a unit without units below, which has columns for this: filled in."""
    before = {code: _base(code, raw) for code, raw in added["bases"].items()}
    cells = source.total.cells
    shown = {code for code, cell in cells.items() if code in before or cell.has_total or not cell.is_unreported}
    parts = [replace(part, figures=tuple(each for each in part.figures if each.code in shown)) for part in source.parts]
    said = {}
    for code, base in before.items():
        if not _has_apart(cells[code], source.counts):  # what is apart the table says itself
            said[code] = note(_difference(added, code, cells[code], base, source.counts), base)
    known = {code: base.amount for code, base in before.items() if base.amount is not None}
    table = tables.single_unit(
        [part for part in parts if part.figures], source.total, known, source.campaign.hotline, source.counts, said
    )
    first, *others = report.annexes
    notes = (*(each for each in first.notes if each != words_of("earlier_none")), *_notes(added))
    return replace(report, annexes=(replace(first, lists=(table,), notes=notes), *others))


def _lines(added: Added, source: Source) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for part in source.parts:
        for figure in part.figures:
            cell = source.total.cells[figure.code]
            raw: dict[str, Any] | None = added["bases"].get(figure.code)
            if raw is None and cell.is_unreported and not cell.has_total:
                continue
            base = _base(figure.code, raw) if raw else PriorBase(None, bases.ABSENT)
            each = _difference(added, figure.code, cell, base, source.counts)
            before = "" if each.base is None else dotted(each.base)
            said = (str(len(found) + 1), figure.label["vi"], figure.unit["vi"], cell_text(cell, source.counts), before)
            apart = (
                words_of("note_unsupported", n=tables.unsupported_text(cell)) if _has_apart(cell, source.counts) else ""
            )
            found.append((*said, apart or note(each, base)))
    return found


def _base(code: str, raw: Mapping[str, Any]) -> PriorBase:
    base = PriorBase(**raw)
    return base if base.amount is None else replace(base, amount=KINDS.amount(code, base.amount))


def _has_apart(cell: Cell, counts: Counting) -> bool:
    """True if something without evidence is beside the amount: then the amount alone is not compared."""
    return cell.has_total and not counts.has_sign(cell)


def _difference(added: Added, code: str, cell: Cell, base: PriorBase, counts: Counting) -> PriorDifference:
    return difference.of(counts.shown(cell), base, same_rule=added["same_rule"].get(code, False))


def note(each: PriorDifference, base: PriorBase) -> str:
    """Return the last column: up or down and by how many percent, or why nothing is compared."""
    if each.change is not None:
        key = "up" if each.change > 0 else "down"
        if not each.change:
            return text("same")
        if each.percent is None:
            return text(f"{key}_bare", n=dotted(abs(each.change)))
        return text(key, n=dotted(abs(each.change)), percent=tenths(abs(each.percent)))
    if each.why == PART:
        return text("part", have=dotted(base.have), need=dotted(base.need)) if base.need > 1 else text("part_bare")
    return text(each.why) if each.why in (RULE, bases.DISTINCT, difference.UNREPORTED) else ""


def tenths(value: int) -> str:
    """Return tenths as Vietnamese writes them.

    >>> tenths(250), tenths(333)
    ('25', '33,3')
    """
    whole, rest = divmod(value, 10)
    return dotted(whole) + (f",{rest}" if rest else "")


def _notes(added: Added) -> tuple[str, ...]:
    day = official_day(date.fromisoformat(added["as_of"]))
    named = text("source", name=added["name"], day=day) if added["name"] else text("source_paste", day=day)
    return named, text("zero")
