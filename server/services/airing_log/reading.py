"""A log as plays: which row has the heads, and what each row below says was aired when, for how long.

Nothing is guessed: a row that says no day, time, title or length is a fault with its number and is not taken. A row
whose state says that it was not aired is left out, and counted.

A sample of each log: a scheduler's CSV file, and the Excel file of the *hệ thống thông tin nguồn*.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from server.core.problem_details import Problem, refuse_if
from server.core.sheets import Sheets, made
from server.services.comparison.grid import Cell, CellGrid
from sync.day import read_day
from sync.text import fold, normal
from sync.values import is_date

SCHEDULER, SOURCE = "csv", "xlsx"
SCHEDULER_ROWS: Final = (
    ("Ngày", "Giờ phát", "Tên tệp", "Thời lượng"),
    ("21/07/2021", "05:30:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("21/07/2021", "17:00:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("22/07/2021", "05:30:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("22/07/2021", "17:00:00", "Phòng, chống mua bán người - bài 1.mp3", "00:14:32"),
    ("22/07/2021", "17:15:00", "Dự báo thời tiết.mp3", "00:03:10"),
)
SOURCE_ROWS: Final = (
    (
        *("STT", "Ngày phát", "Giờ bắt đầu", "Giờ kết thúc", "Tên bản tin", "Loại bản tin", "Đài truyền thanh"),
        "Trạng thái",
    ),
    ("1", "23/07/2021", "05:30", "05:45", "Phòng, chống mua bán người - bài 2", "Tự sản xuất", "", "Đã phát"),
    ("2", "23/07/2021", "17:00", "17:15", "Phòng, chống mua bán người - bài 2", "Tự sản xuất", "", "Đã phát"),
    ("3", "24/07/2021", "05:30", "05:45", "Phòng, chống mua bán người - bài 2", "Tự sản xuất", "", "Lỗi kết nối"),
    ("4", "24/07/2021", "18:00", "18:30", "Thời sự tỉnh", "Tiếp âm", "", "Đã phát"),
)
SOURCE_TITLE: Final = "NHẬT KÝ PHÁT THANH"
_WIDTHS: Final = (6, 14, 14, 14, 44, 16, 22, 16)


def scheduler() -> bytes:
    """Return the CSV file, as Excel opens it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(SCHEDULER_ROWS)
    return out.getvalue().encode("utf-8-sig")


def source() -> bytes:
    """Return the Excel file; its cells are text, as such systems export them."""
    return made(_source)


def _source(book: Sheets) -> None:
    page, head = book.page("Nhật ký", _WIDTHS), book.look(bold=True, text_wrap=True)
    page.write_string(0, 0, SOURCE_TITLE, head)
    book.table(page, 2, SOURCE_ROWS[0], SOURCE_ROWS[1:], head, book.look(num_format="@"))


HEAD_ROWS: Final = 30
MOST_PLAYS: Final = 3000
"""A station airs some ten titles a day: a campaign's log is a few hundred rows."""
MOST_FAULTS: Final = 50
TITLE_LENGTH: Final = 300
FAULTS: Final = ("day", "ahead", "time", "title", "length")
"""Codes of what a row may lack; each has a sentence in the desk's catalogues."""
OWN, RELAY = "own", "relay"
_HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "day": ("ngay", "ngay phat", "ngay thang", "ngay gio", "thoi gian phat", "thoi gian", "date"),
    "time": ("gio", "gio phat", "gio bat dau", "bat dau", "thoi diem phat", "time", "start time"),
    "end": ("gio ket thuc", "ket thuc", "end time"),
    "title": (
        *("ten tep", "tep", "ten file", "file", "file name", "ten ban tin", "ban tin", "tin, bai", "tin, bai phat"),
        *("tin bai", "ten chuong trinh", "tieu de", "noi dung", "noi dung phat", "title"),
    ),
    "length": ("thoi luong", "thoi luong phat", "do dai", "so phut", "duration"),
    "state": ("trang thai", "ket qua", "tinh trang", "status"),
    "programme": ("loai", "loai ban tin", "loai chuong trinh", "nguon", "nguon phat", "type"),
    "station": ("dai", "dai truyen thanh", "dai phat", "station"),
}
_NEEDED: Final = ("day", "title")
_IN_BRACKETS: Final = re.compile(r"\s*\([^)]*\)\s*$")
_CLOCK: Final = re.compile(r"\b([01]?\d|2[0-3])\s*[:hg]\s*([0-5]\d)?(?::([0-5]\d)(?:\.\d+)?)?")
_LENGTH: Final = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.\d+)?")
_SOUND: Final = re.compile(r"\.(?:mp3|wav|wma|m4a|aac|ogg|flac)$", re.IGNORECASE)
_NOT_AIRED: Final = ("khong", "chua", "loi", "huy", "that bai", "failed", "error", "cancel", "skip")
_RELAYS: Final = ("tiep am", "tiep song", "tiep phat", "relay")


