"""A selection as a file: an Excel workbook with a sheet for each kind, one CSV table, or points for a map.

Records are read in parts, each in a transaction of its own, so that a long file holds nobody up. A text never becomes a
formula or a link.

Long tables as documents: asked for on a page, made by a job with its progress, kept a month, gone after a purge.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.clock import local, now_ms
from server.core.db import reading
from server.core.problem_details import refuse_if, required
from server.core.sheets import XLSX, Sheets, written
from server.core.spreadsheet import harmless
from server.models import Campaign, Unit
from server.services.exports import rows, stored_filter
from server.services.exports.columns import ExportColumn, columns, how_to_count
from server.services.exports.rows import ExportRow
from server.services.exports.selection import RecordPlace, Selection, one_unit
from server.services.exports.words import LANG, say
from server.services.reports.documents import asking
from server.services.reports.documents.asking import DocumentKind, DocumentOrder, MadeDocument
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope
from sync.registry import KINDS
from sync.text import fold

FORMATS: Final[Mapping[str, str]] = {
    "xlsx": XLSX,
    "csv": "text/csv",
    "geojson": "application/geo+json",
}
"""The forms of a file, with their media types. They are the endings of its name, too."""
"""Most characters of a cell of Excel."""
Rows = Iterator[list[ExportRow]]


@dataclass(frozen=True, slots=True)
class TableOrder:
    """A table to write. `on_progress`: hears how many of how many records are written."""

    officer_id: str
    campaign_id: str
    asked: ResultFilter
    on_progress: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Task:
    """What was read before the rows: campaign, order of records, the line above a table."""

    campaign: Campaign
    places: Sequence[RecordPlace]
    title: str


def write(order: TableOrder, form: str, folder: Path) -> tuple[Path, str]:
    """Write the file; returns its path and the name that people get it under. Raises Problem."""
    at = local(now_ms())
    with reading() as session:
        scope = Scope(session, order.officer_id)
        campaign = required(session.get(Campaign, order.campaign_id))
        places = Selection(session, scope, campaign, order.asked).places()
        unit = session.get(Unit, order.asked.cut.unit or (scope.highest() or [""])[0])
        of_unit = unit.name if unit else campaign.name
        title = say("title", campaign=campaign.name, unit=of_unit, at=f"{at:%H:%M %d/%m/%Y}")
        task = _Task(campaign, places, title)
        _ = campaign.files  # read here: the rows come in other transactions
        session.expunge_all()
    path = folder / f"records.{form}"
    _WRITERS[form](path, task, _rows(order, places))
    return path, f"ket-qua-{'-'.join(fold(of_unit).split())}-{at:%Y%m%d-%H%M}.{form}".replace("/", "-")


def _rows(order: TableOrder, places: Sequence[RecordPlace]) -> Rows:
    done = 0
    for part in rows.batches(places):
        with reading() as session:
            found = rows.read(session, part)
        yield found
        done += len(part)
        order.on_progress(done, len(places))


def _workbook(path: Path, task: _Task, found: Rows) -> None:
    with written(path) as book:
        sheets = _Sheets(book, task)
        for part in found:
            for row in part:
                sheets.add(row)
        page = book.page(say("how"), (120,))
        for at, line in enumerate(how_to_count([KINDS.get(name) for name in {place.kind for place in task.places}])):
            page.write_string(at, 0, line)


class _Sheets:
    """The sheets of a workbook, one for each kind that the selection has, in the order of the kinds."""

    def __init__(self, book: Sheets, task: _Task) -> None:
        self._book = book
        self._next: dict[str, int] = {}
        self._sheets: dict[str, tuple[Any, list[ExportColumn]]] = {}
        book.book.set_properties({"title": task.title[:255]})
        names = {place.kind for place in task.places}
        for name in sorted(names, key=lambda name: (KINDS[name].order if name in KINDS else 999, name)):
            kind = KINDS.get(name)
            self._begin(name, kind.label[LANG] if kind else name, columns([kind], task.campaign), task.title)
        if not names:
            self._begin("", say("records"), columns([], task.campaign), task.title)

    def _begin(self, name: str, title: str, heads: list[ExportColumn], said: str) -> None:
        page = self._book.page(title, [column.width for column in heads])
        page.write_string(0, 0, said)
        head = self._book.look(bold=True, bg_color="#EDEDED", border=1, text_wrap=True)
        self._book.row(page, 1, [column.title for column in heads], head)
        page.freeze_panes(2, 3)
        self._sheets[name], self._next[name] = (page, heads), 2

    def add(self, row: ExportRow) -> None:
        page, heads = self._sheets[row.kind_name]
        at = self._next[row.kind_name]
        for place, column in enumerate(heads):
            self._book.put(page, at, place, column.cell(row))
        self._next[row.kind_name] = at + 1


def _separated(path: Path, task: _Task, found: Rows) -> None:
    kinds = sorted({place.kind for place in task.places}, key=lambda name: KINDS[name].order if name in KINDS else 999)
    heads = columns([KINDS.get(name) for name in kinds], task.campaign)
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel needs the byte-order mark
        table = csv.writer(file, lineterminator="\r\n")
        table.writerow([harmless(column.title) for column in heads])
        for part in found:
            table.writerows([harmless(_typed(column, row)) for column in heads] for row in part)


def _typed(column: ExportColumn, row: ExportRow) -> str | int | float:
    """Return a cell for CSV. ISO days: every Excel reads them, whatever its language.

    Amounts have the decimal comma of the words beside them. Degrees have a point, because programs for maps read them.
    """
    cell = column.cell(row)
    if isinstance(cell, float) and "_e6/" not in column.key:
        return str(cell).removesuffix(".0").replace(".", ",")
    return "" if cell is None else _plain(cell)


def _plain(cell: str | float | date) -> str | int | float:
    """Return a cell as text or number."""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return cell.isoformat() if isinstance(cell, date) else cell


def _points(path: Path, task: _Task, found: Rows) -> None:
    """Write GeoJSON (RFC 7946): a point for each record that has one position, longitude first."""
    heads = {name: columns([KINDS.get(name)], task.campaign) for name in {place.kind for place in task.places}}
    left_out, first = 0, True
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for part in found:
            for row in part:
                point = _point(row)
                if point is None:
                    left_out += 1
                    continue
                said = {
                    column.title: _plain(cell)
                    for column in heads[row.kind_name]
                    if (cell := column.cell(row)) is not None
                }
                feature = {"type": "Feature", "id": row.record_id, "geometry": point, "properties": said}
                file.write(("\n" if first else ",\n") + json.dumps(feature, ensure_ascii=False))
                first = False
        file.write(f'\n],"title":{json.dumps(task.title, ensure_ascii=False)},"without_position":{left_out}}}\n')


def _point(row: ExportRow) -> dict[str, Any] | None:
    names = [field.name for field in row.kind.fields if field.type == "place"] if row.kind else []
    sides = [side for name in names for side in row.values.get(name, ()) if isinstance(side, dict)]
    if len(sides) != 1:
        return None
    lat, lon = sides[0].get("lat_e6"), sides[0].get("lon_e6")
    if not (isinstance(lat, int) and isinstance(lon, int)):
        return None
    return {"type": "Point", "coordinates": [lon / 1e6, lat / 1e6]}


_WRITERS: Final[Mapping[str, Callable[[Path, _Task, Rows], None]]] = {
    "xlsx": _workbook,
    "csv": _separated,
    "geojson": _points,
}


DIRECT: Final = 2000
"""Up to this many records are written while the person waits, which takes a few seconds."""
KINDS_BY_FORM: Final = {form: f"records_{form}" for form in FORMATS}


def register() -> None:
    """Make the kinds of documents known."""
    for form, name in KINDS_BY_FORM.items():
        asking.KINDS.add(name, DocumentKind(_maker(form)))


def _maker(form: str) -> Callable[[DocumentOrder], MadeDocument]:
    def make(order: DocumentOrder) -> MadeDocument:
        asked = stored_filter.from_data(order.choices["filter"])
        wanted = TableOrder(order.officer_id, order.campaign_id, asked, order.on_progress)
        return MadeDocument(*write(wanted, form, order.folder))

    return make


def ask(session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter, form: str) -> str:
    """Ask for a long table; returns the document's id, the same one while it is being made.

    Raises Problem `not_found`, `export_unit`.
    """
    refuse_if(form not in KINDS_BY_FORM, "not_found")
    unit = one_unit(scope, asked)
    choices = {"filter": stored_filter.as_data(asked)}
    return asking.ask(session, scope, campaign, unit, KINDS_BY_FORM[form], choices)
