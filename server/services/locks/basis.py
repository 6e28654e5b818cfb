"""The records behind the figures of a freeze: which writes and which decision each of them rested on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.core.canonical import canonical, digest
from server.core.clock import new_id
from server.models import DecisionRow, FreezeLine, Record, Stream
from server.services.records.projection import BUCKETS
from server.services.reports import ReportPhoto
from server.services.units.tree import subtree

AT_ONCE: Final = 1_000
"""Rows read at a time: a province has hundreds of thousands."""
_COLUMNS: Final = (
    Record.id,
    Record.stream_id,
    Record.kind,
    Record.number,
    Record.bucket,
    Record.last_position,
    Record.survivors,
    Record.decision_id,
    Record.amounts,
    Record.keys,
    Stream.unit_id,
    DecisionRow.basis,
)


def lines(session: Session, unit_id: str, campaign_id: str, photos: Iterable[ReportPhoto]) -> list[dict[str, Any]]:
    """Rows of `frozen_line` but for the freeze's id, in the order of the records' ids.

    Each `content` names the record's unit, kind and number, its bucket (`nil`: nothing to report), the position of
    its latest entry, the decision in force, its amounts and values by figure, and its photos on the report's sheet with
    their places there. `writes`: those that its amounts come from. A counted record's are the ones that the reviewer
    saw (SPEC D-5), others may survive by now; else those that survive.
    """
    shown = _shown(photos)
    here = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    found = select(*_COLUMNS).join(Stream, Stream.id == Record.stream_id).where(*here)
    decided = found.outerjoin(DecisionRow, DecisionRow.id == Record.decision_id)
    in_figures = decided.where(Record.bucket.is_not(None)).order_by(Record.id)
    rows = session.execute(in_figures.execution_options(yield_per=AT_ONCE))
    return [_line(record, shown.get(record.id, [])) for record in rows]


def lines_of(session: Session, freeze_id: str, units: Collection[str]) -> list[dict[str, Any]]:
    """Return the lines of a freeze of these units' records, each with its bucket; empty for an erased one."""
    query = select(FreezeLine, Stream.unit_id).join(Record, Record.id == FreezeLine.record_id)
    rows = query.join(Stream, Stream.id == Record.stream_id).where(FreezeLine.freeze_id == freeze_id)
    found = []
    for line, unit in session.execute(rows.order_by(FreezeLine.record_id).execution_options(yield_per=AT_ONCE)):
        said = json.loads(line.content) if line.content else {}
        if said.get("unit", unit) in units:
            row = {"record_id": line.record_id, "sha256": line.sha256, "content": line.content}
            found.append(row | {"erased_at": line.erased_at, "bucket": said.get("bucket", "")})
    return found


def again(kept: Iterable[Mapping[str, Any]], photos: Iterable[ReportPhoto]) -> list[dict[str, Any]]:
    """Return the rows of another freeze with these lines, with its own photos. What was erased stays erased."""
    shown = _shown(photos)
    made = []
    for each in kept:
        row = {name: value for name, value in each.items() if name != "bucket"}
        if row["content"]:
            said = json.loads(row["content"]) | {"salt": new_id(), "photos": shown.get(row["record_id"], [])}
            row["content"] = canonical(said)
            row["sha256"] = digest(row["content"])
        made.append(row)
    return made


def _shown(photos: Iterable[ReportPhoto]) -> dict[str, list[dict[str, Any]]]:
    """By record: its photos with their places on the sheet."""
    found: dict[str, list[dict[str, Any]]] = {}
    for place, photo in enumerate(photos):
        said = {"place": place, "key": photo.key, "caption": photo.caption, "blobs": list(photo.blobs)}
        found.setdefault(photo.record_id, []).append(said)
    return found


def _line(record: Row[Any], photos: list[dict[str, Any]]) -> dict[str, Any]:
    counted = record.bucket == BUCKETS[0]
    behind: Mapping[str, Iterable[str]] = record.basis if counted else record.survivors
    content = canonical(
        {
            "salt": new_id(),
            "record": record.id,
            "unit": record.unit_id,
            "stream": record.stream_id,
            "kind": record.kind,
            "number": record.number,
            "bucket": record.bucket,
            "position": record.last_position,
            "writes": sorted({write for writes in behind.values() for write in writes}),
            "decision": record.decision_id,
            "amounts": {code: amount for code, amount in record.amounts.items() if amount},
            "keys": record.keys or {},
            "photos": photos,
        }
    )
    return {"record_id": record.id, "sha256": digest(content), "content": content, "erased_at": None}
