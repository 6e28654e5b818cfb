"""What stands in quotes: the event that a letter is about, and the slogans it gives; and the hotline."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from server.services.letters.plain import flat, one_line
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.patterns import (
    CAPITAL,
    CITED,
    DAY,
    DAY_GROUPS,
    SMALL,
    as_date,
    compiled,
    day_of,
)

MOST_CHARS: Final = 300
"""Longest slogan; what is longer between two quotes is a mistake of the quotes."""
MOST: Final = 60
"""Most slogans of a letter."""
_QUOTED: Final = re.compile(
    rf"[“„]([^“”„]{{2,{MOST_CHARS}}})[”“]|«([^«»]{{2,{MOST_CHARS}}})»"
    rf"|\"([^\"]{{2,{MOST_CHARS}}})\"|‘‘([^‘’]{{2,{MOST_CHARS}}})’’"
    rf"|(?<![‘\w])‘(?!‘)([^‘\n]{{2,{MOST_CHARS}}}?)’(?![’\w])|(?<!\w)'(?! )([^\"\n]{{2,{MOST_CHARS}}}?)'(?!\w)"
)
_OCCASION: Final = (
    r"(?:ngày +(?:toàn +dân|thế +giới|quốc +tế|pháp +luật|hội|gia +đình|[^\W\d_]+ +việt +nam)"
    r"|tháng +(?:hành +động|cao +điểm|công +nhân|thanh +niên|an +toàn)"
    r"|tuần +lễ|đợt +cao +điểm|chiến +dịch|năm +an +toàn|lễ +phát +động)(?![^\W\d_])"
)
_IS_EVENT: Final = compiled(r"\s*(?:ngày|tháng|tuần|đợt|năm|chiến +dịch|lễ) ")
_BARE_EVENT: Final = compiled(
    rf"{_OCCASION}(?:[^\n.;:“”\"«»()]|\n(?=(?-i:[{SMALL}]))){{2,120}}?"
    rf"(?=,? *(?:\(|năm +\d{{4}}|\d{{1,2}}[/-]\d{{1,2}}|[.;:“\"«]|\n(?!(?-i:[{SMALL}]))|trên +địa +bàn|$))"
)
_YEAR: Final = compiled(r"[-–)0-9/”\"»’ ,]{0,12}(?:\([^()]{0,40}\))?[ ,]{0,3}năm +((?:19|20)\d\d)")
_YEAR_NEAR: Final = compiled(r"[^.;:“«\n]{0,70}? năm +((?:19|20)\d\d)(?!\d)")
_YEAR_AT_END: Final = re.compile(r"\b((?:19|20)\d\d)$")
_EVENT_DAY: Final = compiled(rf"[-–”\"»’ ,]{{0,6}}\(? *{DAY}")
_DAY_AT_END: Final = re.compile(r"[\s,–-]{1,4}\(?\d{1,2}[/-]\d{1,2}\)?$")
LEAP_YEAR: Final = 2024
"""Has every day of a calendar."""
_INTRODUCES: Final = compiled(r"khẩu +hiệu|thông +điệp|chủ +đề")
_NEW_SENTENCE: Final = re.compile(rf"[.;:?!]\s+[{CAPITAL}]")
_LISTED: Final = compiled(r"(?:khẩu +hiệu|thông +điệp)[^\n:]{0,160}: *\n")
_ITEM: Final = re.compile(r"\s*([-–+*]|\d{1,2}[.)]|[a-zđ]\)(?=\s))\s*([^\n]{6,300})")
_LETTERS: Final = "abcdđefghiklmnopqrstuvxy"
"""How a list is counted by letters."""
_OF_PLACES: Final = compiled(
    r"(?:tại|ở|trên|vào)(?: +các| +những)? +(?:(?:vị +trí|địa +điểm|điểm|nơi)[^,:“\"]{0,60}"
    r"|(?:khu +vực|tuyến|trụ +sở|cơ +quan)[^,:“\"]{0,60} (?:sau|gồm|dưới +đây) *):"
)
"""Where slogans are to hang: the list below is one of places."""
_NAMES_ANOTHER: Final = compiled(rf"(?:{CITED}|mô +hình|trụ +sở|câu +lạc +bộ|phim)(?: +số [^:]{{0,60}})?[ “„«‘\"\n]*$")
"""The quotes name a document or a thing, and say no slogan."""
_CUT_NUMBER: Final = r"(?:[ .-]|[.-]?\n(?=\d{2,4}(?![.)\w])))?"
"""Between two digits of a number, which a line end may cut; what begins the next item of a list is not a part."""
_HOTLINE: Final = compiled(
    r"(?:đường +dây +nóng|tổng +đài|hotline)[^.;]{0,160}?(?<![\w/.-])"
    r"(1\d{2}(?![\w/.-]*\d)|1[89]00(?:[ .]?\d{2,4}){1,2}"
    rf"|(?:0|\+?84[ .]?)\d(?:{_CUT_NUMBER}\d){{8,9}})(?![\w/])(?![.-]\d)"
)
_NO_HOTLINE: Final = compiled(
    r"(?<![^\W\d_])(?:liên +hệ|ông|bà|đồng +chí|đ/c|ví +dụ|chẳng +hạn|cũ|kỹ +thuật|phần +mềm"
    r"|không +(?:còn +)?(?:sử +)?dụng|không +dùng|ngừng)(?![^\W\d_])"
)
"""Before a number: it is a person's, an example, or in use no more."""
_OLD: Final = compiled(r" *\(?(?:số +)?cũ(?![^\W\d_])")


