"""Whom to chase, as a file: a row for each unit with what is missing and whom to call.

A text never becomes a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.core import sheets
from server.core.clock import local, now_ms
from server.desk import csv_file
from server.desk.formats import moment, near_moment
from server.desk.progress.reminders import missing
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.figures.table import Answer
from server.services.progress.board import BoardLine
from server.services.progress.contacts import UnitContact
from sync.text import fold

ChaseRow = list[str | int]
_WIDTHS = (24, 20, 22, 60, 12, 12, 14, 14, 18, 30, 24)


def made(
    form: str, campaign: Campaign, unit: Unit, lines: Sequence[BoardLine], people: Mapping[str, list[UnitContact]]
) -> bytes:
    """Return the list as `csv`, UTF-8 with the byte-order mark that Excel needs, or as `xlsx`."""
    above = [t("board.list_title", unit=unit.name), campaign.name, t("figures.as_of", at=near_moment(now_ms()))]
    rows = [_cells(line, people.get(line.unit.id, [])) for line in lines]
    if form == "csv":
        return csv_file.made([_heads(), *rows], [*([text] for text in above), []])
    return _xlsx(above, rows)


def file_name(unit: Unit, form: str) -> str:
    """Return an ASCII file name."""
    name = fold(t("board.list_title", unit=unit.name)).replace(" ", "-")
    kept = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter == "-"))
    return f"{kept}-{local(now_ms()):%Y%m%d-%H%M}.{form}"


def _heads() -> list[str]:
    return [
        t("figures.unit"),
        t("board.part"),
        t("board.state"),
        t("board.missing"),
        t("board.to_review"),
        t("board.returned"),
        t("board.writes_head"),
        t("board.photos_head"),
        t("board.seen_head"),
        t("board.people_head"),
        t("board.phone_head"),
    ]


def _cells(line: BoardLine, people: Sequence[UnitContact]) -> ChaseRow:
    phones = line.phones
    return [
        line.unit.name,
        line.part.name if line.part else "",
        t(f"board.{line.state}"),
        "; ".join(missing(line)),
        line.to_review,
        line.returned,
        *(("–", "–") if phones.answer is Answer.UNREPORTED else (phones.writes, phones.photos)),
        moment(phones.seen_at) if phones.seen_at else "",
        ", ".join(person.name for person in people),
        ", ".join(person.phone for person in people if person.phone),
    ]


def _xlsx(above: Sequence[str], rows: Sequence[ChaseRow]) -> bytes:
    return sheets.made(lambda book: _fill(book, above, rows))


def _fill(book: sheets.Sheets, above: Sequence[str], rows: Sequence[ChaseRow]) -> None:
    page, top = book.page(t("board.title"), _WIDTHS), len(above) + 1
    plain: dict[str, Any] = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
    text = book.look(**plain, border=1, text_wrap=True)
    head = book.look(**plain, border=1, bold=True, text_wrap=True, align="center")
    for at, line in enumerate(above):
        page.write_string(at, 0, line, book.look(**plain) if at else book.look(**plain | {"font_size": 14}, bold=True))
    book.table(page, top, _heads(), rows, head, text)
    page.freeze_panes(top + 1, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)
