"""Counts the figures a second time, from stored writes and decisions alone.

It reads the kinds' files itself and shares no rule with the product: field values, buckets of records and sums of
figures are computed here in the plainest way (SPEC S-1 to S-9, D-2 to D-5, F-3 to F-8, F-17).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from math import prod
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import DecisionRow, Record, Stream, TotalStep, Unit, WriteRow

SYNC = Path(__file__).parents[3] / "sync"
KINDS: dict[str, Any] = {
    kind["kind"]: kind for kind in (json.loads(path.read_text("utf-8")) for path in (SYNC / "kinds").glob("*.json"))
}
UNIT_FIGURES = {row["code"]: row["of"] for row in json.loads((SYNC / "unit_figures.json").read_text("utf-8"))}
LARGEST = 1_000_000_000


@dataclass
class Reported:
    """One unit's stream: its records by bucket as (kind, values), and the figures it reports nothing of."""

    records: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))
    nil: set[str] = field(default_factory=set)
    ends: bool = True
    """No unit is below it."""


@dataclass
class Cell:
    """One figure of some units. `number` is None if nobody reported an amount.

    `nil`: of those without units below, `units`, how many report that there is nothing (SPEC F-35).
    """

    number: int | None
    waiting: int | None
    nil: int
    units: int = 1

    @property
    def word(self) -> str:
        """What stands in the place of a number."""
        return "KPS" if self.nil >= self.units else "–"


def by_unit(session: Session, campaign: str) -> dict[str, Reported]:
    """The result of every unit that takes part."""
    streams = {row.id: row.unit_id for row in session.scalars(select(Stream).where(Stream.campaign_id == campaign))}
    writes, decisions = defaultdict(list), defaultdict(list)
    for write in session.scalars(select(WriteRow).order_by(WriteRow.position)):
        writes[write.record_id].append((write.id, dict(write.set), set(write.seen)))
    for decision in session.scalars(select(DecisionRow).order_by(DecisionRow.position)):
        decisions[decision.record_id].append((decision.verdict, decision.sides))
    above = set(session.scalars(select(Unit.parent_id).where(Unit.merged_at.is_(None))))
    found = {unit: Reported(ends=unit not in above) for unit in streams.values()}
    for record in session.scalars(select(Record).where(Record.stream_id.in_(streams))):
        here, alive = found[streams[record.stream_id]], survivors(writes[record.id])
        if record.kind == "plan":
            said = () if hidden(alive) else (name for name in alive if name.startswith("nil/"))
            here.nil |= {name[4:] for name in said if any(value is True for _, value, _ in alive[name])}
            continue
        placed = place(alive, decisions[record.id][-1:])
        if placed:
            here.records[placed[0]].append((record.kind, placed[1]))
    return found


@dataclass
class Stated:
    """What a unit, or the level above, last said of a figure beside its records."""

    unit: str
    figure: str
    amount: int
    on_top_of: int | None


def stated(session: Session, campaign: str) -> list[Stated]:
    """The last step of each total that was not withdrawn."""
    rows = session.execute(
        select(TotalStep, Stream.unit_id)
        .join(Stream, Stream.id == TotalStep.stream_id)
        .where(Stream.campaign_id == campaign)
        .order_by(TotalStep.number)
    )
    last = {(unit, step.figure): step for step, unit in rows}
    return [
        Stated(unit, figure, step.amount, step.base if step.reach == "besides" else None)
        for (unit, figure), step in last.items()
        if step.act != "withdraw"
    ]


def unsupported(reported: dict[str, Reported], said: Stated, figure: str) -> int:
    """The part that the unit's records, counted or waiting, have not replaced."""
    if said.figure != figure:
        return 0
    shown = total([reported[said.unit]], figure, ("counted", "waiting")) if said.unit in reported else 0
    if said.on_top_of is None:
        return max(0, said.amount - shown)
    return max(0, said.amount - max(0, shown - said.on_top_of))


def below(session: Session, top: str) -> list[str]:
    """The unit and all below it."""
    children = session.scalars(select(Unit.id).where(Unit.parent_id == top)).all()
    return [top, *(id_ for child in children for id_ in below(session, child))]


def survivors(writes: list[tuple[str, dict[str, Any], set[str]]]) -> dict[str, list[tuple[str, Any, set[str]]]]:
    """For each field, its writes that no other write of the field has seen."""
    found: dict[str, list[tuple[str, Any, set[str]]]] = {}
    for name in {name for _, values, _ in writes for name in values}:
        of_it = [(id_, values[name], seen) for id_, values, seen in writes if name in values]
        found[name] = [one for one in of_it if not any(one[0] in seen for id_, _, seen in of_it if id_ != one[0])]
    return found


def hidden(alive: dict[str, list[tuple[str, Any, set[str]]]]) -> bool:
    deletes = alive.get("deleted", [])
    if not deletes or any(value is not True for _, value, _ in deletes):
        return False
    seen = {id_ for own, _, known in deletes for id_ in (*known, own)}
    return all(id_ in seen for name, those in alive.items() if name != "deleted" for id_, _, _ in those)


def place(
    alive: dict[str, list[tuple[str, Any, set[str]]]], last: list[tuple[str, dict[str, Any]]]
) -> tuple[str, dict[str, Any]] | None:
    """The bucket, and the values without conflict."""
    verdict, basis = last[0] if last else ("", {})
    if verdict == "purged":
        return None
    sides = {
        name: [json.loads(text) for text in sorted({_text(value) for _, value, _ in those})]
        for name, those in alive.items()
    }
    sides = {name: values for name, values in sides.items() if values not in ([], [None])}
    if verdict == "counted":
        return "counted", _agreed(basis)
    if hidden(alive) or not any(value is True for _, value, _ in alive.get("submitted", [])):
        return None
    if verdict in ("", "withdrawn") or _text(sides) != _text(basis):
        return "waiting", _agreed(sides)
    return ("returned", _agreed(sides)) if verdict == "returned" else None


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _agreed(sides: dict[str, Any]) -> dict[str, Any]:
    return {name: values[0] for name, values in sides.items() if len(values) == 1}