@dataclass(frozen=True, slots=True, order=True)
class Play:
    """One airing: a day and a time of day (`05:30`), the title, minutes (at least 1), the programme, the station."""

    day: str
    time: str
    title: str
    minutes: int
    programme: str = OWN
    station: str = ""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is not taken: its number in the file, and what it lacks."""

    row: int
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Plays in the order of the file, each once. `twice`: rows that repeat one; `unaired`: rows that were not aired."""

    plays: tuple[Play, ...]
    faults: tuple[RowFault, ...] = ()
    twice: int = 0
    unaired: int = 0

    @property
    def text(self) -> str:
        """Return the plays as the text of one hidden field."""
        titles = sorted({play.title for play in self.plays})
        stations = sorted({play.station for play in self.plays})
        rows = [
            [
                *(play.day, play.time, titles.index(play.title), play.minutes),
                *(int(play.programme == RELAY), stations.index(play.station)),
            ]
            for play in self.plays
        ]
        return json.dumps({"titles": titles, "stations": stations, "plays": rows}, ensure_ascii=False)


def from_text(text: str) -> tuple[Play, ...]:
    """Return the plays of `ReadLog.text`. Raises Problem `bad_request` for anything else."""
    try:
        raw: Any = json.loads(text)
        found = tuple(
            _checked(Play(day, time, raw["titles"][title], minutes, RELAY if relay else OWN, raw["stations"][station]))
            for day, time, title, minutes, relay, station in raw["plays"]
        )
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise Problem("bad_request", "plays") from error
    refuse_if(len(found) > MOST_PLAYS, "air_log_too_long")
    return found


def _checked(play: Play) -> Play:
    said: tuple[object, ...] = (play.day, play.time, play.title, play.station)
    minutes: object = play.minutes
    whole = isinstance(minutes, int) and not isinstance(minutes, bool) and 1 <= minutes <= 1440
    good = all(isinstance(each, str) for each in said) and is_date(play.day) and play.title != ""
    if not (good and whole and _clock(play.time) == play.time):
        raise ValueError("play")
    return play


def read(grid: CellGrid, today: date) -> ReadLog:
    """Read a log. Raises Problem `air_log_heads`, `air_log_too_long`, `sheet_empty`."""
    top, columns = _heads(grid.rows)
    plays: dict[tuple[str, str, str, str], Play] = {}
    faults: list[RowFault] = []
    twice = unaired = 0
    for number, row in enumerate(grid.rows[top + 1 :], top + 2):
        cells = {name: _text(row, column) for name, column in columns.items()}
        if not (cells["day"] or cells["title"]):
            continue
        if any(fold(cells.get("state", "")).startswith(word) for word in _NOT_AIRED):
            unaired += 1
            continue
        found = _play(cells, today, _kind(row, columns.get("length")))
        if isinstance(found, str):
            faults.append(RowFault(number, found, " · ".join(each for each in cells.values() if each)[:80]))
            continue
        key = (found.day, found.time, fold(found.title), fold(found.station))
        twice += key in plays
        plays.setdefault(key, found)
    refuse_if(len(plays) > MOST_PLAYS, "air_log_too_long")
    refuse_if(not (plays or faults), "sheet_empty")
    return ReadLog(tuple(plays.values()), tuple(faults[:MOST_FAULTS]), twice, unaired)