@dataclass(frozen=True, slots=True)
class Quote:
    """A text in quotes: from `start` to `end` without the quotes."""

    start: int
    end: int
    value: str


def quotes(text: str) -> list[Quote]:
    """Return what stands in quotes of any kind, also over a line break."""
    return [
        Quote(*match.span(match.lastindex), one_line(match[match.lastindex]))
        for match in _QUOTED.finditer(text)
        if match.lastindex and match[match.lastindex].strip()
    ]


def event(text: str) -> list[Finding]:
    """Return the event with its day and year: the one most often named."""
    named = [quote for quote in quotes(text) if _IS_EVENT.match(quote.value)]
    if not named:
        named = [Quote(*match.span(), one_line(match[0])) for match in _BARE_EVENT.finditer(text)]
    if not named:
        return []
    named = [quote for quote in named if quote.value.upper() != quote.value] or named  # a title in capitals comes last
    named = [_without_day(quote, text) for quote in named]
    often = Counter(quote.value.casefold() for quote in named)
    most = max(often.values())
    first = next(quote for quote in named if often[quote.value.casefold()] == most)
    same = [quote for quote in named if quote.value.casefold() == first.value.casefold()]
    others = [quote for quote in named if quote not in same]
    return known([at(f.EVENT, text, first.start, first.end), *_day_and_year(text, same, others)])


def _without_day(quote: Quote, text: str) -> Quote:
    """Return the name of an event without the day at its end: “Ngày … - 30/7”."""
    day = _DAY_AT_END.search(text, quote.start, quote.end)
    return Quote(quote.start, day.start(), one_line(text[quote.start : day.start()])) if day else quote


