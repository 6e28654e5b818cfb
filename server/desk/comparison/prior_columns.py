"""Figures of the same period beside those of a table: for the page of figures, for its file, and for one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.desk.numerals import number
from server.desk.words import t
from server.models import Campaign
from server.services.comparison import bases, difference
from server.services.comparison.bases import ABSENT, DISTINCT, PART, PriorBase
from server.services.comparison.difference import RULE, UNREPORTED, PriorDifference
from server.services.figures.table import FigureRow, FigureTable
from server.services.units.scope import Scope
from sync.registry import Figure

_NONE = PriorBase(None, ABSENT)


@dataclass(frozen=True, slots=True)
class PriorColumns:
    """`found`: by unit and figure. `rules`: the figures whose counting rule is the same."""

    found: Mapping[str, Mapping[str, PriorBase]]
    rules: frozenset[str]

    def base(self, row: FigureRow, code: str, *, own: bool = False) -> PriorBase:
        """Return the figure of a row; a unit's own activities alone have none."""
        return _NONE if own else self.found.get(row.unit.id, {}).get(code, _NONE)

    def of(self, row: FigureRow, code: str, now: int | None, *, own: bool = False) -> PriorDifference:
        """Compare a number of a row."""
        return difference.of(now, self.base(row, code, own=own), same_rule=code in self.rules)


def read(
    session: Session, scope: Scope, campaign: Campaign, table: FigureTable, figures: Sequence[Figure]
) -> PriorColumns | None:
    """Return the figures for the rows of a table; None if nobody took any for this unit or one above."""
    holds = bases.holding(session, campaign.id, scope.chain(table.unit.id))
    if holds is None:
        return None
    units = {row.unit.id for row in table.rows}
    rules = frozenset(each.code for each in figures if holds.rules.get(each.code) == each.rule["vi"])
    return PriorColumns(bases.read(session, holds, units, figures), rules)


def percent(each: PriorDifference) -> str:
    """Return the percent with its sign; empty if there is none."""
    if each.percent is None:
        return ""
    sign = "+" if each.percent > 0 else "−" if each.percent < 0 else ""
    whole, rest = divmod(abs(each.percent), 10)
    return f"{sign}{number(whole)}{t('prior.decimal', n=rest) if rest else ''}%"


def signed(change: int | None) -> str:
    """Return a change with its sign; empty if there is none."""
    if change is None:
        return ""
    return f"+{number(change)}" if change > 0 else f"−{number(-change)}" if change else "0"


def why(each: PriorDifference, base: PriorBase) -> str:
    """Return why nothing is compared; empty if something is, or if there is nothing to say."""
    if each.why == PART:
        return t("prior.part", have=base.have, need=base.need) if base.need > 1 else t("prior.part_area")
    return {RULE: t("prior.rule"), UNREPORTED: t("figures.none"), DISTINCT: t("prior.distinct")}.get(each.why, "")
