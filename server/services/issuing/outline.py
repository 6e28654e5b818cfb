"""The sections of a report under the headings of an outline, as a letter or an office asks for them.

A heading is known by its words; one that is none of the usual ones gets a section to write into. Section II.2, on
victims, says "có báo cáo riêng" wherever it stands.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from server.services.narrative.sections import OWN
from server.services.reports import Section, roman
from sync.text import fold

_JUDGED: Final = {
    "strengths": r"uu diem|thuan loi|mat duoc|ket qua dat duoc",
    "difficulties": r"kho khan|han che|ton tai|vuong mac",
    "causes": r"nguyen nhan",
}
_WORDS: Final = {
    "victims": r"nan nhan",
    "money": r"kinh phi",
    "ahead": r"phuong huong|thoi gian toi|ke hoach .*tiep theo",
    "proposals": r"kien nghi|de xuat",
    "judgement": r"danh gia|nhan xet",
    "direction": r"chi dao|trien khai|quan triet|ban hanh",
    "results": r"ket qua",
    "outreach": r"tuyen truyen|truyen thong",
}
_MARK: Final = 8
"""Hex digits of the mark of a heading."""


@dataclass(frozen=True, slots=True)
class OutlinedHeading:
    """A heading and the sections that stand under it. None: one to write into, `own` is its code."""

    heading: str
    codes: tuple[str, ...]
    own: str


def read(headings: Sequence[str]) -> list[OutlinedHeading]:
    """Return what each heading stands for; nothing stands twice."""
    found = [(heading, _codes(heading)) for heading in headings]
    parts = {code for _, codes in found for code in codes} & {"victims", "money"}
    used: set[str] = set()
    made = []
    for heading, codes in found:
        known = tuple("outreach" if code == "results" and parts else code for code in codes)
        left = tuple(code for code in known if code not in used)
        used |= set(left)
        mark = hashlib.sha256(fold(heading).encode()).hexdigest()[:_MARK]
        made.append(OutlinedHeading(heading, left, f"{OWN}{mark}"))
    return made


def _codes(heading: str) -> tuple[str, ...]:
    words = fold(heading)
    judged = tuple(code for code, form in _JUDGED.items() if re.search(form, words))
    if judged and not re.search(_WORDS["judgement"], words):
        return judged
    return next(((code,) for code, form in _WORDS.items() if re.search(form, words)), ())


def arranged(sections: Sequence[Section], headings: Sequence[str]) -> tuple[Section, ...]:
    """Return the sections under these headings, numbered I, II, ...; as they are without any heading."""
    if not headings:
        return tuple(sections)
    known = {section.code: section for section in _all(sections) if section.code}
    return tuple(_under(each, f"{roman(place)}.", known) for place, each in enumerate(read(headings), 1))


def _under(each: OutlinedHeading, mark: str, known: dict[str, Section]) -> Section:
    found = [known[code] for code in each.codes if code in known]
    if not found:
        return Section(mark, each.heading, blank=True, code=each.own)
    if len(found) == 1:
        return replace(found[0], mark=mark, title=each.heading)
    inner = tuple(replace(section, mark=f"{place}.") for place, section in enumerate(found, 1))
    return Section(mark, each.heading, sections=inner)


def left_out(sections: Sequence[Section], arranged_ones: Sequence[Section], texts: dict[str, str]) -> list[str]:
    """Return titles of sections that have a text and no place under the headings."""
    here = {section.code for section in _all(arranged_ones)}
    return [each.title for each in _all(sections) if each.code and texts.get(each.code) and each.code not in here]


def written_into(sections: Sequence[Section]) -> list[Section]:
    """Return the sections that a paper has, in order, with those inside them."""
    return [section for section in _all(sections) if section.code]


def _all(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _all(section.sections)
