"""What a decision on records would add to the counted figures, and what one has added (SPEC F-31).

A card speaks of the figures of its record's unit, an act on a list of those of all units that the list is of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Record, Stream, Tally, TallyKey
from server.services.records.projection import COUNTED, Shift, if_counted, share_in
from server.services.units.scope import Scope
from server.services.units.tree import merged_into
from sync.figures import UNIT_FIGURES, Contribution, together
from sync.record import State

Added = Mapping[str, int]
"""By figure, what it changes by; figures that stay as they are are left out."""
_UNITS: Final = {figure.units_of: figure.code for figure in UNIT_FIGURES}


@dataclass(slots=True)
class Acted:
    """An act in the making: of each record what it counts now, minus what was counted of it before."""

    changes: list[Contribution] = field(default_factory=list)

    def move(self, scope: Scope, unit: str, shift: Shift) -> None:
        """Take in a record whose decision was put in force."""
        self.changes.append(_change(scope, unit, shift.old.counted, shift.new.counted))

    def added(self, session: Session, scope: Scope, where: Sequence[Any]) -> Added:
        """What the figures of these streams differ by, once the totals are saved."""
        change = together(self.changes)
        now = together(counted(session, scope, where, [change]).values())
        return change.added_to(now - Contribution({}, change.values))


def offered(session: Session, scope: Scope, records: Iterable[tuple[Record, State]]) -> dict[str, Added]:
    """By record: what approving it would add to its unit's figures. Without those that cannot be approved."""
    open_ones = [(record, state) for record, state in records if _may_be_counted(state)]
    if not open_ones:
        return {}
    of_unit = streams_of_unit(session, scope, {record.stream_id for record, _ in open_ones})
    units = dict(session.execute(select(Stream.id, Stream.unit_id).where(one_of(Stream.id, of_unit))).all())
    changes = {
        record.id: (
            record.stream_id,
            _change(scope, units[record.stream_id], share_in(record).counted, if_counted(record.kind, state)),
        )
        for record, state in open_ones
    }
    every = {id_ for streams in of_unit.values() for id_ in streams}
    held = counted(session, scope, [one_of(Stream.id, every)], [change for _, change in changes.values()])
    known = {home: together(held[id_] for id_ in streams if id_ in held) for home, streams in of_unit.items()}
    return {id_: change.added_to(known[stream]) for id_, (stream, change) in changes.items()}


def streams_of_unit(session: Session, scope: Scope, homes: Collection[str]) -> dict[str, list[str]]:
    """By stream: all streams, in its campaign, of the unit that its unit has become today (SPEC L-6)."""
    place = select(Stream.id, Stream.unit_id, Stream.campaign_id)
    own = {id_: (scope.today(unit), at) for id_, unit, at in session.execute(place.where(one_of(Stream.id, homes)))}
    family = merged_into(session, {unit for unit, _ in own.values()})
    those = place.where(one_of(Stream.unit_id, family), one_of(Stream.campaign_id, {at for _, at in own.values()}))
    of_unit: dict[tuple[str, str], list[str]] = {}
    for id_, unit, at in session.execute(those):
        of_unit.setdefault((scope.today(unit), at), []).append(id_)
    return {id_: of_unit[where] for id_, where in own.items()}


def of_waiting(scope: Scope, unit: str, amounts: Mapping[str, int], keys: Mapping[str, str] | None) -> Contribution:
    """The change of approving a record that nobody has decided on, from what is kept of it."""
    values = {code: {key: 1} for code, key in (keys or {}).items()}
    return _change(scope, unit, Contribution(), Contribution(amounts, values))


def _may_be_counted(state: State) -> bool:
    return state.submitted and not (state.hidden or state.conflicts or state.edited_while_deleted)


def _change(scope: Scope, unit: str, old: Contribution, new: Contribution) -> Contribution:
    today = scope.today(unit)
    return _with_units(today, new) - _with_units(today, old)


def _with_units(unit: str, share: Contribution) -> Contribution:
    """It with the figures that count units (F-8), of which a unit is a value."""
    units = {code: {unit: 1} for of, code in _UNITS.items() if share.amounts.get(of)}
    return Contribution(share.amounts, {**share.values, **units})


def counted(
    session: Session, scope: Scope, where: Sequence[Any], changes: Iterable[Contribution]
) -> dict[str, Contribution]:
    """By stream: how many counted records have each of the values that these changes are about."""
    about: dict[str, set[str]] = {}
    for change in changes:
        for code, values in change.values.items():
            about.setdefault(code, set()).update(values)
    keys = {key for code, values in about.items() if code not in _UNITS.values() for key in values}
    found: dict[str, dict[str, dict[str, int]]] = {}
    if keys:
        rows = select(Stream.id, TallyKey.figure, TallyKey.key, TallyKey.records)
        rows = rows.join(TallyKey, TallyKey.stream_id == Stream.id).where(*where, TallyKey.bucket == COUNTED)
        for stream, code, key, records in session.execute(rows.where(one_of(TallyKey.key, keys))):
            found.setdefault(stream, {}).setdefault(code, {})[key] = records
    if about.keys() & set(_UNITS.values()):
        units = select(Stream.id, Stream.unit_id, Tally.figure, Tally.records)
        units = units.join(Tally, Tally.stream_id == Stream.id).where(*where, Tally.bucket == COUNTED)
        for stream, unit, of, records in session.execute(units.where(Tally.figure.in_(_UNITS), Tally.records > 0)):
            found.setdefault(stream, {})[_UNITS[of]] = {scope.today(unit): records}
    return {stream: Contribution({}, values) for stream, values in found.items()}
