"""Forms of others: kept, their placeholders, and what fills them.

A form is uploaded once, used by the unit and all below it, and filled again at each export.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.atomic_files import file_digest
from server.core.clock import new_id, now_ms
from server.core.db import add_now, reading
from server.core.problem_details import refuse_if, required, typed_text
from server.core.spreadsheet import cell_value
from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode
from server.models import Campaign, ReportForm, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.figures.table import Counting, FigureTable
from server.services.photos import garbage
from server.services.reports import draft
from server.services.reports.content import Report, ReportLine, ReportTable
from server.services.reports.documents import report_files
from server.services.reports.documents.asking import Choices, DocumentOrder, MadeDocument
from server.services.reports.draft import MostShown
from server.services.reports.letterheads import may_edit
from server.services.reports.snapshot.locking import HASH_LOGGED
from server.services.reports.tables import UNREPORTED
from server.services.reports.text import sections
from server.services.reports.word import own_template
from server.services.reports.word.own_template import OwnTemplate
from server.services.reports.words import Printed, figure_names, word_of
from server.services.reports.workflow import templates
from server.services.units.scope import Scope
from sync.figures import every_figure

Value = int | float | str
TOTAL: Final = "tong."
UNIT_NAMES: Final = ("stt", "don_vi")
HEAD_NAMES: Final = ("don_vi_bao_cao", "chien_dich", "so_lieu", "dia_danh")


@dataclass(frozen=True, slots=True)
class FormValues:
    """`rows`: for each unit right below, its values; for a unit alone, its own. `head`: those of the whole."""

    rows: tuple[Mapping[str, Value], ...]
    head: Mapping[str, Value]


def known() -> set[str]:
    """Return every placeholder that there is."""
    figures = figure_names()
    return {*UNIT_NAMES, *HEAD_NAMES, *figures, *(f"{TOTAL}{name}" for name in figures)}


def example() -> FormValues:
    """Return values for every placeholder, with which a form is tried."""
    row: dict[str, Value] = {"stt": 1, "don_vi": "Xã A", **dict.fromkeys(figure_names(), 1)}
    head: dict[str, Value] = {f"{TOTAL}{name}": 1 for name in figure_names()}
    head |= {"don_vi_bao_cao": "Huyện B", "chien_dich": "C", "so_lieu": "D", "dia_danh": "E"}
    return FormValues((row,), head)


# What a report gives for the placeholders of a form.
def values(report: Report, campaign: str, unit: str) -> FormValues:
    """Return the values of a report's first annex. Figures that nobody reported have a dash, never 0."""
    names = figure_names()
    annex = report.annexes[0]
    cells: dict[str, dict[str, Value]] = {}
    lines: list[ReportLine] = []
    for grid in annex.grids:
        _take(grid, cells)
        lines = lines or [line for line in grid.lines if line.role != "total"]
    total = cells.get("", {})
    rows: list[dict[str, Value]] = []
    for place, line in enumerate(lines, 1):
        mine = cells.get(f"{line.index} {line.name}", {})
        figures = {name: mine.get(code, UNREPORTED) for name, code in names.items()}
        rows.append({"stt": place, "don_vi": line.name, **figures})
    if not annex.grids:  # a unit alone: the list has its figures
        total = _alone(annex.lists[0].lines if annex.lists else ())
        figures = {name: total.get(code, UNREPORTED) for name, code in names.items()}
        rows.append({"stt": 1, "don_vi": unit, **figures})
    head: dict[str, Value] = {f"{TOTAL}{name}": total.get(code, UNREPORTED) for name, code in names.items()}
    head |= {"don_vi_bao_cao": report.body.replace("\n", " "), "chien_dich": campaign, "so_lieu": report.as_of}
    head["dia_danh"] = report.date.partition(",")[0]
    return FormValues(tuple(rows), head)


def _take(grid: ReportTable, cells: dict[str, dict[str, Value]]) -> None:
    for line in grid.lines:
        key = "" if line.role == "total" else f"{line.index} {line.name}"
        mine = cells.setdefault(key, {})
        for column, cell in zip(grid.columns, line.cells, strict=True):
            mine[column.code] = amount(cell)


def _alone(lines: tuple[tuple[str, ...], ...]) -> dict[str, Value]:
    codes = {figure.label["vi"]: figure.code for figure in every_figure()}
    return {codes[line[1]]: amount(line[3] or line[5].partition(";")[0]) for line in lines if line[1] in codes}


def amount(cell: str) -> Value:
    """Return the number that a cell shows; the sign itself where there is none."""
    return cell_value(cell.amount) if isinstance(cell, Printed) else cell


# Forms as they are kept.
NAME_LENGTH: Final = 200
MOST: Final = 30
"""Most forms that a unit offers at a time."""
TYPES: Final = ("xlsx", "docx")
MOST_BYTES: Final = 5 * 1024**2
"""Most bytes of a form."""


def checked(path: Path) -> str:
    """Return the type of a form that can be filled. Raises Unfit. Takes seconds: call it outside a transaction."""
    if path.stat().st_size > MOST_BYTES:
        raise Unfit("form_too_large")
    kind = decode(Decoding.FORM, [path], **_said(example()))
    if kind not in TYPES:
        raise Unfit("form_too_complex")
    return str(kind)


