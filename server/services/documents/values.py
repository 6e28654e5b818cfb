"""What a report gives for the placeholders of a form (placeholders.py)."""

from __future__ import annotations

from server.core.spreadsheet import cell_value
from server.services.documents.placeholders import TOTAL, FormValues, Value, figure_names
from server.services.reports import Report
from server.services.reports.content import ReportLine, ReportTable
from server.services.reports.grids import UNREPORTED
from server.services.reports.numbers import Printed
from sync.unit_figures import every_figure


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
