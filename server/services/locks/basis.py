"""The records behind the figures of a freeze: which writes and which decision each of them rested on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.models import Record, Stream
from server.services.locks.canonical import canonical, digest
from server.services.reports import ReportPhoto
from server.services.units.tree import subtree


def lines(session: Session, unit_id: str, campaign_id: str, photos: Iterable[ReportPhoto]) -> list[dict[str, Any]]:
    """Rows of `frozen_line` but for the freeze's id, in the order of the records' ids.

    Each `content` names the record's unit, kind and number, its bucket (`nil`: nothing to report), the position of
    its latest entry, the surviving writes, the decision in force, its amounts and values by figure, and its photos on
    the report's sheet with their places there.
    """
    shown: dict[str, list[dict[str, Any]]] = {}
    for place, photo in enumerate(photos):
        said = {"place": place, "key": photo.key, "caption": photo.caption, "blobs": list(photo.blobs)}
        shown.setdefault(photo.record_id, []).append(said)
    here = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    found = select(Record, Stream.unit_id).join(Stream, Stream.id == Record.stream_id).where(*here)
    in_figures = found.where(Record.bucket.is_not(None)).order_by(Record.id)
    return [
        _line(record, unit, shown.get(record.id, []))
        for record, unit in session.execute(in_figures.execution_options(populate_existing=True))
    ]


def _line(record: Record, unit: str, photos: list[dict[str, Any]]) -> dict[str, Any]:
    survivors: Mapping[str, Iterable[str]] = record.survivors
    content = canonical(
        {
            "salt": new_id(),
            "record": record.id,
            "unit": unit,
            "stream": record.stream_id,
            "kind": record.kind,
            "number": record.number,
            "bucket": record.bucket,
            "position": record.last_position,
            "writes": sorted({write for writes in survivors.values() for write in writes}),
            "decision": record.decision_id,
            "amounts": {code: amount for code, amount in record.amounts.items() if amount},
            "keys": record.keys or {},
            "photos": photos,
        }
    )
    return {"record_id": record.id, "sha256": digest(content), "content": content, "erased_at": None}
