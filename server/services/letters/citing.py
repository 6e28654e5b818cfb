"""Which letter a unit's report answers: the one that was addressed to it, as an official document cites it.

A commune cites the letter of its district, or, where that sent none, of who opened the campaign; a district that of who
opened it. Who opened it never cites its own: it cites what its own letter rests on, in a report to its People's
Committee that one's plan, in a report to the ministry the ministry's letter.

    bases(session, campaign, unit, to=["Bộ Lao động - Thương binh và Xã hội"])
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from server.models import Campaign, CampaignLetter, Unit
from server.services.letters import originals
from server.services.letters.originals import LetterSaid

_LAW: Final = re.compile(r"^((?:Bộ +)?[Ll]uật +[^\d]*?),? +số +\d+/\d{4}/QH\d+")
"""A law is cited by its name, without its number."""
_BY: Final = re.compile(r"\bcủa +(.+?)(?= +(?:về|hướng dẫn|phê duyệt|ban hành|quy định)\b|$)")
_COMMITTEE: Final = re.compile(r"(?:ủy ban nhân dân|uỷ ban nhân dân|UBND) (?:tỉnh|thành phố)", re.IGNORECASE)
_MINISTRY: Final = re.compile(r"\b(?:Bộ|Cục|Tổng cục)\b")
_RANKS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^(?:bộ )?luật|^pháp lệnh|quốc hội",
        r"chính phủ|thủ tướng|trung ương|138/CP",
        r"\b(?:bộ|tổng cục|cục)\b",
        r"tỉnh ủy|thành ủy|(?:ủy ban nhân dân|uỷ ban nhân dân|UBND) (?:tỉnh|thành phố)",
        r"\bsở\b|(?:công an|ban chỉ đạo 138) tỉnh",
        r"huyện|quận|thị xã",
    )
)
LACKS: Final = ("number", "dated")
"""What a letter is cited by, and is asked for."""
_DISTRICTS: Final = re.compile(
    r"(?:ủy ban nhân dân|uỷ ban nhân dân|UBND) (?:các )?(?:huyện|quận|thị xã)", re.IGNORECASE
)
DOTS: Final = "………"


@dataclass(frozen=True, slots=True)
class CitedLetter:
    """`text`: as it is cited, with dots for what nobody said; `lacks`: which of `number` and `dated` that is."""

    unit: Unit
    text: str
    lacks: tuple[str, ...]


def cited(session: Session, campaign: Campaign, unit: Unit) -> CitedLetter | None:
    """Return the letter that was addressed to a unit; None for who opened the campaign, or where none is known."""
    if unit.id == campaign.unit_id:
        return None
    above = originals.chain(session, campaign, unit.id)[:-1]
    known = (each for each in reversed(above) if each.said != LetterSaid())
    found = next(known, None)
    if found is None:
        return None
    lacks = tuple(name for name in LACKS if not getattr(found.said, name))
    return CitedLetter(found.unit, called(found.said), lacks)


def called(said: LetterSaid) -> str:
    """Return a letter as a document cites it: Công văn số … ngày … của … về việc …."""
    form = said.form[:1].upper() + said.form[1:] if said.form else "Công văn"
    words = [form, f"số {said.number or DOTS}", f"ngày {official_day(said.dated) if said.dated else DOTS}"]
    words += [f"của {said.issuer}"] if said.issuer else []
    about = re.sub(r"^(?:V/v|về việc)[ :]*", "", said.subject, flags=re.IGNORECASE)
    if about:
        is_name = about.split(maxsplit=1)[0].isupper() or not about[0].isalpha()
        words.append(f"về việc {about if is_name else about[0].lower() + about[1:]}")
    return " ".join(words)


def bases(session: Session, campaign: Campaign, unit: Unit, to: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what a unit's report rests on, of the highest rank first. `to`: whom it goes to."""
    letter = session.get(CampaignLetter, campaign.id)
    if unit.id == campaign.unit_id:
        found = _for(to, list(campaign.bases))
    else:
        answered = cited(session, campaign, unit)
        found = [answered.text] if answered else list(campaign.bases)
    own = (letter.due_bases if letter else {}).get(unit.level)
    found += [str(own)] if own else []
    return tuple(sorted(dict.fromkeys(map(as_cited, found)), key=_rank))


def orders_committees(session: Session, campaign: Campaign) -> bool:
    """True if the campaign's letter goes to the people's committees of districts, which then report themselves."""
    letter = session.get(CampaignLetter, campaign.id)
    return letter is not None and any(_DISTRICTS.search(str(each)) for each in letter.facts.get("to", []))


def as_cited(basis: str) -> str:
    """Return a basis as it is cited: a law without its number."""
    return _LAW.sub(r"\1", basis)


def _for(to: Sequence[str], found: list[str]) -> list[str]:
    """Of these bases those by whom the report goes to, of each of several; all of them if none is."""
    said = "; ".join(to)
    asked = [wanted for wanted in (_COMMITTEE, _MINISTRY) if wanted.search(said)]
    return [each for each in found if any(wanted.search(_issuer(each)) for wanted in asked)] or found


def _issuer(basis: str) -> str:
    match = _BY.search(basis)
    return match[1] if match else ""


def _rank(basis: str) -> int:
    said = _issuer(basis) or basis
    return next((place for place, pattern in enumerate(_RANKS) if pattern.search(said)), len(_RANKS))


def official_day(day: date) -> str:
    """Return a date with leading zeros for days below 10 and for months 1 and 2 (Decree 30/2020).

    >>> official_day(date(2021, 5, 4)), official_day(date(2021, 11, 27))
    ('04/5/2021', '27/11/2021')
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}"
