"""Hints as they are stored, for pages and for whoever leaves out what is to be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Census, Hint, Record, RecordListing, Stream, Unit
from server.services.hints.rules import GRADES, LOOK, RULES
from server.services.records.streams import number_text
from server.services.units.scope import Scope

ANY = "any"
"""Filter of a list: records with any hint. Beside it LOOK, and the name of each rule."""
FILTERS = (LOOK, ANY, *RULES)


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """Another record that a hint is about. `id` is empty if the reader may not see it. `pair`: keys of two photos."""

    id: str
    title: str
    pair: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldHint:
    """A hint on a record, with the records it names."""

    rule: str
    grade: str
    hits: int
    detail: dict[str, Any]
    others: list[NamedRecord]


def matching(wanted: str, rows: type[Record | RecordListing] = Record) -> ColumnElement[bool]:
    """Condition on Record, or on its row of lists: it has a hint that the filter names (FILTERS)."""
    if wanted == LOOK:  # also where it is negated: null is not equal to anything, nor unequal
        return and_(rows.hint.is_not(None), rows.hint == LOOK)
    if wanted == ANY:
        return rows.hint.is_not(None)
    id_ = Record.id if rows is Record else RecordListing.record_id
    here = (Hint.stream_id == rows.stream_id, Hint.rule == wanted)  # so that the index of streams and rules serves, too
    return select(Hint.record_id).where(Hint.record_id == id_, *here).exists()


def hit_in(rule: str, stream_ids: Collection[str]) -> ColumnElement[bool]:
    """Condition on Record: the rule hits it, in one of these streams, which are few: their hits are read first.

    Read in the same step, PostgreSQL takes records and hits for independent, expects next to none of both, and looks
    each record up among the hits.
    """
    hits = select(Hint.record_id).where(Hint.rule == rule, one_of(Hint.stream_id, stream_ids)).cte("hits")
    return Record.id.in_(select(hits.prefix_with("MATERIALIZED", dialect="postgresql").c.record_id))


def counted(wanted: str) -> ColumnElement[bool] | None:
    """Condition on Census that `matching` is on records; None for a filter that the kept counts do not know."""
    if wanted == LOOK:
        return Census.hint == LOOK
    return Census.hint != "" if wanted == ANY else None


def hits_up_to(session: Session, rule: str, stream_ids: Collection[str], most: int) -> Counter[str]:
    """Number of records that the rule hits, by stream; `most` + 1 altogether if they are more than `most`."""
    some = (
        select(Hint.stream_id).where(one_of(Hint.stream_id, stream_ids), Hint.rule == rule).limit(most + 1).subquery()
    )
    rows = session.execute(select(some.c.stream_id, func.count()).group_by(some.c.stream_id))
    return Counter({stream: int(count) for stream, count in rows})


def of_record(session: Session, scope: Scope, record_id: str) -> list[ToldHint]:
    """Return the hints of a record that the reader may see, the worst first."""
    rows = list(session.scalars(select(Hint).where(Hint.record_id == record_id)))
    order = list(RULES)
    rows.sort(key=lambda row: (GRADES.index(row.grade), order.index(row.rule) if row.rule in order else len(order)))
    named = {id_ for row in rows for id_ in row.detail.get("others", ())}
    seen = titles(session, scope, named)
    found = []
    for row in rows:
        pairs = row.detail.get("pairs", {})
        others = [
            NamedRecord(id_ if id_ in seen else "", seen.get(id_, ""), tuple(pairs.get(id_, ())))
            for id_ in row.detail.get("others", ())
        ]
        found.append(
            ToldHint(
                row.rule,
                row.grade,
                row.hits,
                dict(row.detail),
                sorted(others, key=lambda each: (not each.id, each.title)),
            )
        )
    return found


def pair_of(session: Session, record_id: str, other_id: str) -> tuple[str, ...]:
    """Return the keys of the two photos that look alike, the first record's first; empty if none are known."""
    rows = select(Hint.detail).where(Hint.record_id == record_id, Hint.rule.in_(("photo_same", "photo_texture")))
    pairs = (detail.get("pairs", {}).get(other_id) for detail in session.scalars(rows))
    return next((tuple(pair) for pair in pairs if pair), ())


def in_unit(session: Session, stream_id: str) -> dict[str, int]:
    """Return how many records of this stream each rule hits."""
    counted = select(Hint.rule, func.count()).where(Hint.stream_id == stream_id).group_by(Hint.rule)
    return {rule: int(count) for rule, count in session.execute(counted)}


def titles(session: Session, scope: Scope, ids: Collection[str]) -> dict[str, str]:
    """Return the titles of those of these records that the reader may see."""
    rows = select(Record, Unit).join(Stream, Stream.id == Record.stream_id).join(Unit, Unit.id == Stream.unit_id)
    return {
        record.id: f"{unit.short_name} {number_text(record.kind, record.number)}"
        for record, unit in session.execute(rows.where(one_of(Record.id, ids)))
        if scope.may_see(unit.id)
    }
