"""The quick report: a unit's figures now, as a text to paste into a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from server.desk.figures.grid import CellContent, Grid
from server.desk.formats import clock
from server.desk.words import label, quantity, t
from server.models import Campaign, Unit


def text(campaign: Campaign, unit: Unit, grid: Grid, standing: Iterable[str], at_ms: int) -> str:
    """Return the text: unit and time, figures with amounts, figures with nothing, figures nobody reported.

    `standing`: lines on how far the units are. The text names no unit below, because all of them may read it.
    """
    cells = grid.lines[0].cells
    lines = [t("quick.title", at=clock(at_ms)), *([t("app.practice")] if campaign.practice else [])]
    lines += [unit.name, campaign.name, ""]
    lines += [_line(cell) for cell in cells if cell.number or cell.waiting or cell.unsupported or cell.returned]
    lines += list(_lists(cells, grid.level))
    return "\n".join([*lines, "", *standing])


def _line(cell: CellContent) -> str:
    figure = cell.column.figure
    said = f"- {label(figure.label)}: {quantity(cell.number or 0, figure.unit)}"
    if cell.waiting:
        said += t("quick.waiting", amount=cell.waiting)
    said += t("quick.mixed") if cell.mixed else ""
    if cell.returned:
        said += t("quick.returned", amount=cell.returned)
    return said + (t("quick.unsupported", amount=cell.unsupported) if cell.unsupported else "")


def _lists(cells: Sequence[CellContent], level: str) -> Iterator[str]:
    for cell in cells:
        if cell.nil and not cell.unsupported:  # some units reported nothing of it, the others did not report
            yield t("quick.nil_some", figure=label(cell.column.figure.label), nil=cell.nil, level=level)
    zero = [cell for cell in cells if cell.number == 0 and not (cell.waiting or cell.unsupported or cell.returned)]
    nil = [cell for cell in cells if cell.is_nil]
    silent = [cell for cell in cells if cell.number is None and not (cell.is_nil or cell.nil or cell.unsupported)]
    for key, found in (("quick.zero", zero), ("quick.nil", nil), ("quick.none", silent)):
        if found:
            yield t(key, figures="; ".join(label(cell.column.figure.label) for cell in found))
