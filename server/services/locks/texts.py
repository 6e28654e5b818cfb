"""Figures of a freeze for the texts of a report: as they were locked, whatever today's are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.services.figures.matrix import Cell
from server.services.locks.rows import COUNTED, MODES, NIL, WAITING, in_order
from server.services.narrative import automatic
from server.services.narrative.automatic import FigureTexts
from server.services.records.projection import BUCKETS
from sync.unit_figures import every_figure


def figure_texts(head: Mapping[str, Any], mode: str) -> FigureTexts:
    """Return a freeze's figures and the parts of section II that they make. `mode`: which amounts."""
    total, known = head["rows"][0], {figure.code: figure for figure in every_figure()}
    figures = [known[code] for code in in_order(head["rules"]["figures"]) if code in known]
    cells = {figure.code: _cell(total["cells"].get(figure.code), MODES[mode]) for figure in figures}
    alone = not any(row["above"] == total["unit"] for row in head["rows"])
    return automatic.made(head["unit"]["name"], head["campaign"]["hotline"], figures, cells, alone=alone)


def _cell(frozen: Sequence[int] | None, amount: int) -> Cell:
    """A cell as the sentences need it; how many units reported is not among a freeze's rows."""
    if frozen is None:
        return Cell()
    counted, waiting, _ = BUCKETS
    said = bool(frozen[COUNTED] or frozen[WAITING])
    records = {counted: int(bool(frozen[COUNTED])), waiting: frozen[WAITING]}
    return Cell({counted: frozen[amount]}, records, nil=frozen[NIL], reporting=int(said or not frozen[NIL]))
