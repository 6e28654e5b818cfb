"""Figures in a text: stored as `{code}`, shown and typed as `[Băng rôn: 24]`, printed as `24`.

So a text that somebody edited follows the figures. A number that is typed by hand, also over one in brackets, is plain
text: it stays as typed, and `by_hand` names it.

>>> made = typed("treo [Băng rôn: 24] chiếc, dán [Áp phích: 9] tờ", {"banners": "24", "posters": "08"})
>>> made, printed(made, {"banners": "31"})
('treo {banners} chiếc, dán 9 tờ', 'treo 31 chiếc, dán 9 tờ')
>>> by_hand(made, "treo {banners} chiếc"), bracketed(made, {"banners": "31"})
(['9'], 'treo [Băng rôn: 31] chiếc, dán 9 tờ')
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.figures import loading
from server.services.figures.table import Counting, FigureTable
from server.services.reports.accounts import DIRECTION, PART, account
from server.services.reports.words import about, padded, parts, text
from server.services.units.scope import Scope
from sync.figures import every_figure
from sync.text import fold

LANG: Final = "vi"
_TOKEN: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
_BRACKETS: Final = re.compile(r"\[([^\[\]:\n]{1,100}):([^\[\]\n]{0,40})\]")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_DAY: Final = re.compile(r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?")


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A stretch of a text. `code`: it is that figure; `hand`: a number typed by hand."""

    text: str
    code: str = ""
    hand: bool = False


@cache
def labels() -> Mapping[str, str]:
    """By code: the label of each figure, as it stands in brackets."""
    return {figure.code: figure.label[LANG] for figure in every_figure()}


@cache
def _codes() -> Mapping[str, str]:
    return {_plain(label): code for code, label in labels().items()}


def _plain(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(label)).strip()


def token(code: str) -> str:
    """Return the sign of a figure in a stored text."""
    return f"{{{code}}}"


def codes_in(stored: str) -> list[str]:
    """Return the figures of a stored text, in their order."""
    return [code for code in _TOKEN.findall(stored) if code in labels()]


def _replaced(stored: str, say: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda found: say.get(found[1], found[0]), stored)


def printed(stored: str, values: Mapping[str, str]) -> str:
    """Return the text with the figures in it; one that nobody reported is said to be so, never 0."""
    return _replaced(stored, {code: values.get(code, text("no_figure")) for code in labels()})


def bracketed(stored: str, values: Mapping[str, str]) -> str:
    """Return the text as a person edits it."""
    return _replaced(stored, {code: f"[{label}: {values.get(code, '')}]" for code, label in labels().items()})


def typed(said: str, shown: Mapping[str, str]) -> str:
    """Return an edited text as it is stored. `shown`: the values that were in its brackets.

    Another number in brackets is one typed by hand; brackets around anything else stay as they are.
    """

    def one(found: re.Match[str]) -> str:
        code, value = _codes().get(_plain(found[1])), found[2].strip()
        if code is None:
            return found[0]
        return token(code) if value in ("", shown.get(code, "")) else value

    return _BRACKETS.sub(one, said)


def pieces(stored: str, values: Mapping[str, str], automatic: str) -> Iterator[TextPiece]:
    """Yield the text in stretches, with figures and numbers typed by hand apart."""
    hand, at = set(by_hand(stored, automatic)), 0
    for found in _TOKEN.finditer(stored):
        if found[1] not in labels():
            continue
        yield from _literal(stored[at : found.start()], hand)
        yield TextPiece(values.get(found[1], text("no_figure")), found[1])
        at = found.end()
    yield from _literal(stored[at:], hand)


def _literal(said: str, hand: set[str]) -> Iterator[TextPiece]:
    at = 0
    for found in _NUMBER.finditer(said):
        if found[0] in hand:
            if found.start() > at:
                yield TextPiece(said[at : found.start()])
            yield TextPiece(found[0], hand=True)
            at = found.end()
    if at < len(said):
        yield TextPiece(said[at:])


def by_hand(stored: str, automatic: str) -> list[str]:
    """Return numbers that do not follow the figures; days, and numbers that the automatic text has, are none."""
    known = set(_NUMBER.findall(_TOKEN.sub(" ", automatic)))
    found = _NUMBER.findall(_DAY.sub(" ", _TOKEN.sub(" ", stored)))
    return list(dict.fromkeys(number for number in found if number not in known))


def unsaid(stored: str, automatic: str) -> list[str]:
    """Return figures that the automatic text names and an edited one does not."""
    here = set(codes_in(stored))
    return [code for code in dict.fromkeys(codes_in(automatic)) if code not in here]


# The parts of section II as they write themselves, with a sign for each figure and the figures' values.
@dataclass(frozen=True, slots=True)
class PartText:
    """A part of section II: its heading, and its text as it is stored."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class FigureTexts:
    """`values`: by figure, its amount as printed; without those that nobody reported. `parts`: by section."""

    values: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, PartText] = field(default_factory=dict)


def automatic_texts(table: FigureTable, hotline: str, counts: Counting) -> FigureTexts:
    """Return the texts of a table's total. `counts`: which amounts."""
    cells, figures = table.total.cells, table.figures
    shown = {figure.code: counts.shown(cells[figure.code]) for figure in figures}
    values = {code: padded(amount) for code, amount in shown.items() if amount is not None}
    found: dict[str, PartText] = {}
    for part in parts(figures):
        if part.code == DIRECTION or not part.figures:
            continue
        mine = [figure for figure in part.figures if not (table.alone and figure.units_of)]
        name = table.unit.name
        said = account(name, mine, cells, hotline, alone=table.alone, counts=counts, say=_token)
        found[f"{PART}{part.code}"] = PartText(about(part.title, hotline), "\n".join(said))
    return FigureTexts(values, found)


def _token(code: str, _amount: int) -> str:
    return token(code)


def live_texts(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> FigureTexts:
    """Return the texts of today's figures. Raises Problem `not_found` for a unit that the officer may not see."""
    return automatic_texts(loading.load(session, scope, campaign, unit_id, deep=False), campaign.hotline, Counting())
