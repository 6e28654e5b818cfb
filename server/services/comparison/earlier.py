"""Figures of an earlier campaign of the same server: as its report froze them, else as they stand today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local, today
from server.models import Campaign, Freeze, Stream
from server.services.campaigns import choices
from server.services.comparison.bases import Given, lineage
from server.services.figures import loading
from server.services.figures.table import Counting, FigureTable
from server.services.reports.snapshot import freezes, steps
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.registry import Figure


@dataclass(frozen=True, slots=True)
class EarlierFigures:
    """`given`: by unit and figure. `as_of`: mergers after that day are not in it. `rules`: the counting rules then.

    `freeze`: what was frozen, if the figures are from there.
    """

    given: Given
    as_of: date
    rules: Mapping[str, str]
    freeze: str


def offered(session: Session, scope: Scope, campaign: Campaign) -> list[Campaign]:
    """Return the campaigns that ended before this one began, the latest first; no practice ones."""
    found = [
        each for each in choices.campaigns(session, scope) if not each.practice and each.ends_on < campaign.starts_on
    ]
    return sorted(found, key=lambda each: each.ends_on, reverse=True)


def read(session: Session, scope: Scope, earlier: Campaign, unit_id: str, figures: list[Figure]) -> EarlierFigures:
    """Read the counted figures of a unit with all below it. Raises Problem `not_found`."""
    frozen = steps.history(session, unit_id, earlier.id).freezes
    now = {figure.code: figure.rule["vi"] for figure in figures}
    if frozen:
        row = session.get_one(Freeze, frozen[-1])
        found = freezes.of(row)
        then = {code: figure.rule["vi"] for code, figure in found.figures.items()}
        return EarlierFigures(_given(found.table, now, found.counts), local(row.at).date(), then, row.id)
    given = _given(loading.load(session, scope, earlier, unit_id), now, Counting())
    return EarlierFigures(_whole(session, earlier, unit_id, given), today(), now, "")


def _given(table: FigureTable, codes: Mapping[str, str], counts: Counting) -> dict[str, dict[str, int | None]]:
    """Return the amounts as the report showed them; nothing where it showed a dash, which is no 0."""
    given: dict[str, dict[str, int | None]] = {}
    for row in table.rows:
        amounts = {code: counts.shown(cell) for code, cell in row.cells.items() if code in codes}
        said: dict[str, int | None] = {code: amount for code, amount in amounts.items() if amount is not None}
        if said and not row.own:
            given[row.unit.id] = said
    return given


def _whole(
    session: Session, earlier: Campaign, unit_id: str, given: dict[str, dict[str, int | None]]
) -> dict[str, dict[str, int | None]]:
    """Only a part is known of a unit into which some were merged since that took no part then."""
    units = subtree(session, [unit_id])
    here = Stream.campaign_id == earlier.id, Stream.unit_id.in_(units)
    took_part = set(session.scalars(select(Stream.unit_id).where(*here)))
    known = lineage(session, earlier.ends_on)
    for unit, area in known.shared.items():  # what is recorded of before is of the whole that was divided
        if unit in given and len(area.standing) > 1:
            given[unit] = dict.fromkeys(given[unit])
    for unit, gained in known.gained.items():
        needed = gained if unit in known.born else {unit, *gained}
        if unit in given and not needed <= took_part:
            given[unit] = dict.fromkeys(given[unit])
    return given
