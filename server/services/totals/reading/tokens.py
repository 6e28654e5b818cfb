"""A message cut into tokens: words, whole numbers, marks, dates, and what has digits but is no amount (a range)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from sync.text import fold

WORD, NUMBER, ODD, MARK, DATE = "word", "number", "odd", "mark", "date"
_FORMS: Final = (
    (ODD, r"(?:\+84|0)\d(?:[ .-]?\d){8,9}(?!\d)"),  # a telephone number
    (DATE, r"\d{1,2}(?:/\d{1,2}/|\.\d{1,2}\.|-\d{1,2}-)\d{4}(?!\d)"),  # 21/7/2021
    (ODD, r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?!\d)|\d{1,3}/\d{1,4}(?!\d)"),  # 21/7/21, 15/16
    (ODD, r"\d{1,2} ?[hg:]\d{2}(?!\d)|\d{1,2}[hg](?!\w)"),  # 7h30
    (ODD, r"\d[\d.,]* ?[-–] ?\d[\d.,]*"),  # 3-4
    (ODD, r"\d[\d.,]* ?%|\d[\d.,]*[kK]\d*(?!\w)|0\d{3,}|\d{8,}"),  # 50%, 1k, 1k2, an account
    (NUMBER, r"\d{1,3}(?:\.\d{3})+(?![.,]?\d)|\d{1,3}(?:,\d{3})+(?![.,]?\d)|[1-9]\d{0,2}(?: \d{3})+(?!\d)"),
    (ODD, r"\d+[.,]\d[\d.,]*"),  # 95,5
    (NUMBER, r"\d+"),
    (WORD, r"[^\W\d_]+"),
    (MARK, r"[^\s\w]|_"),
)
_TOKEN: Final = re.compile("|".join(f"(?P<{kind}{place}>{form})" for place, (kind, form) in enumerate(_FORMS)))
_GROUPED: Final = re.compile(r"\d+[, ]\d")
_DATED: Final = re.compile(r"(\d{1,2})/(\d{1,2})(?:/\d{2})?|\d{1,2} ?[hg:](?:\d{2})?")
"""20/7, 7h30: a date or a time if a word before it says so."""
_BEFORE_DATES: Final = {"ngay", "hom", "sang", "chieu", "tu", "den", "toi", "het", "truoc", "sau", "luc", "hoi", "vao"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text from `start` to `end`. `value`: of a number. `grouped`: written 1,200 or 1 200."""

    kind: str
    text: str
    start: int
    end: int
    lower: str
    folded: str
    value: int = 0
    grouped: bool = False


def split(text: str, offset: int = 0) -> list[Token]:
    """Cut a text of normal form (NFC). `offset`: where it begins in the message."""
    tokens = [_token(match, offset) for match in _TOKEN.finditer(text)]
    return [
        replace(each, kind=DATE) if place and _is_date(each, tokens[place - 1]) else each
        for place, each in enumerate(tokens)
    ]


def _is_date(token: Token, before: Token) -> bool:
    found = _DATED.fullmatch(token.text) if token.kind == ODD and before.folded in _BEFORE_DATES else None
    return found is not None and (found[1] is None or (0 < int(found[1]) <= 31 and 0 < int(found[2]) <= 12))


def _token(match: re.Match[str], offset: int) -> Token:
    kind, said = (match.lastgroup or "").rstrip("0123456789"), match.group()
    value = int(re.sub(r"\D", "", said)) if kind == NUMBER else 0
    start, end = match.start() + offset, match.end() + offset
    grouped = kind == NUMBER and _GROUPED.match(said) is not None
    return Token(kind, said, start, end, said.lower(), fold(said), value, grouped=grouped)
