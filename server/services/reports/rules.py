"""How each figure is counted: a line for each, below the table that has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from server.services.reports.content import ListTable, list_columns
from server.services.reports.words import LANG, Part, text

_UPRIGHT: Final = (12, 38, 22, 88)
_ACROSS: Final = (12, 62, 26, 152)


def tables(parts: Sequence[Part], *, upright: bool) -> tuple[ListTable, ...]:
    """Return a table of the rules of these figures; none without figures. `upright`: for a portrait page."""
    figures = [figure for part in parts for figure in part.figures]
    lines = tuple(
        (str(number), figure.label[LANG], figure.unit[LANG], figure.rule[LANG])
        for number, figure in enumerate(figures, 1)
    )
    heads = [text(key) for key in ("table_index", "figure", "table_unit", "rule")]
    columns = list_columns(heads, _UPRIGHT if upright else _ACROSS)
    return (ListTable(text("rules"), columns, lines, upright=upright),) if lines else ()
