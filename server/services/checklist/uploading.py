"""A workbook read as lines of a version, or its faults, each with its row and column. Nothing is stored here.

The table as it holds on a day, as a workbook: to change lines in it and upload it as a new version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from server.core import sheets
from server.services.checklist import regimes
from server.services.checklist.regimes import BENEFIT, EVENTS, STEP, LineVersion
from server.services.comparison.grid import CellGrid
from sync.text import fold, normal

_WORDS: Final = {
    "law": "Luật (2011 hoặc 2024)",
    "kind": "Loại dòng",
    "line": "Mã dòng",
    "from": "Tiếp nhận từ ngày",
    "to": "Đến ngày (để trống: chưa hết)",
    "letter": "Điểm",
    "what": "Nội dung",
    "event": "Mốc tính thời hạn (mã)",
    "start": "Tính từ (lời văn)",
    "limit_text": "Thời hạn: lời văn",
    "limit_most": "Thời hạn: số",
    "limit_unit": "Thời hạn: đơn vị",
    "limit_kind": "Thời hạn: để làm gì",
    "agency": "Cơ quan",
    "papers": "Giấy tờ, cách nhau bằng dấu ;",
    "source": "Nguồn: văn bản, điều, khoản",
    "source_state": "Đã xem nguồn chưa",
    "check": "Phần cần đối chiếu",
}
KINDS: Final = {regimes.BENEFIT: "chế độ", regimes.STEP: "việc phải làm"}
UNITS: Final = {"days": "ngày", "working_days": "ngày làm việc", "months": "tháng"}
LIMIT_KINDS: Final = {"lasts": "hưởng đến", "apply": "nộp hồ sơ", "do": "làm xong", "inform": "báo quyền"}
GRADES: Final = {"given": "Được hưởng", "considered": "Xem xét", "duty": "Phải làm"}
PARTS: Final = ("what", "grade", "start", "limit", "agency", "papers", "source")
CATEGORY: Final = "for."
"""Start of the code of a category's column."""


def heads() -> dict[str, str]:
    """The codes of the columns with their words, in order; after `what` a column for each category."""
    found: dict[str, str] = {}
    for code, words in _WORDS.items():
        found[code] = words
        if code == "what":
            found |= {f"{CATEGORY}{each.id}": each.label["vi"] for each in regimes.categories()}
    return found


def state_words() -> dict[str, str]:
    """How the articles of a line may have been read, with their words."""
    return {state: regimes.words()[f"state_{state}"] for state in regimes.SOURCE_STATES}


def part_words() -> dict[str, str]:
    """The parts of a line that may still have to be compared with the law, with their words."""
    return {part: regimes.words()[f"part_{part}"] for part in PARTS}


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


