"""The table as it holds on a day, as a workbook: to change lines in it and upload it as a new version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from server.core import sheets
from server.services.checklist import regimes
from server.services.checklist.columns import (
    CATEGORY,
    GRADES,
    KINDS,
    LIMIT_KINDS,
    UNITS,
    heads,
    part_words,
    state_words,
)
from server.services.checklist.regimes import BENEFIT, STEP, LineVersion


def made(versions: Iterable[LineVersion]) -> bytes:
    """Return the workbook: the lines of all laws, then those of versions, the last taken over at the end."""
    newest = {(each.law, each.kind, each.row["id"], each.since, each.until): each for each in [*_built_in(), *versions]}
    rows = [[cells.get(name, "") for name in heads()] for line in newest.values() for cells in _cells(line)]
    return sheets.made(lambda book: _fill(book, rows))


def _fill(book: sheets.Sheets, rows: list[list[str]]) -> None:
    page = book.page("Chế độ", [44 if name in ("what", "source", "agency", "papers") else 16 for name in heads()])
    book.row(page, 0, heads(), book.look(font_color="#666666", font_size=8))
    bold, text = (book.look(text_wrap=True, valign="top", **own) for own in ({"bold": True}, {"num_format": "@"}))
    book.table(page, 1, list(heads().values()), rows, bold, text)
    page.freeze_panes(2, 3)


def _built_in() -> list[LineVersion]:
    far = date.max
    return [
        LineVersion(
            law["id"],
            kind,
            date.fromisoformat(law["from"]),
            date.fromisoformat(law["to"]) if law["to"] else far,
            row,
            far,
        )
        for law in regimes.laws()
        for kind, rows in ((BENEFIT, law["benefits"]), (STEP, law["steps"]))
        for row in rows
    ]


def _cells(line: LineVersion) -> list[dict[str, str]]:
    """The cells of a line by column; a second limit stands in a row of its own, with the same code."""
    row = line.row
    first: dict[str, str] = {
        "law": line.law,
        "kind": KINDS[line.kind],
        "line": row["id"],
        "from": f"{line.since:%d/%m/%Y}",
        "to": "" if line.until == date.max else f"{line.until:%d/%m/%Y}",
        "letter": row.get("letter", ""),
        "what": row["what"],
        "event": row["event"],
        "start": row["start"],
        "agency": row["agency"],
        "papers": "; ".join(row["papers"]),
        "source": row["source"],
        "source_state": state_words().get(row.get("source_state", ""), ""),
        "check": "; ".join(part_words()[part] for part in row["check"]),
    }
    first |= {f"{CATEGORY}{id_}": GRADES[grade] for id_, grade in row["categories"].items()}
    limits = [_limit(each) for each in row["limits"]] or [{}]
    same = {name: first[name] for name in ("law", "kind", "line", "from", "to")}
    return [first | limits[0], *(same | each for each in limits[1:])]


def _limit(limit: Mapping[str, Any]) -> dict[str, str]:
    return {
        "limit_text": limit["text"],
        "limit_most": str(limit["most"]),
        "limit_unit": UNITS[limit["unit"]],
        "limit_kind": LIMIT_KINDS[limit["kind"]],
    }
