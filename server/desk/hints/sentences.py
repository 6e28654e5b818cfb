"""The hints of a record as sentences, each with what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from server.desk.formats import day
from server.desk.numerals import number
from server.desk.showing import field_label
from server.desk.words import t
from server.models import Officer, Record
from server.services.hints import reading
from server.services.hints.reading import NamedRecord
from server.services.units.scope import Scope
from sync.amount import Amount
from sync.registry import KINDS

SHOWN: Final = 4
"""Most records that are named at one hint."""
_HOUR, _DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class HintLine:
    """A hint as shown. `alike`: records of the unit that the same rule hits, this one among them.

    `others`: records to open; `hidden`: how many there are outside the reader's scope or beyond those named.
    """

    rule: str
    grade: str
    text: str
    others: list[NamedRecord]
    hidden: int
    alike: int


def lines(session: Session, scope: Scope, record: Record) -> list[HintLine]:
    """Return the hints of a record, the worst first."""
    told = reading.of_record(session, scope, record.id)
    counts = reading.in_unit(session, record.stream_id) if told else {}
    found = []
    for each in told:
        named = [other for other in each.others if other.id][:SHOWN]
        hidden = each.hits - len(named) if each.others else 0
        text = t(f"hint_says.{each.rule}", **_values(session, record, each.hits, each.detail))
        found.append(HintLine(each.rule, each.grade, text, named, hidden, counts.get(each.rule, 0)))
    return found


def _values(session: Session, record: Record, hits: int, detail: dict[str, Any]) -> dict[str, Any]:
    """Return what the sentence is filled in with; `t` formats the numbers."""
    values: dict[str, Any] = {name: value for name, value in detail.items() if isinstance(value, int)}
    values["hits"] = hits
    if "field" in detail:
        kind = KINDS.get(record.kind)
        values["field"] = field_label(kind, str(detail["field"]))
        measured = kind.field(str(detail["field"])) if kind else None
        for name in ("value", "least", "most", "middle") if measured else ():
            if name in values and measured:
                values[name] = Amount(values[name], measured.scale)
    if "day" in detail:
        values["day"] = day(str(detail["day"]))
    if "officer" in detail:
        officer = session.get(Officer, str(detail["officer"]))
        values["officer"] = officer.name if officer else t("value.none")
    if "minutes" in values:
        values["span"] = _span(values["minutes"])
    if "metres" in values:
        values["km"] = number(max(1, round(values["metres"] / 1000)))
    return values


def _span(minutes: int) -> str:
    """Return a time in the unit that says most: 90 phút, 5 giờ, 12 ngày."""
    if minutes < 2 * _HOUR:
        return t("span.minutes", count=minutes)
    return t("span.hours", count=minutes // _HOUR) if minutes < 2 * _DAY else t("span.days", count=minutes // _DAY)
