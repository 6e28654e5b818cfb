"""The words of a report: its sentences (`words.vi.json`), and numbers, days and names as official prose writes them.

An official document is in Vietnamese, whatever the desk's language.

>>> from sync.amount import Amount
>>> padded(4), padded(24), padded(2430), padded(Amount(250, 2)), padded(Amount(200, 2))
('04', '24', '2.430', '2,5', '02')
>>> whole("Thị xã Mỹ Hào"), whole("Ban chỉ đạo 138")
('Toàn thị xã', 'Toàn đơn vị')
>>> quoted("Ngày toàn dân năm 2022"), quoted("Ngày toàn dân 2022"), quoted("Tháng hành động")
('“Ngày toàn dân” năm 2022', '“Ngày toàn dân” năm 2022', '“Tháng hành động”')
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from server.core import cldr
from server.services.reports.letterheads import LEVELS
from sync.figures import every_figure
from sync.registry import KINDS, Figure
from sync.text import fold

_FILE = Path(__file__).parent / "words.vi.json"
LANG = "vi"


@dataclass(frozen=True, slots=True)
class Phrase:
    """The wording of a figure. `beside`: figures in the same clause; `among`: figures that are part of it; by text.

    `rest`: what is left of it beside those parts is called so.
    """

    text: str
    beside: Mapping[str, str] = field(default_factory=dict)
    among: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the prose account: its title and its figures."""

    code: str
    title: str
    figures: tuple[Figure, ...]


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return words


def text(key: str, **values: object) -> str:
    """A sentence used in every report. A missing key is a programming error."""
    sentence: str = _words()["texts"][key]
    return sentence.format(**values)


def about(form: str, hotline: str, **values: object) -> str:
    """Return a text that names the hotline; a campaign may have none, then it is just “đường dây nóng”."""
    return " ".join(form.format(hotline=hotline, **values).split())


def level(name: str) -> str:
    """A level of the tree within a sentence; empty for a level of another tree."""
    return str(_words()["levels"].get(name, ""))


@cache
def phrases() -> Mapping[str, Phrase]:
    """By figure: the phrases of those whose wording differs from their label."""
    rows = _words()["phrases"].items()
    return {
        code: Phrase(row["text"], row.get("with", {}), row.get("among", {}), row.get("rest", "")) for code, row in rows
    }


def parts(figures: Sequence[Figure]) -> list[Part]:
    """Group the figures into parts: by name, else by the only kind that feeds them, else the rest."""
    found: dict[str, list[Figure]] = {row["code"]: [] for row in _words()["sections"]}
    for figure in figures:
        found[_part_of(figure)].append(figure)
    return [Part(row["code"], row["title"], tuple(found[row["code"]])) for row in _words()["sections"]]


def _part_of(figure: Figure) -> str:
    rows = _words()["sections"]
    named = next((row["code"] for row in rows if figure.code in row["figures"]), None)
    if named is not None:
        return str(named)
    fed = [kind.name for kind in KINDS.values() if figure.code in {each.code for each in kind.figures}]
    return str(next((row["code"] for row in rows if fed and set(fed) <= set(row["kinds"])), "other"))


def small(label: str) -> str:
    """A label in mid-sentence."""
    return label[0].lower() + label[1:]


# Numbers and days as official Vietnamese prose writes them.
# Placeholders: a label as people write it in a form or a template of theirs.
def word_of(label: str) -> str:
    """Return a label as a placeholder: small letters without marks, underscores for all else."""
    return re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")


@cache
def figure_names() -> Mapping[str, str]:
    """Return the code of each figure by its placeholders: the code itself, and its label in words."""
    found: dict[str, str] = {}
    for figure in every_figure():
        for name in (figure.label[LANG], *figure.also):
            found.setdefault(word_of(name), figure.code)
    return found | {figure.code: figure.code for figure in every_figure()}


class Printed(str):
    """A number in a table, with its sign behind it. It keeps both, so that a workbook need not read the text."""

    __slots__ = ("amount", "sign")
    amount: int
    sign: str

    def __new__(cls, amount: int, sign: str = "") -> Self:
        """Return the text of an amount."""
        made = super().__new__(cls, cldr.number(amount, LANG) + sign)
        made.amount, made.sign = amount, sign
        return made

    def __deepcopy__(self, _memo: object) -> Self:
        """Return itself: nothing of it changes."""
        return self


def dotted(amount: int) -> Printed:
    """A number in a table: dots between thousands, no leading zero."""
    return Printed(amount)


def padded(amount: int) -> str:
    """A number in a sentence: from 1 to 9 with a leading zero, so that no digit can be added."""
    said = dotted(amount)
    return f"0{said}" if len(said) == 1 and amount else said


_ROMAN: Final = (
    *((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X")),
    *((9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)


def roman(number: int) -> str:
    """A Roman numeral, for annexes and lines of a table.

    >>> roman(4), roman(49), roman(161)
    ('IV', 'XLIX', 'CLXI')
    """
    said = ""
    for value, letters in _ROMAN:
        said += letters * (number // value)
        number %= value
    return said


# Names of units within Vietnamese sentences.
_YEAR: Final = re.compile(r"(.*?\S)(?:\s+năm)?\s+((?:19|20)\d\d)")


def level_of(name: str) -> str:
    """The level word that a name begins with; empty if there is none."""
    return next((level for level in LEVELS if name.startswith(f"{level} ")), "")


def whole(name: str) -> str:
    """The whole unit as the subject of a sentence."""
    return f"Toàn {level_of(name).lower() or 'đơn vị'}"


def quoted(name: str) -> str:
    """A campaign in a sentence: the event in quotes, unless the name has some, and its year behind them."""
    if "“" in name:
        return name
    match = _YEAR.fullmatch(name)
    return f"“{match[1]}” năm {match[2]}" if match else f"“{name}”"


# Characters that no document can hold: clients may store any, but XML allows no control characters.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Data = TypeVar("Data")


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Names of the fields of a dataclass, looked up once; none of any other type."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()


def legible(value: Data) -> Data:
    """Return the data; each character that Word refuses is a blank in every text. What is legible is not copied."""
    found: Any = value
    if isinstance(value, str):
        if not isinstance(value, Printed) and _FORBIDDEN.search(value):
            found = _FORBIDDEN.sub(" ", value)
    elif isinstance(value, tuple):
        # A line of a table is judged in one go, for a province has hundreds of thousands of cells.
        try:
            judged = _FORBIDDEN.search("".join(value)) is None
        except TypeError:  # not all are texts
            judged = False
        if not judged:
            made = tuple(map(legible, value))
            found = made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    elif names := _names(found.__class__):
        olds = ((name, getattr(value, name)) for name in names)
        changed = {name: new for name, old in olds if (new := legible(old)) is not old}
        found = replace(found, **changed) if changed else value
    return found  # type: ignore[no-any-return]
