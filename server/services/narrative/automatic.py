"""The parts of section II as they write themselves, with a sign for each figure (tokens.py) and the figures' values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.figures import matrix
from server.services.figures.matrix import Cell
from server.services.narrative import tokens
from server.services.reports import DIRECTION, PART, account, padded, parts
from server.services.units.scope import Scope
from sync.registry import Figure

COUNTED = "counted"


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


def made(name: str, hotline: str, figures: Sequence[Figure], cells: Mapping[str, Cell], *, alone: bool) -> FigureTexts:
    """Return the texts of a unit of this name. `alone`: no unit is below it."""
    values = {
        figure.code: padded(cells[figure.code].amounts.get(COUNTED, 0))
        for figure in figures
        if figure.code in cells and not cells[figure.code].is_unreported
    }
    found: dict[str, PartText] = {}
    for part in parts(list(figures)):
        if part.code == DIRECTION or not part.figures:
            continue
        mine = [figure for figure in part.figures if not (alone and figure.units_of)]
        said = account(name, mine, cells, hotline, alone=alone, say=lambda code, _: tokens.token(code))
        found[f"{PART}{part.code}"] = PartText(part.title.format(hotline=hotline), "\n".join(said))
    return FigureTexts(values, found)


def live(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> FigureTexts:
    """Return the texts of today's figures. Raises Problem `not_found` for a unit that the officer may not see."""
    table = matrix.table(session, scope, campaign, unit_id)
    alone = all(row.own for row in table.rows)
    return made(table.unit.name, campaign.hotline, table.figures, table.total.cells, alone=alone)
