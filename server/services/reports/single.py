"""A unit without units below: a line for each figure, STT / Nội dung / ĐVT / Kết quả / Cùng kỳ / Ghi chú."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from server.services.figures.table import Counting, FigureRow
from server.services.reports import unsupported
from server.services.reports.content import ListColumn, ListTable
from server.services.reports.grids import NIL, UNREPORTED, cell_text
from server.services.reports.numbers import dotted, roman
from server.services.reports.words import LANG, Part, about, text

_WIDTHS: Final = (12, 68, 22, 22, 22, 14)
_KEYS: Final = ("index", "content", "unit", "result", "earlier", "note")
_NUMBERS: Final = ("result", "earlier")


def table(
    parts: Sequence[Part],
    row: FigureRow,
    earlier: Mapping[str, int],
    hotline: str,
    counts: Counting,
    notes: Mapping[str, str] | None = None,
) -> ListTable:
    """Return it: the title of each part, then its figures. `earlier`: amounts of the previous period.

    `notes`: by figure, what the last column says beside the signs.
    """
    columns = tuple(
        ListColumn(text(f"table_{key}"), width, key in _NUMBERS) for key, width in zip(_KEYS, _WIDTHS, strict=True)
    )
    return ListTable("", columns, tuple(_lines(parts, row, earlier, hotline, counts, notes or {})), upright=True)


def _lines(
    parts: Sequence[Part],
    row: FigureRow,
    earlier: Mapping[str, int],
    hotline: str,
    counts: Counting,
    notes: Mapping[str, str],
) -> Iterator[tuple[str, ...]]:
    for place, part in enumerate(parts, 1):
        yield roman(place), about(part.title, hotline), "", "", "", ""
        for number, figure in enumerate(part.figures, 1):
            cell = row.cells[figure.code]
            said, apart = cell_text(cell, counts), unsupported.cell_text(cell)
            before = dotted(earlier[figure.code]) if figure.code in earlier else ""
            # The signs stay in the column of notes, so that the column of results holds numbers alone.
            result, sign = ("", said) if said in (UNREPORTED, NIL) else (said, "")
            without = text("note_unsupported", n=apart) if apart else ""
            note = "; ".join(filter(None, (sign, without, notes.get(figure.code, ""))))
            yield str(number), figure.label[LANG], figure.unit[LANG], result, before, note
