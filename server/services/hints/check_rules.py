"""What the checks of the kinds find (`sync/checks.py`): hints of records, and what a form of the desk asks.

Phones run the same checks before they save.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.models import Campaign, Record, Stream, Unit, WriteRow
from server.services.hints.facts import StreamFacts
from server.services.hints.found import FoundHint, others
from server.services.hints.photo_rules import Homes, beside
from server.services.hints.stream_rules import metres
from server.services.records.stored import as_write, writes_of
from sync import checks
from sync.checks import Around, CheckedRecord, CheckFinding
from sync.record import State, agreed
from sync.registry import Kind
from sync.values import Value

MORE: Final = 3
"""Most further findings of one rule that a hint says."""
APART_M: Final = 100
"""Fixes that are further apart are of two places."""
MOST_BESIDE: Final = 500
"""Most records that a form is compared with, the newest: it is looked at while it is saved. Hints compare with all."""


def look(stream: StreamFacts, photos: Homes) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream. `photos`: the records that show each photo."""
    around = Around(stream.starts_on.isoformat(), stream.ends_on.isoformat(), photos)
    places = {each.id: each.place for each in stream.records}
    found: dict[tuple[str, str], list[CheckFinding]] = {}
    for records in stream.by_kind():
        entries = [CheckedRecord(each.id, each.values, each.writers, each.said_on) for each in records]
        for one in checks.look(records[0].kind, entries, around):
            kept = _at_one_place(one, places) if one.check.type == "repeated_by_others" else one
            if kept is not None:
                found.setdefault((kept.record, kept.check.rule), []).append(kept)
    for (record, rule), findings in found.items():
        first, *more = findings
        detail = detail_of(first)
        if more:
            detail["more"] = [detail_of(one) for one in more[:MORE]]
        if first.others:
            detail |= beside(first.pairs) if first.pairs else others(first.others)
        yield FoundHint(record, rule, sum(one.hits for one in findings), detail)


def _at_one_place(one: CheckFinding, places: Mapping[str, Mapping[str, int] | None]) -> CheckFinding | None:
    """Return the finding without records whose fix is of another place; None if none is left.

    Two officers hang the same slogan in one hamlet on one day, each at another corner.
    """
    own = places[one.record]
    near = tuple(
        other for other in one.others if own is None or (at := places[other]) is None or metres(own, at) <= APART_M
    )
    return replace(one, hits=len(near), others=near) if near else None


def detail_of(one: CheckFinding) -> dict[str, Any]:
    """Return what the sentence of a finding names."""
    return {"check": one.check.id, "keys": list(one.keys), "hits": one.hits, **one.detail}


def in_form(
    session: Session,
    campaign: Campaign,
    unit: Unit,
    kind: Kind,
    record_id: str,
    values: Mapping[str, Value],
    writer: str,
) -> list[CheckFinding]:
    """Return what the checks find in a record as it would be saved today (SPEC F-27), of what a form asks about (F-28).

    A form has no photos: those have a page of their own.
    """
    theirs = select(WriteRow.officer_id).where(WriteRow.record_id == record_id, WriteRow.chosen.is_(False))
    by = frozenset(session.scalars(theirs)) | {writer}
    entry = CheckedRecord(record_id, values, by, {"": today().isoformat()})
    around = Around(campaign.starts_on.isoformat(), campaign.ends_on.isoformat())
    found = checks.look(kind, [entry, *_beside(session, campaign, unit, kind, record_id)], around)
    return [one for one in found if one.record == record_id and one.check.asks]


def _beside(session: Session, campaign: Campaign, unit: Unit, kind: Kind, record_id: str) -> Iterator[CheckedRecord]:
    listed = select(Record.id).join(Stream, Stream.id == Record.stream_id)
    listed = listed.where(Stream.unit_id == unit.id, Stream.campaign_id == campaign.id, Record.kind == kind.name)
    listed = listed.where(Record.state.not_in(("draft", "deleted")), Record.id != record_id)
    newest = session.scalars(listed.order_by(Record.created_at.desc(), Record.id).limit(MOST_BESIDE))
    for id_, written in writes_of(session, list(newest)).items():
        state = State.of(as_write(row) for row in written)
        by = frozenset(row.officer_id for row in written if not row.chosen)
        yield CheckedRecord(id_, agreed(state.all_sides), by)
