"""Figures of a freeze for the texts of a report: as they were locked, whatever today's are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.services.figures.matrix import Cell
from server.services.locks.rows import (
    COUNTED,
    NIL,
    UNITS,
    WAITING,
    Cells,
    Counting,
    counting,
    in_order,
    is_nil,
    is_reported,
    without_evidence,
)
from server.services.narrative import automatic
from server.services.narrative.automatic import FigureTexts
from server.services.records.projection import BUCKETS
from sync.unit_figures import every_figure


def figure_texts(head: Mapping[str, Any], mode: str) -> FigureTexts:
    """Return a freeze's figures and the parts of section II that they make. `mode`: which amounts."""
    total, known = head["rows"][0], {figure.code: figure for figure in every_figure()}
    figures = [known[code] for code in in_order(head["rules"]["figures"]) if code in known]
    counts = counting(head, mode)
    cells = {figure.code: _cell(total["cells"].get(figure.code), counts) for figure in figures}
    alone = not any(row["above"] == total["unit"] for row in head["rows"])
    return automatic.made(head["unit"]["name"], head["campaign"]["hotline"], figures, cells, alone=alone)


def _cell(frozen: Cells | None, counts: Counting) -> Cell:
    """A cell as the sentences need it; how many units reported is not among a freeze's rows."""
    if frozen is None:
        return Cell()
    counted, waiting, _ = BUCKETS
    amount = counts.amount(frozen)
    records = {counted: int(bool(frozen[COUNTED])), waiting: frozen[WAITING]}
    said = amount or frozen[WAITING] or (is_reported(frozen) and not is_nil(frozen))
    units = frozen[UNITS] if len(frozen) > UNITS else 1
    apart = 0 if counts.stands_in else without_evidence(frozen)
    nil = {"nil": frozen[NIL], "units": units}
    return Cell({counted: amount or 0}, records, **nil, reporting=int(bool(said)), unsupported=apart)
