"""The days that a letter sets: by when to report, from when to when the campaign runs, up to when figures count.

"Trước ngày 03/8" excludes the day, "chậm nhất ngày 02/8" and "đến hết ngày 02/8" include it. The value is always the
first day that is too late; where that is not the day as written, a note says so. A day counts as a due date only in a
sentence that asks for a report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from server.services.letters.plain import flat
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.patterns import CAPITAL, DAY, DAY_GROUPS, compiled, day_of, following

_HOUR: Final = r"(\d{1,2} *(?:h|giờ|g)(?: *\d{2})?(?: *phút)?,? *(?:,|của)? *)?"
_WEEKDAY: Final = r"(?:thứ +[^\W\d_]+ *,? *(?:ngày +)?)?"
_DUE: Final = compiled(
    r"(?<![^\W\d_])(?:(xong +trước|trước)"
    r"|(?:chậm +nhất|muộn +nhất|không +muộn +hơn|đến +hết|hết|trong|hạn +cuối|thời +hạn|hạn)"
    rf"(?: +(?:là|đến|vào|trước))*) *:? *(?:là +|vào +)?{_HOUR}{_WEEKDAY}(?:ngày +)?{DAY}(?! *(?:hằng|hàng))"
)
_WINDOW: Final = compiled(
    rf"(?<![^\W\d_])từ +(?:ngày +)?(?:{DAY}|(\d{{1,2}})) *(?:đến|tới|-|–) *(?:hết +)?(?:ngày +)?{DAY}"
)
_CUTOFF: Final = compiled(
    r"số +liệu[^.;\n]{0,60}?(?:chốt|tính|lấy|cập +nhật)[^.;\n]{0,40}?(?:đến|tới|vào)(?: +hết)?"
    rf" *{_HOUR}(?:ngày +)?{DAY}|chốt +số +liệu[^.;\n]{{0,60}}? *{_HOUR}(?:ngày +)?{DAY}"
)
_OF_ALL: Final = compiled(r"thời +gian|(?<![^\W\d_])đợt|tổ +chức|triển +khai|cao +điểm|diễn +ra|chiến +dịch")
_REPORTS: Final = compiled(r"báo +cáo|báo +kết +quả|tổng +hợp|gửi +(?:kết +quả|về)|kết +quả +về")
_RESULTS: Final = compiled(r"kết +quả|tổng +kết|số +liệu")
_NOT_ALL: Final = compiled(r"sơ +kết|kế +hoạch +(?:gửi|về)|gửi +kế +hoạch|đăng +ký|danh +sách|góp +ý")
_SENTENCE_ENDS: Final = re.compile(rf"\.\s+(?=[{CAPITAL}])|\n\s*\n|;\s*\n|\./\.")
_FAR: Final = 260


def days(text: str, written: date | None, year: int | None) -> list[Finding]:
    """Return due date, first and last day, cut-off. `written`: the letter's day; `year`: else its year, if known."""
    line = flat(text)
    window = list(_window(text, line, written, year))
    cutoff = list(_cutoff(text, line, written, year))
    taken = [(each.start, each.end) for each in (*window, *cutoff) if each]
    return known([*_due(text, line, written, year, taken), *window, *cutoff])


def _due(
    text: str, line: str, written: date | None, year: int | None, taken: list[tuple[int, int]]
) -> Iterator[Finding | None]:
    found: list[tuple[int, Finding]] = []
    for match in _DUE.finditer(line):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        start, end = _sentence(text, line, match.start(), match.end())
        if not _REPORTS.search(line, start, end):
            continue
        clause = max(start, match.start() - 120)
        rank = 2 * bool(_RESULTS.search(line, clause, match.start())) - 3 * bool(
            _NOT_ALL.search(line, clause, match.start())
        )
        made = _made(text, match, written, year, is_exclusive=bool(match[1]) and not match[2])
        if made:
            found.append((rank, made))
    best = max((rank for rank, _ in found), default=0)
    chosen = [each for rank, each in found if rank == best]
    if chosen:
        others = {each.value for _, each in found} != {chosen[-1].value}
        last = chosen[-1]
        yield Finding(last.field, last.start, last.end, last.value, last.note or (f.SEVERAL if others else ""))


def _made(
    text: str, match: re.Match[str], written: date | None, year: int | None, *, is_exclusive: bool
) -> Finding | None:
    day, month, own = day_of(match, 3)
    named = following(day, month, None if own else written, own or year)
    if named is None:
        return None
    note = f.WITH_HOUR if match[2] else "" if is_exclusive else f.INCLUSIVE
    value = named if is_exclusive else named + timedelta(days=1)
    return at(f.DUE, text, match.start(), match.end(), value.isoformat(), note or ("" if own else f.NO_YEAR))


def _window(text: str, line: str, written: date | None, year: int | None) -> Iterator[Finding | None]:
    match = _WINDOW.search(line)
    if match is None:
        return
    day, month, own = day_of(match, 2 + DAY_GROUPS)
    last = following(day, month, None if own else written, own or year)
    if last is None:
        return
    if match[1]:
        first_day, first_month, first_own = day_of(match)
        first = following(first_day, first_month, None, first_own or own or last.year)
        span = (match.start(1), max(match.end(number) for number in range(1, 1 + DAY_GROUPS)))
    else:
        first = following(int(match[6]), last.month, None, last.year)
        span = match.span(6)
    if first is None or first > last:
        return
    whole = _OF_ALL.search(line, max(0, match.start() - 60), match.start())
    note = ("" if own else f.NO_YEAR) if whole else f.OF_A_PART
    yield at(f.FIRST, text, *span, first.isoformat(), note)
    yield at(f.LAST, text, match.start(2 + DAY_GROUPS), match.end(), last.isoformat(), note)


def _cutoff(text: str, line: str, written: date | None, year: int | None) -> Iterator[Finding | None]:
    match = _CUTOFF.search(line)
    if match is None:
        return
    first = 2 if match[2] else 3 + DAY_GROUPS
    day, month, own = day_of(match, first)
    named = following(day, month, None if own else written, own or year)
    if named:
        yield at(f.CUTOFF, text, match.start(first), match.end(), named.isoformat(), "" if own else f.NO_YEAR)


def _sentence(text: str, line: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence around a place; at most _FAR characters to each side."""
    before = [match.end() for match in _SENTENCE_ENDS.finditer(text, max(0, start - _FAR), start)]
    behind = _SENTENCE_ENDS.search(text, end, min(len(line), end + _FAR))
    return before[-1] if before else max(0, start - _FAR), behind.start() if behind else min(len(line), end + _FAR)
