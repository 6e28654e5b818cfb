"""Authors of a record (SPEC D-6): its writers, and for 30 days the maker of the code a writing phone enrolled with.

A person who only chose between values of others is no author.

Otherwise a reviewer could make a code for an officer, enrol with it, write records and count them. It ends for a phone
when its officer confirms it at the desk with the own password. A code made in the shell has no reviewer as its maker.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import now_ms
from server.models import Absence, Device, Membership, Officer, Record, Stream, WriteRow
from server.services.records.stored import CODE_MAKER_MS
from server.services.units import deputies
from server.services.units.scope import COORDINATOR, REVIEWER, Scope

SHOWN = 3
_AT_ONCE = 5_000
_FEW = 5_000
"""Writes that are read before their records."""
Place = tuple[str, str]
"""A record and its unit."""


def written_by(session: Session, officer_id: str) -> ColumnElement[bool]:
    """SQL condition on WriteRow: this officer counts as an author of the write.

    The officers with a device of a code of theirs are read first. In a subquery they would keep the index of officers
    from being used, and every write would be read.
    """
    made = and_(Device.code_by == officer_id, Device.confirmed_at.is_(None))
    officers = list(session.scalars(select(Device.officer_id).where(made).distinct()))
    if not officers:
        return and_(WriteRow.chosen.is_(False), WriteRow.officer_id == officer_id)
    device = select(Device.id).where(made, Device.id == WriteRow.device_id)
    in_time = device.where(WriteRow.received_at < Device.created_at + CODE_MAKER_MS).exists()
    wrote = or_(WriteRow.officer_id == officer_id, and_(WriteRow.officer_id.in_(officers), in_time))
    return and_(WriteRow.chosen.is_(False), wrote)


def wrote_any(
    session: Session, officer_ids: Collection[str], *of_records: ColumnElement[bool]
) -> dict[Place, set[str]]:
    """By (record, unit): who of these officers count as authors, of records that meet conditions on Record and Stream.

    Reviewers have written little beside all others, often nothing, so their writes are read first, by the index of
    officers. Joined, a planner that expects as many as others wrote reads all records of the campaign.
    """
    found: dict[Place, set[str]] = {}
    every = sorted(officer_ids)
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        own = select(WriteRow.record_id, WriteRow.officer_id).where(WriteRow.officer_id.in_(part))
        made = and_(Device.code_by.in_(part), Device.confirmed_at.is_(None))
        by_code = select(WriteRow.record_id, Device.code_by).join(Device, Device.officer_id == WriteRow.officer_id)
        by_code = by_code.where(
            made, Device.id == WriteRow.device_id, WriteRow.received_at < Device.created_at + CODE_MAKER_MS
        )
        ways: tuple[Any, ...] = (own, by_code)
        for writes in ways:
            each = writes.where(WriteRow.chosen.is_(False)).distinct()
            for record_id, officer_id, unit_id in _of(session, each, of_records):
                found.setdefault((record_id, unit_id), set()).add(officer_id)
    return found


def _of(session: Session, writes: Select[Any], of_records: Collection[ColumnElement[bool]]) -> Iterable[Any]:
    """(record, officer, unit) of these pairs of record and officer, if the record meets the conditions."""
    pairs = session.execute(writes.limit(_FEW + 1)).all()
    placed = select(Record.id, Stream.unit_id).join(Stream, Stream.id == Record.stream_id).where(*of_records)
    if len(pairs) <= _FEW:
        ids = {record_id for record_id, _ in pairs}
        units = dict(session.execute(placed.where(one_of(Record.id, ids))).all()) if ids else {}
        return [(record_id, officer_id, units[record_id]) for record_id, officer_id in pairs if record_id in units]
    every = writes.cte()
    query: Select[Any] = select(*every.c, Stream.unit_id).join(Record, Record.id == every.c.record_id)
    return session.execute(query.join(Stream, Stream.id == Record.stream_id).where(*of_records)).all()


def others_who_decide(session: Session, scope: Scope, unit_id: str, authors: Iterable[str]) -> list[Officer]:
    """A few people who may decide instead, the nearest first: reviewers and deputies of the units above."""
    chain = scope.chain(unit_id)[1:] or scope.chain(unit_id)
    held = (
        select(Officer, Membership.unit_id)
        .join(Membership, Membership.officer_id == Officer.id)
        .where(Membership.unit_id.in_(chain), Membership.role.in_([REVIEWER, COORDINATOR]))
        .where(Membership.ended_at.is_(None), Officer.disabled_at.is_(None), Officer.id.not_in(list(authors)))
        .order_by(Officer.created_at, Officer.id)
    )
    meanwhile = deputies.standing_in(REVIEWER, now_ms()).where(Absence.unit_id.in_(chain))
    deputy = meanwhile.with_only_columns(Officer, Absence.unit_id).join(Officer, Officer.id == Absence.deputy_id)
    found = [*session.execute(held), *session.execute(deputy.where(Officer.id.not_in(list(authors))))]
    rows = sorted(found, key=lambda row: chain.index(row.unit_id))
    return list({row.Officer.id: row.Officer for row in rows}.values())[:SHOWN]