def filled(path: Path, found: FormValues, target: Path) -> None:
    """Write the filled form. Raises Unfit."""
    decode(Decoding.FILLED_FORM, [path], [target], **_said(found))


def _said(found: FormValues) -> dict[str, Any]:
    rows = [dict(row) for row in found.rows]
    return {"known": sorted(known()), "rows": rows, "head": dict(found.head)}


def checked_template(path: Path) -> list[str]:
    """Return the names that a Word template of a whole report uses (word/own_template.py). Raises Unfit."""
    if path.stat().st_size > MOST_BYTES:
        raise Unfit("form_too_large")
    return own_template.checked(path)


def add(  # whose, what of it was judged, and its bytes
    session: Session, scope: Scope, blobs: Blobs, unit_id: str, name: str, path: Path, judged: str | list[str]
) -> ReportForm:
    """Keep a form, or the template of a whole report, that was accepted. `judged`: its type, or the names it uses.

    Raises Problem `forbidden`, `form_unnamed`, `form_too_many`.
    """
    refuse_if(not scope.may_see(unit_id), "not_found")
    refuse_if(not may_edit(scope, unit_id), "forbidden")
    name = typed_text(" ".join(name.split()), NAME_LENGTH, "name", "form_unnamed")
    theirs = ReportForm.unit_id == unit_id, ReportForm.removed_at.is_(None)
    refuse_if((session.scalar(select(func.count()).where(*theirs)) or 0) >= MOST, "form_too_many")
    kind = judged if isinstance(judged, str) else TYPES[1]
    row = ReportForm(id=new_id(), unit_id=unit_id, name=name, type=kind, officer_id=scope.officer_id, added_at=now_ms())
    if not isinstance(judged, str):
        row.tags = judged
    row.sha256, row.size_bytes = file_digest(path), path.stat().st_size
    add_now(session, row)
    garbage.put(session, blobs, row.sha256, path)
    log.append(session, Act.FORM_ADDED, ("unit", unit_id), new=_logged(row))
    return row


def remove(session: Session, scope: Scope, form_id: str) -> ReportForm:
    """Offer a form no longer. Its bytes stay: another unit may have the same. Raises Problem."""
    row = required(session.get(ReportForm, form_id))
    refuse_if(row.removed_at is not None or not scope.may_see(row.unit_id), "not_found")
    refuse_if(not may_edit(scope, row.unit_id), "forbidden")
    row.removed_at = now_ms()
    log.append(session, Act.FORM_REMOVED, ("unit", row.unit_id), old=_logged(row))
    session.flush()
    return row


def _logged(row: ReportForm) -> dict[str, str]:
    """What the log says of it: a paper names its template by the same hash."""
    whole = {"table": "template", "hash": row.sha256[:HASH_LOGGED]} if row.tags is not None else {}
    return {"format": row.type, **whole}


@dataclass(frozen=True, slots=True)
class TemplatePreview:
    """What a template is filled with to be looked at: the draft of today's figures of its unit."""

    template: OwnTemplate
    campaign: str
    report: Report
    table: FigureTable

    def document(self, blobs: Blobs) -> bytes:
        """Return the filled Word file. Raises Unfit. It takes seconds: call it outside a transaction."""
        return templates.document(self.report, self.table, Counting(), self.template, blobs)


def preview(session: Session, scope: Scope, form_id: str, campaign: Campaign, unit_id: str) -> TemplatePreview:
    """Read what a template that is offered to a unit is filled with. Raises Problem `not_found`."""
    refuse_if(not scope.may_see(unit_id), "not_found")
    found = templates.offered(session, scope, unit_id, whole=True)
    row = required(next((each for each in found if each.id == form_id), None))
    basis = draft.basis(session, scope, campaign, unit_id, most=MostShown(0, 0))
    report = sections.filled_today(session, scope, campaign, unit_id, draft.written(basis))
    return TemplatePreview(templates.of_row(row), campaign.id, report, basis.table)


def check(session: Session, scope: Scope, unit_id: str, choices: Choices) -> None:
    """Raise Problem `not_found` for a form that is not offered to the unit."""
    report_files.check(session, scope, unit_id, choices)
    refuse_if(
        str(choices.get("form")) not in {form.id for form in templates.offered(session, scope, unit_id, whole=False)},
        "not_found",
    )


def make(order: DocumentOrder) -> MadeDocument:
    """Fill a form with the unit's figures. Raises Unfit."""
    with reading() as session:
        form = required(session.get(ReportForm, str(order.choices.get("form"))))
        session.expunge(form)
        campaign = order.campaign(session).name
        unit = session.get_one(Unit, order.unit_id).name
    report = report_files.asked_report(order)
    path = order.folder / f"form.{form.type}"
    if not order.blobs.fetch(form.sha256, path):
        raise Unfit("form_lost")
    order.on_progress(1, 3)
    made = order.folder / f"filled.{form.type}"
    filled(path, values(report, campaign, unit), made)
    name = word_of(form.name).replace("_", "-")[:60] or "bieu-mau"
    return MadeDocument(made, f"{name}.{form.type}")
