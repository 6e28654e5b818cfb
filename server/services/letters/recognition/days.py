"""The days that a letter sets: by when to report, from when to when the campaign runs, up to when figures count.

"Trước ngày 03/8" excludes the day, "chậm nhất ngày 02/8" and "đến hết ngày 02/8" include it. The value is always the
first day that is too late; where that is not the day as written, a note says so. A day counts as a due date only in a
sentence that asks for a report. Who is to report by then says the clause, else to whom the letter goes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from server.services.letters.plain import flat
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.patterns import (
    CAPITAL,
    CITED,
    COMMITTEE,
    DAY,
    DAY_GROUPS,
    compiled,
    day_of,
    following,
)

_HOUR: Final = r"(?:lúc +)?(\d{1,2} *(?:h|:|giờ|g) *(?:\d{2})?['’]?(?: *phút)?,? *(?:,|của)? *)?"
_TIME: Final = re.compile(r"(\d{1,2})\D*(\d{2})?")
_WEEKDAY: Final = r"(?:thứ +[^\W\d_]+ *,? *(?:ngày +)?)?"
_DUE: Final = compiled(
    r"(?<![^\W\d_])(?<!năm )(?:(xong +trước|trước)"
    r"|(?:chậm +nhất|muộn +nhất|không +muộn +hơn|đến +hết|hết|trong|hạn +cuối|thời +hạn|hạn)"
    rf"(?: +(?:là|đến|vào|trước))*) *:? *(?:là +|vào +)?{_HOUR}{_WEEKDAY}(?:ngày +)?{DAY}(?! *(?:hằng|hàng))"
)
_WINDOW: Final = compiled(
    rf"(?<![^\W\d_])từ +(?:ngày +)?(?:{DAY}|(\d{{1,2}}))"
    r" *(?:đến|tới|-|–|(?:,|và)? *kết +thúc(?: +vào)?)"
    rf" *(?:hết +)?(?:ngày +)?{DAY}"
)
_CUTOFF: Final = compiled(
    r"số +liệu[^.;\n]{0,60}?(?:chốt|tính|lấy|cập +nhật)[^.;\n]{0,40}?(?:đến|tới|vào)(?: +hết)?"
    rf" *{_HOUR}(?:ngày +)?{DAY}|chốt +số +liệu[^.;\n]{{0,60}}? *{_HOUR}(?:ngày +)?{DAY}"
)
_REPORTS: Final = compiled(r"báo +cáo|báo +kết +quả|tổng +hợp|gửi +(?:kết +quả|về)|kết +quả +về")
_RESULTS: Final = compiled(r"kết +quả|tổng +kết|số +liệu")
_NOT_ALL: Final = compiled(
    r"sơ +kết|(?<!thực hiện )(?<!triển khai )kế +hoạch(?: +[^\W\d_]+){0,3} +(?:gửi|về)|gửi +kế +hoạch|đăng +ký"
    r"|danh +sách|góp +ý"
)
_THEIRS: Final = compiled(
    r"(?:(?:để|nhằm) +[^.;]{0,60}?(?:tổng|tập) +hợp,?(?: +(?:và|kết +quả))* +báo +cáo"
    rf"|trong +đó +(?:nêu|yêu +cầu|đề +nghị)|nhận +được +{CITED} +số)"
    r"(?![^.;]{0,200}(?:(?<!đó )đề +nghị|(?<!đó )yêu +cầu|(?<![^\W\d_])giao(?![^\W\d_])))"
)
"""Before a day: it is by when whoever asks reports in turn, or the day that another letter set."""
_OWN: Final = compiled(r"(?:để|nhằm) +[^.;]{0,60}?(?:tổng|tập) +hợp,?(?: +(?:và|kết +quả))* +báo +cáo[^.;]{0,160}$")
"""Before a day by when whoever asks reports in turn."""
_WHO: Final = compiled(
    r"(?<!về )(?<!cho )(?<!đến )(?<!tới )(?<!gửi )(?<![^\W\d_])"
    rf"(?:(?:{COMMITTEE} +nhân +dân|UBND) +)?(?:(?:cấp|các) +)?"
    r"(?:(?<=các )(xã|phường|thị +trấn|đặc +khu)|(?<=cấp )(xã)|(xã, +(?:phường|thị +trấn))"
    r"|(?<=các )(?:huyện|quận|thị +xã)|(?<=cấp )huyện|(?:huyện|quận), +(?:quận|huyện|thị|thành))(?![^\W\d_])"
)
"""Communes or districts, as those who report."""
EARLIER_DAYS: Final = 2
"""So long a district has to put together what its communes report."""
_TIME_LINE: Final = compiled(
    r"\n?\s*(?:[-–+*] *|(?:\d{1,2}(?:\.\d{1,2})*|[a-zđ]|[IVX]{1,4})[.)] *)?thời +gian(?![^\W\d_])"
)
_SO_FAR: Final = compiled(r"[^.;]{0,60}?(?:(?<![^\W\d_])(?:có|đã)(?![^\W\d_])|ghi +nhận|xảy +ra)")
"""Behind a day: what was counted up to it, and no rule for the report."""
_SENTENCE_ENDS: Final = re.compile(rf"\.\s+(?=[{CAPITAL}])|\n\s*\n|;\s*\n|\./\.")
_FAR: Final = 260


def days(
    text: str, written: date | None, year: int | None, after: int = 0, addressed: Sequence[str] = ()
) -> list[Finding]:
    """Return due dates, first and last day, cut-off: what the letter sets behind its bases, which end at `after`.

    `written`: the letter's day, and none of these days is before it; `year`: else its year, if known. `addressed`: to
    whom it goes.
    """
    line = flat(text)
    window = list(_window(text, line, written, year, after))
    cutoff = list(_cutoff(text, line, written, year, after))
    taken = [match.span() for match in _WINDOW.finditer(line, after)]
    taken = sorted([*taken, *((each.start, each.end) for each in cutoff if each)])
    asked = list(_asked(text, line, written, year, after, taken))
    levels = {_level(each) for each in addressed}
    level = next((each for each in ("commune", "district") if each in levels), "")
    return known([*_due(asked, level), *window, *cutoff])


@dataclass(frozen=True, slots=True)
class _Asked:
    """A day by which somebody reports. `rank`: how surely it is meant. `level`: who; `OWN_LEVEL`: who asks."""

    rank: int
    level: str
    found: Finding


OWN_LEVEL: Final = "own"


def _asked(
    text: str, line: str, written: date | None, year: int | None, after: int, taken: list[tuple[int, int]]
) -> Iterator[_Asked]:
    last_day = after
    for match in _DUE.finditer(line, after):
        before, last_day = last_day, match.end()
        if _is_inside(match, taken):
            continue
        start, end = _sentence(text, line, match.start(), match.end())
        if not _REPORTS.search(line, start, end):
            continue
        made = _made(text, match, written, year, is_exclusive=bool(match[1]) and not match[2])
        if made and not (written and made.value <= written.isoformat()):
            start = max(start, after)
            here = start, match.start()
            is_own = bool(_THEIRS.search(line, *here) and _OWN.search(line[slice(*here)]))
            clause = max(start, before, line.rfind(";", start, match.start()) + 1)
            level = OWN_LEVEL if is_own else _level(line[clause : match.start()])
            rank = _rank(line, start, max(start, before, match.start() - 120), match.start())
            yield _Asked(rank, level, made)


def _level(text: str) -> str:
    """Return the level that is named first; empty if none is."""
    match = _WHO.search(text)
    return "" if match is None else "commune" if match.lastindex else "district"


def _due(asked: list[_Asked], addressed: str) -> Iterator[Finding | None]:
    """Return the day of the campaign and those of levels: an earlier one, and by when whoever asks reports in turn."""
    own = [each.found for each in asked if each.level == OWN_LEVEL]
    best = max((each.rank for each in asked), default=-1)
    last = {(each.level or addressed): each.found for each in asked if each.rank == best >= 0}
    if not last:
        return
    level = max(last, key=lambda each: (last[each].value if len(last) > 1 else "", each))
    whole = last.pop(level)
    others = {each.found.value for each in asked if each.level != OWN_LEVEL and (each.level or addressed) == level}
    yield replace(whole, note=f.SEVERAL) if others != {whole.value} else whole
    for other, found in last.items():
        if other in f.DUE_LEVELS and found.value < whole.value:
            yield replace(found, field=f.DUE_LEVELS[other])
    if level == "district" and "commune" not in last:
        earlier = date.fromisoformat(whole.value) - timedelta(days=EARLIER_DAYS)
        yield replace(whole, field=f.DUE_LEVELS["commune"], value=earlier.isoformat(), note=f.EARLIER)
    if own and own[-1].value > whole.value:
        yield replace(own[-1], field=f.DUE_LEVELS[OWN_LEVEL])


def _is_inside(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    """True if the match overlaps one of these places, which are in the order of the text."""
    near = bisect_left(taken, match.span())
    return any(start < match.end() and match.start() < end for start, end in taken[max(0, near - 2) : near + 2])


def _rank(line: str, start: int, clause: int, end: int) -> int:
    """Return how surely the clause before a day asks for the results; below zero it asks for something else.

    The sentence begins at `start`; its clause at `clause`, behind an earlier day, or at a semicolon.
    """
    if _THEIRS.search(line, start, end):
        return -3
    clause = max(clause, line.rfind(";", start, end) + 1)
    return 2 * bool(_RESULTS.search(line, clause, end)) - 3 * bool(_NOT_ALL.search(line, clause, end))


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


def _window(text: str, line: str, written: date | None, year: int | None, after: int) -> Iterator[Finding | None]:
    """The days of a line that begins with "Thời gian"; else the first ones, which may be those of one activity."""
    first_found: list[Finding | None] = []
    for match in _WINDOW.finditer(line, after):
        is_whole = bool(_TIME_LINE.match(text, text.rfind("\n", 0, match.start()) + 1, match.start()))
        if first_found and not is_whole:
            continue
        made = _first_and_last(text, match, written, year, is_whole=is_whole)
        if made and is_whole:
            yield from made
            return
        first_found = first_found or made
    yield from first_found


def _first_and_last(
    text: str, match: re.Match[str], written: date | None, year: int | None, *, is_whole: bool
) -> list[Finding | None]:
    day, month, own = day_of(match, 2 + DAY_GROUPS)
    last = following(day, month, None if own else written, own or year)
    if last is None or (written and last < written):
        return []
    if match[1]:
        first_day, first_month, first_own = day_of(match)
        first = following(first_day, first_month, None, first_own or own or last.year)
        span = (match.start(1), max(match.end(number) for number in range(1, 1 + DAY_GROUPS)))
    else:
        first = following(int(match[6]), last.month, None, last.year)
        span = match.span(6)
    if first is None or first > last:
        return []
    note = ("" if own else f.NO_YEAR) if is_whole else f.OF_A_PART
    return [
        at(f.FIRST, text, *span, first.isoformat(), note),
        at(f.LAST, text, match.start(2 + DAY_GROUPS), match.end(), last.isoformat(), note),
    ]


def _cutoff(text: str, line: str, written: date | None, year: int | None, after: int) -> Iterator[Finding | None]:
    """The day, with the hour if one is written: 2026-07-31T17:00."""
    for match in _CUTOFF.finditer(line, after):
        first = 2 if match[2] else 3 + DAY_GROUPS
        day, month, own = day_of(match, first)
        named = following(day, month, None if own else written, own or year)
        if named is None or (written and named < written):
            continue
        if line[max(0, match.start() - 5) : match.start()].lower() == "theo " or _SO_FAR.match(line, match.end()):
            continue
        hour = _hour(match[first - 1])
        note = (f.NO_YEAR if not own else "") if hour else f.END_OF_DAY
        yield at(f.CUTOFF, text, match.start(first), match.end(), f"{named.isoformat()}{hour}", note)
        return


def _hour(written: str | None) -> str:
    """Return "T17:00" for "17 giờ"; empty for no hour of a day."""
    match = _TIME.match(written or "")
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    return f"T{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""


def _sentence(text: str, line: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence around a place; at most _FAR characters to each side."""
    before = [match.end() for match in _SENTENCE_ENDS.finditer(text, max(0, start - _FAR), start)]
    behind = _SENTENCE_ENDS.search(text, end, min(len(line), end + _FAR))
    return before[-1] if before else max(0, start - _FAR), behind.start() if behind else min(len(line), end + _FAR)
