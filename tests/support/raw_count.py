"""Figures counted from the raw writes and the kinds' files: a second opinion that shares no rule with the product."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from math import prod
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import DecisionRow, Record, Stream, Unit, WriteRow

KINDS = {
    kind["kind"]: kind
    for kind in (
        json.loads(path.read_text("utf-8")) for path in (Path(__file__).parents[2] / "sync" / "kinds").glob("*.json")
    )
}


def counted_values(session: Session, campaign: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(unit, kind, values) of each record whose latest decision counts it, with the values it was made on."""
    latest: dict[str, DecisionRow] = {}
    for decision in session.scalars(select(DecisionRow).order_by(DecisionRow.position)):
        latest[decision.record_id] = decision
    writes = {row.id: row for row in session.scalars(select(WriteRow))}
    query = select(Record, Stream.unit_id).join(Stream, Stream.id == Record.stream_id)
    for record, unit in session.execute(query.where(Stream.campaign_id == campaign)):
        last = latest.get(record.id)
        if last is None or last.verdict != "counted":
            continue
        values = {}
        for name, ids in last.basis.items():
            told = {json.dumps(writes[id_].set[name], sort_keys=True) for id_ in ids}
            if len(told) == 1:
                values[name] = json.loads(told.pop())
        yield unit, record.kind, values


def count(session: Session, campaign: str, top: str) -> dict[str, int]:
    """Each figure of a unit and all below it."""
    units = set(below(session, top))
    sums: dict[str, int] = defaultdict(int)
    different: dict[str, set[str]] = defaultdict(set)
    for unit, kind, values in counted_values(session, campaign):
        if unit not in units:
            continue
        for figure in KINDS[kind]["figures"]:
            if not _meant(figure.get("where", {}), values):
                continue
            if figure.get("distinct"):
                key = next((values[name] for name in figure["distinct"] if values.get(name)), None)
                if key:
                    different[figure["code"]].add(str(key).casefold())
            else:
                sums[figure["code"]] += prod(_term(path, values) for path in figure.get("product", []))
    return {**sums, **{code: len(found) for code, found in different.items()}}


def below(session: Session, top: str) -> list[str]:
    """The unit and all below it."""
    children = session.scalars(select(Unit.id).where(Unit.parent_id == top)).all()
    return [top, *(id_ for child in children for id_ in below(session, child))]


def _meant(where: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    for name, wanted in where.items():
        choices = wanted if isinstance(wanted, list) else [wanted]
        if not any(type(values.get(name)) is type(each) and values.get(name) == each for each in choices):
            return False
    return True


def _term(path: str, values: Mapping[str, Any]) -> int:
    if path.endswith(".*"):
        return sum(int(value) for name, value in values.items() if name.startswith(f"{path[:-2]}/"))
    name, _, part = path.partition(".")
    value = values.get(name)
    if part == "days" and value:
        return (date.fromisoformat(value["to"]) - date.fromisoformat(value["from"])).days + 1
    return int((value or {}).get(part, 0) if part else value or 0)