def _day_and_year(text: str, named: list[Quote], others: list[Quote]) -> Iterator[Finding | None]:
    """The event's day and year; a year that only stands behind `others`, events named beside it, is its year, too."""
    line = flat(text)
    years = [match for quote in named if (match := _YEAR.match(line, quote.end))]
    inside = [match for quote in named if (match := _YEAR_AT_END.search(text, quote.start, quote.end))]
    near = [match for quote in named if (match := _YEAR_NEAR.match(line, quote.end))]
    beside = [match for quote in others if (match := _YEAR.match(line, quote.end))]
    for year in [*years, *inside, *near, *beside][:1]:
        yield at(f.YEAR, text, *year.span(1))
    for quote in named:
        day = _EVENT_DAY.match(line, quote.end)
        spelt = day_of(day) if day else None
        if day and spelt and as_date(spelt[0], spelt[1], spelt[2] or LEAP_YEAR):
            end = max(day.end(number) for number in range(1, 1 + DAY_GROUPS))
            yield at(f.EVENT_DAY, text, day.start(1), end, f"{spelt[0]}/{spelt[1]}")
            if spelt[2] and not (years or inside or near):
                yield at(f.YEAR, text, *(day.span(3) if day[3] else day.span(5)))
            return


def slogans(text: str) -> list[Finding]:
    """Return the slogans: what stands in quotes after "khẩu hiệu", "thông điệp" or "chủ đề", or in a list below it.

    At most MOST. Each search goes on behind what the last one took, so that no text is read twice.
    """
    every = quotes(text)
    found = [*islice(_in_quotes(text, every), MOST), *islice(_in_lists(text, every), MOST)]
    return _each_once(known(found))[:MOST]


def _in_quotes(text: str, every: list[Quote]) -> Iterator[Finding | None]:
    line, taken = flat(text), 0
    starts = [quote.start for quote in every]
    for word in _INTRODUCES.finditer(line):
        if word.start() < taken:
            continue
        last = word.end()
        for number in range(bisect_left(starts, last), len(every)):
            quote = every[number]
            if quote.start - last > (240 if last == word.end() else 40):
                break
            between = line[last : quote.start]
            if _NEW_SENTENCE.search(between) or _NAMES_ANOTHER.search(between):
                break
            if not (_IS_EVENT.match(quote.value) and last == word.end() and "chủ đề" not in word[0].lower()):
                yield at(f.SLOGAN, text, quote.start, quote.end)
            taken = last = quote.end


def _in_lists(text: str, every: list[Quote]) -> Iterator[Finding | None]:
    last, starts = 0, [quote.start for quote in every]
    for head in _LISTED.finditer(text):
        if head.start() < last or _OF_PLACES.search(text, head.start(), head.end()):
            continue
        for item in _items(text, head.end()):
            last = item.end()
            nearest = bisect_left(starts, item.start(2))
            inner = every[nearest] if nearest < len(every) and every[nearest].end <= item.end(2) else None
            if inner:
                yield at(f.SLOGAN, text, inner.start, inner.end)
            else:
                yield at(f.SLOGAN, text, item.start(2), item.start(2) + len(item[2].rstrip(" ;.,")))


def _items(text: str, start: int) -> Iterator[re.Match[str]]:
    """Yield the items of a list until another list goes on: its marks differ, or its numbers do not follow."""
    item = _ITEM.match(text, start)
    mark, number = (item[1][-1], 0) if item else ("", 0)
    while item and item[1][-1] == mark:
        number += 1
        if item[1][:-1] and _place(item[1][:-1]) != number:
            return
        yield item
        item = _ITEM.match(text, item.end())


def _place(mark: str) -> int:
    """The place in its list of an item marked `2` or `b`; 0 for none."""
    return int(mark) if mark.isdecimal() else _LETTERS.find(mark) + 1


def _each_once(found: list[Finding]) -> list[Finding]:
    seen: dict[str, Finding] = {}
    for each in sorted(found, key=lambda one: one.start):
        seen.setdefault(each.value.casefold(), each)
    return list(seen.values())


def hotline(text: str) -> list[Finding]:
    """Return the first number that is called a hotline or a call centre; a person's telephone number is none."""
    last = 0
    for match in _HOTLINE.finditer(text):
        first, last = max(last, match.start() - 30), match.end()
        first = max(first, text.rfind(";", first, match.start()) + 1)
        if not _NO_HOTLINE.search(text, first, match.start(1)) and not _OLD.match(text, last):
            return known([at(f.HOTLINE, text, *match.span(1))])
    return []