def cell(units: Iterable[Reported], code: str, *, with_waiting: bool = False) -> Cell:
    """One figure of these units together; what waits is included in the number, or apart, as what it adds to it."""
    those = list(units)
    base = UNIT_FIGURES.get(code, code)
    reports = any(says(base, *record) for unit in those for found in unit.records.values() for record in found)
    ends = [unit for unit in those if unit.ends] or those
    nil = sum(base in unit.nil for unit in ends)
    waits = any(adds(code, *record) for unit in those for record in unit.records["waiting"])
    counted = any(adds(code, *record) for unit in those for record in unit.records["counted"])
    if not reports or (nil >= len(ends) and not waits and not counted):
        return Cell(None, None, nil, len(ends))
    number, whole = total(those, code, ("counted",)), total(those, code, ("counted", "waiting"))
    return Cell(whole, None, nil, len(ends)) if with_waiting else Cell(number, whole - number or None, nil, len(ends))


def says(code: str, kind: str, values: dict[str, Any]) -> bool:
    """Whether a record has an answer to the figure, if only 0: each term that is multiplied was given (SPEC F-33)."""
    return any(_answers(entry, values) for entry in KINDS[kind]["figures"] if entry["code"] == code)


def _answers(entry: Any, values: dict[str, Any]) -> bool:
    terms, where = _terms(entry), entry.get("where", {})
    if not terms and "distinct" not in entry:
        no = [name for name, wanted in where.items() if wanted is True and values.get(name) is False]
        where = {name: wanted for name, wanted in where.items() if name not in no}
    if not all(_is(values.get(name), wanted) for name, wanted in where.items()):
        return False
    return _key(entry, values) != "" if "distinct" in entry else all(_filled(term, values) for term in terms)


def _filled(term: list[tuple[str, int]], values: dict[str, Any]) -> bool:
    for path, _ in term:
        if "*" in path or values.get(path.split(".")[0]) is not None:
            return _given(path, values)
    return False


def _given(path: str, values: dict[str, Any]) -> bool:
    name, _, part = path.partition(".")
    if part == "*":
        return any(_is_amount(values[each]) for each in values if each.startswith(f"{name}/"))
    value = values.get(name)
    if not part:
        return _is_amount(value)
    return isinstance(value, dict) and (_term(path, values) > 0 if part == "days" else _is_amount(value.get(part)))


def _is_amount(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST


def total(units: list[Reported], code: str, buckets: tuple[str, ...]) -> int:
    """A sum; or the number of different values, or of units."""
    records = [(unit, *record) for unit in units for bucket in buckets for record in unit.records[bucket]]
    if code in UNIT_FIGURES:
        return len({id(unit) for unit, kind, values in records if adds(code, kind, values)})
    different = {key for _, kind, values in records for key in _keys(code, kind, values)}
    return len(different) if different else sum(adds(code, kind, values) for _, kind, values in records)


def adds(code: str, kind: str, values: dict[str, Any]) -> int:
    """What one record adds, in units of the last digit behind the comma."""
    base = UNIT_FIGURES.get(code, code)
    amount = 0
    for entry in _entries(base, kind, values):
        product = prod(_measured(term, values) for term in _terms(entry))
        most = LARGEST * int("1" + "0" * entry.get("scale", 0))
        amount += len(_key(entry, values)) and 1 if "distinct" in entry else product if 0 <= product <= most else 0
    return amount


def _terms(entry: Any) -> list[list[tuple[str, int]]]:
    """Each term as fields with factors, of which the first that is filled in counts."""
    if "terms" in entry:
        return [list(term.items()) for term in entry["terms"]]
    return [[(path, 1)] for path in entry.get("product", [])]


def _measured(term: list[tuple[str, int]], values: dict[str, Any]) -> int:
    filled = [
        (path, by) for path, by in term if "/" in path or "*" in path or values.get(path.split(".")[0]) is not None
    ]
    return _term(filled[0][0], values) * filled[0][1] if filled else 0


def _entries(code: str, kind: str, values: dict[str, Any]) -> list[Any]:
    entries = [entry for entry in KINDS[kind]["figures"] if entry["code"] == code]
    return [entry for entry in entries if all(_is(values.get(n), w) for n, w in entry.get("where", {}).items())]


def _is(value: Any, wanted: Any) -> bool:
    return any(_text(value) == _text(one) for one in (wanted if isinstance(wanted, list) else [wanted]))


def _keys(code: str, kind: str, values: dict[str, Any]) -> set[str]:
    entries = [entry for entry in _entries(code, kind, values) if "distinct" in entry]
    return {key for entry in entries if (key := _key(entry, values))}


def _key(entry: Any, values: dict[str, Any]) -> str:
    texts = [values.get(name) for name in entry["distinct"]]
    return next((str(text).casefold() for text in texts if text), "")


def _term(path: str, values: dict[str, Any]) -> int:
    name, _, part = path.partition(".")
    if part == "*":
        return sum(_whole(values[each]) for each in values if each.startswith(f"{name}/"))
    value = values.get(name)
    if part and isinstance(value, dict):
        if part != "days":
            return _whole(value.get(part))
        first, last = date.fromisoformat(value["from"]), date.fromisoformat(value["to"])
        return max(0, (last - first).days + 1)
    return _whole(value)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST else 0