MOST_LINES: Final = 400
MOST_DAYS: Final = 3660
LONGEST: Final = 390
"""Of a text; the reader of workbooks cuts cells at 400."""
FAULTS: Final = (
    "columns", "too_many", "none", "law", "kind", "line", "day", "order", "text", "grade", "event", "limit", "state",
    "part", "money", "formula", "twice",
)  # fmt: skip
"""Codes of faults."""
_MONEY: Final = re.compile(r"\d\s*(đồng|đ\b|vnđ|triệu|nghìn|%)|lương cơ sở", re.IGNORECASE)
_LINE: Final = re.compile(r"[a-z][a-z0-9_]{1,38}")
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: 00:00:00)?|(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class VersionFault:
    """`row`: as Excel counts, 0 for the whole file. `column`: its code. `code`: one of FAULTS."""

    row: int
    column: str
    code: str


class _LineError(Exception):
    def __init__(self, column: str, code: str) -> None:
        super().__init__(column, code)
        self.column, self.code = column, code


def read(grid: CellGrid) -> tuple[list[dict[str, Any]], list[VersionFault]]:
    """Return the lines that differ from the built-in table, and all faults. With faults the lines are of no use."""
    codes = [normal(cell[1]) if cell else "" for cell in grid.rows[0]]
    if not set(heads()) <= set(codes):
        return [], [VersionFault(1, "", "columns")]
    lines: list[dict[str, Any]] = []
    faults: list[VersionFault] = []
    for number, row in enumerate(grid.rows[2:], 3):
        cells = {code: cell for code, cell in zip(codes, row, strict=False) if cell is not None}
        if not cells:
            continue
        try:
            _add(lines, cells)
        except _LineError as fault:
            faults.append(VersionFault(number, fault.column, fault.code))
        if len(lines) > MOST_LINES:
            return [], [VersionFault(0, "", "too_many")]
    changed = [each for each in lines if not _is_built_in(each)]
    if not changed and not faults:
        faults.append(VersionFault(0, "", "none"))
    return changed, faults


def _add(lines: list[dict[str, Any]], cells: Mapping[str, tuple[str, str]]) -> None:
    """Add a row: a line, or a further limit of the line above it."""
    texts = {}
    for name, (kind, text) in cells.items():
        if kind in "xue":
            raise _LineError(name, "formula")
        texts[name] = normal(text)
        if len(texts[name]) > LONGEST:
            raise _LineError(name, "text")
        if _MONEY.search(texts[name]):
            raise _LineError(name, "money")
    key = _key(texts)
    last = lines[-1] if lines else None
    if (
        last is not None
        and not texts.get("what")
        and key == {name: last[name] for name in key} | {"line": last["row"]["id"]}
    ):
        last["row"]["limits"] += _limits(texts)
        return
    found = {name: key[name] for name in ("law", "kind", "from", "to")}
    if any(found == {name: each[name] for name in found} and each["row"]["id"] == key["line"] for each in lines):
        raise _LineError("line", "twice")
    lines.append(found | {"row": _row(key, texts)})


def _key(texts: Mapping[str, str]) -> dict[str, str]:
    law = next((each for each in regimes.laws() if each["id"] == texts.get("law")), None)
    if law is None:
        raise _LineError("law", "law")
    line = texts.get("line", "")
    if not _LINE.fullmatch(line):
        raise _LineError("line", "line")
    since = _day(texts, "from")
    until = _day(texts, "to") if texts.get("to") else date.fromisoformat(law["to"]) if law["to"] else date.max
    if until < since:
        raise _LineError("to", "order")
    kind = _code(texts, "kind", KINDS, "kind")
    return {"law": law["id"], "kind": kind, "line": line, "from": since.isoformat(), "to": until.isoformat()}


def _row(key: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Any]:
    for name in ("what", "start", "agency", "source"):
        if len(texts.get(name, "")) < 2:
            raise _LineError(name, "text")
    if texts.get("event") not in EVENTS:
        raise _LineError("event", "event")
    row: dict[str, Any] = {"id": key["line"]}
    if texts.get("letter"):
        row["letter"] = texts["letter"][:2]
    return row | {
        "what": texts["what"],
        "categories": _categories(key, texts),
        "start": texts["start"],
        "event": texts["event"],
        "limits": _limits(texts),
        "agency": texts["agency"],
        "papers": [each.strip() for each in texts.get("papers", "").split(";") if each.strip()],
        "source": texts["source"],
        "source_state": _code(texts, "source_state", state_words(), "state"),
        "check": _parts(texts),
    }


def _categories(key: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    law = next(each for each in regimes.laws() if each["id"] == key["law"])
    known = {each["id"] for each in law["categories"]}
    allowed = {"duty"} if key["kind"] == STEP else {"given", "considered"}
    found = {}
    for name in texts:
        if name.startswith(CATEGORY) and texts[name]:
            grade = _code(texts, name, GRADES, "grade")
            if grade not in allowed or name.removeprefix(CATEGORY) not in known:
                raise _LineError(name, "grade")
            found[name.removeprefix(CATEGORY)] = grade
    return found


def _limits(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    if not any(texts.get(f"limit_{part}") for part in ("text", "most", "unit", "kind")):
        return []
    most = texts.get("limit_most", "").removesuffix(".0")
    if not (most.isdecimal() and 1 <= int(most[:6]) <= MOST_DAYS) or len(texts.get("limit_text", "")) < 2:
        raise _LineError("limit_most", "limit")
    return [
        {
            "text": texts["limit_text"],
            "most": int(most),
            "unit": _code(texts, "limit_unit", UNITS, "limit"),
            "kind": _code(texts, "limit_kind", LIMIT_KINDS, "limit"),
        }
    ]


def _parts(texts: Mapping[str, str]) -> list[str]:
    words = {fold(text): part for part, text in part_words().items()}
    typed = [fold(each) for each in texts.get("check", "").split(";") if each.strip()]
    if any(each not in words for each in typed):
        raise _LineError("check", "part")
    return list(dict.fromkeys(words[each] for each in typed))


def _code(texts: Mapping[str, str], name: str, known: Mapping[str, str], fault: str) -> str:
    found = next((code for code, words in known.items() if fold(texts.get(name, "")) == fold(words)), None)
    if found is None:
        raise _LineError(name, fault)
    return found


def _day(texts: Mapping[str, str], name: str) -> date:
    match = _DAY.fullmatch(texts.get(name, ""))
    if match is None:
        raise _LineError(name, "day")
    try:
        year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise _LineError(name, "day") from error


def _is_built_in(line: Mapping[str, Any]) -> bool:
    law: Mapping[str, Any] = next(each for each in regimes.laws() if each["id"] == line["law"])
    rows: Sequence[Mapping[str, Any]] = law["benefits"] if line["kind"] == BENEFIT else law["steps"]
    whole = (line["from"], line["to"]) == (law["from"], law["to"] or date.max.isoformat())
    said = [{name: value for name, value in row.items() if name != "body"} for row in rows]  # no column names the level
    return whole and line["row"] in said
