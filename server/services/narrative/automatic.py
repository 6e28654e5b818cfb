"""The parts of section II as they write themselves, with a sign for each figure (tokens.py) and the figures' values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.figures import loading
from server.services.figures.table import Counting, FigureTable
from server.services.narrative import tokens
from server.services.reports import DIRECTION, PART, about, account, padded, parts
from server.services.units.scope import Scope


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


def made(table: FigureTable, hotline: str, counts: Counting) -> FigureTexts:
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
    return tokens.token(code)


def live(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> FigureTexts:
    """Return the texts of today's figures. Raises Problem `not_found` for a unit that the officer may not see."""
    return made(loading.load(session, scope, campaign, unit_id, deep=False), campaign.hotline, Counting())