def _heads(rows: Sequence[Sequence[Cell | None]]) -> tuple[int, dict[str, int]]:
    """Return the row of heads and the column of each: the row that names most of them."""
    best: tuple[int, dict[str, int]] = (0, {})
    for number, row in enumerate(rows[:HEAD_ROWS]):
        found: dict[str, int] = {}
        for column, cell in enumerate(row):
            said = fold(_IN_BRACKETS.sub("", cell[1])) if cell else ""
            name = next((name for name, heads in _HEADS.items() if said in heads), None)
            if name and name not in found:
                found[name] = column
        if len(found) > len(best[1]):
            best = number, found
    refuse_if(not all(name in best[1] for name in _NEEDED) or not {"length", "end"} & best[1].keys(), "air_log_heads")
    return best


def _play(cells: Mapping[str, str], today: date, kind: str) -> Play | str:
    """Return the play of a row, or the code of what is wrong with it."""
    day = _day(cells["day"], today)
    if not day:
        return "day"
    if day > today.isoformat():
        return "ahead"
    time = _clock(cells.get("time", "")) or ("" if cells.get("time") else _clock(_behind_day(cells["day"])))
    if not time:
        return "time"
    title = normal(_SOUND.sub("", cells["title"]))[:TITLE_LENGTH]
    if not title:
        return "title"
    seconds = _seconds(cells.get("length", ""), kind) or _between(time, _clock(cells.get("end", "")))
    if not 0 < seconds <= 24 * 3600:
        return "length"
    relay = any(word in fold(cells.get("programme", "")) for word in _RELAYS)
    minutes = max(1, (seconds + 30) // 60)
    return Play(day, time, title, minutes, RELAY if relay else OWN, normal(cells.get("station", ""))[:200])


def _day(text: str, today: date) -> str:
    """Return the day of a cell, which a time may follow: `21/07/2021 05:00:00`."""
    first, _, rest = text.strip().partition(" ")
    whole = read_day(text, today.year)
    return whole or (read_day(first.rstrip("T,"), today.year) if _clock(rest) or not rest else "")


def _behind_day(text: str) -> str:
    return text.strip().partition(" ")[2]


def _clock(text: str) -> str:
    """Return a time of day as `05:30`; empty for none. Excel's own is a part of a day."""
    if re.fullmatch(r"0?\.\d+", text):
        minutes = round(float(text) * 1440)
        return f"{minutes // 60:02}:{minutes % 60:02}" if minutes < 1440 else ""
    found = _CLOCK.search(fold(text))
    return f"{int(found[1]):02}:{int(found[2] or 0):02}" if found else ""


def _seconds(text: str, kind: str) -> int:
    """Return a length: `00:14:32`, `14:32`, or minutes as a number; 0 for none. A clock of Excel is a length here."""
    if found := _LENGTH.fullmatch(text.strip()):
        hours, minutes, rest = (int(each or 0) for each in found.groups())
        if kind == "o" and found[1] is None:  # a cell of Excel shows hours and minutes
            hours, minutes, rest = minutes, rest, 0
        return hours * 3600 + minutes * 60 + rest
    number = re.match(r"(\d{1,4})(?:[.,](\d+))?", text.strip())
    if not number:
        return 0
    value = float(f"{number[1]}.{number[2] or 0}")
    return round(value * 86_400) if kind == "n" and value < 1 else round(value * 60)


def _between(start: str, end: str) -> int:
    if not end:
        return 0
    minutes = [int(each[:2]) * 60 + int(each[3:]) for each in (start, end)]
    return (minutes[1] - minutes[0]) % 1440 * 60


def _text(row: Sequence[Cell | None], column: int) -> str:
    cell = row[column] if column < len(row) else None
    return cell[1].strip() if cell and cell[0] not in ("x", "u", "e", "f") else ""


def _kind(row: Sequence[Cell | None], column: int | None) -> str:
    cell = row[column] if column is not None and column < len(row) else None
    return cell[0] if cell else ""
