"""The figures for which a unit can say "nothing to report", and the records in which it has said so (SPEC F-6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, Record, Stream
from server.services.campaigns import expected
from server.services.figures.table import FigureRow
from server.services.records.stored import as_write, writes_of
from sync.record import PURGED, State
from sync.registry import KINDS, Figure


@dataclass(frozen=True, slots=True)
class Item:
    """A figure: the amount the plan asks for (0: not in the plan), and whether the unit says it has nothing."""

    figure: Figure
    expected: int
    nil: bool


def items(campaign: Campaign, figures: Iterable[Figure], own: FigureRow) -> list[Item]:
    """Figures with nothing counted or waiting, or with "nothing to report" all the same. Planned ones come first.

    Not those of which the unit has stated a total: what it says there is changed there.
    """
    planned = expected.of_unit(campaign.expected, own.unit.id, own.unit.name)
    found = [
        Item(figure, planned.get(figure.code, 0), cell.nil > 0)
        for figure in figures
        if not figure.units_of and not own.cells[figure.code].declared
        if (cell := own.cells[figure.code]).nil or cell.is_empty
    ]
    return sorted(found, key=lambda item: not item.expected)


def acts(session: Session, unit_id: str, campaign_id: str) -> dict[str, State]:
    """The states of the unit's acts. Two phones may each have made one: such acts are read as one."""
    query = select(Record.id).join(Stream, Stream.id == Record.stream_id)
    query = query.where(Stream.unit_id == unit_id, Stream.campaign_id == campaign_id, Record.kind.in_(KINDS.acts()))
    found = session.scalars(query.where(~Record.hidden, Record.state != PURGED).order_by(Record.id))
    return {record: State.of(map(as_write, rows)) for record, rows in writes_of(session, found).items()}
