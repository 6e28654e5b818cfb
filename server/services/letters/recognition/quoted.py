"""What stands in quotes: the event that a letter is about, and the slogans it gives; and the hotline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from server.services.letters.plain import flat, one_line
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.patterns import CAPITAL, DAY, DAY_GROUPS, SMALL, as_date, compiled, day_of

MOST_CHARS: Final = 300
"""Longest slogan; what is longer between two quotes is a mistake of the quotes."""
_QUOTED: Final = re.compile(
    rf"[“„]([^“”„]{{2,{MOST_CHARS}}})[”“]|«([^«»]{{2,{MOST_CHARS}}})»"
    rf"|\"([^\"]{{2,{MOST_CHARS}}})\"|‘‘([^‘’]{{2,{MOST_CHARS}}})’’"
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
_DAY_AT_END: Final = re.compile(r"[ ,–-]{1,4}\(?\d{1,2}[/-]\d{1,2}\)?$")
LEAP_YEAR: Final = 2024
"""Has every day of a calendar."""
_INTRODUCES: Final = compiled(r"khẩu +hiệu|thông +điệp|chủ +đề")
_NEW_SENTENCE: Final = re.compile(rf"[.;:?!]\s+[{CAPITAL}]")
_LISTED: Final = compiled(r"(?:khẩu +hiệu|thông +điệp)[^\n:]{0,160}: *\n")
_ITEM: Final = re.compile(r"\s*([-–+*]|\d{1,2}[.)])\s*([^\n]{6,300})")
_HOTLINE: Final = compiled(
    r"(?:đường +dây +nóng|tổng +đài|hotline)[^.;\n]{0,160}?(?<![\w/.-])"
    r"(1\d{2}(?![\w/.-]*\d)|1[89]00(?:[ .]?\d{2,4}){1,2}|\+?(?:84|0)[ .]?\d{2,3}(?:[ .-]?\d{2,4}){2,3})(?![\w/])"
)


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
    return known([at(f.EVENT, text, first.start, first.end), *_day_and_year(text, same)])


def _without_day(quote: Quote, text: str) -> Quote:
    """Return the name of an event without the day at its end: “Ngày … - 30/7”."""
    day = _DAY_AT_END.search(text, quote.start, quote.end)
    return Quote(quote.start, day.start(), one_line(text[quote.start : day.start()])) if day else quote


def _day_and_year(text: str, named: list[Quote]) -> Iterator[Finding | None]:
    line = flat(text)
    years = [match for quote in named if (match := _YEAR.match(line, quote.end))]
    inside = [match for quote in named if (match := _YEAR_AT_END.search(text, quote.start, quote.end))]
    near = [match for quote in named if (match := _YEAR_NEAR.match(line, quote.end))]
    for year in [*years, *inside, *near][:1]:
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
    """Return the slogans: what stands in quotes after "khẩu hiệu", "thông điệp" or "chủ đề", or in a list below it."""
    line, found = flat(text), list[Finding | None]()
    every = quotes(text)
    for word in _INTRODUCES.finditer(line):
        last = word.end()
        for quote in every:
            if quote.start < word.end():
                continue
            between = line[last : quote.start]
            if len(between) > (240 if last == word.end() else 40) or _NEW_SENTENCE.search(between):
                break
            if not (_IS_EVENT.match(quote.value) and last == word.end() and "chủ đề" not in word[0].lower()):
                found.append(at(f.SLOGAN, text, quote.start, quote.end))
            last = quote.end
    for head in _LISTED.finditer(text):
        found += _list_of_slogans(text, head.end(), every)
    return _each_once(known(found))


def _list_of_slogans(text: str, start: int, every: list[Quote]) -> Iterator[Finding | None]:
    """Yield the items of a list until another list goes on: its marks differ, or its numbers do not follow."""
    item = _ITEM.match(text, start)
    mark, number = (item[1][-1], 0) if item else ("", 0)
    while item and item[1][-1] == mark:
        number += 1
        if item[1][:-1] and int(item[1][:-1]) != number:
            return
        inner = next((quote for quote in every if item.start(2) <= quote.start and quote.end <= item.end(2)), None)
        if inner:
            yield at(f.SLOGAN, text, inner.start, inner.end)
        else:
            yield at(f.SLOGAN, text, item.start(2), item.start(2) + len(item[2].rstrip(" ;.,")))
        item = _ITEM.match(text, item.end())


def _each_once(found: list[Finding]) -> list[Finding]:
    seen: dict[str, Finding] = {}
    for each in sorted(found, key=lambda one: one.start):
        seen.setdefault(each.value.casefold(), each)
    return list(seen.values())


def hotline(text: str) -> list[Finding]:
    """Return the first number that is called a hotline or a call centre; a person's telephone number is none."""
    match = _HOTLINE.search(flat(text))
    return known([at(f.HOTLINE, text, *match.span(1)) if match else None])
