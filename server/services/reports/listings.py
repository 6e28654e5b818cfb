"""Lists in an annex: displays that hang or hung, and the log of broadcasts; only what is counted.

Their values are those that the decision was made on (SPEC D-5), read from the decision itself. So a list of a freeze
needs nothing but the decisions that the freeze names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from server.models import Campaign, DecisionRow, Record, Stream, Unit
from server.services.records.projection import BUCKETS
from server.services.records.streams import number_text
from server.services.reports import words
from server.services.reports.content import ACTIVITIES, Annex, ListColumn, ListTable
from server.services.reports.words import LANG, dotted, official_day, padded
from server.services.units.tree import subtree
from sync.record import agreed
from sync.registry import KINDS, Kind
from sync.values import Value, is_date

MOST_LISTED: Final = 500
"""Most lines of a list in Word: about 25 pages. A province with 30,000 displays has them in Excel."""
DISPLAYS: Final = ("banner", "panel")
BROADCASTS: Final = ("broadcast",)
LISTED: Final = (*DISPLAYS, *BROADCASTS)
_AT_ONCE: Final = 500
_DISPLAY_COLUMNS: Final = (
    *(("index", 12), ("unit", 44), ("number", 20), ("kind", 26), ("text", 60), ("quantity", 16)),
    *(("place", 32), ("from", 24), ("to", 24)),
)
_BROADCAST_COLUMNS: Final = (
    *(("index", 12), ("unit", 40), ("number", 20), ("station", 38), ("script", 50), ("programme", 28)),
    *(("days", 25), ("times", 15), ("minutes", 15), ("clusters", 14)),
)
_NUMBERS: Final = ("quantity", "times", "minutes", "clusters")


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A counted record with what the list needs of it. `amounts`: what it adds, by figure."""

    unit: str
    kind: str
    number: int
    decision_id: str
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Lists:
    """Lines of both lists, and how many there are in all. `erased_…`: how many a purge removed from a freeze's list."""

    displays: tuple[tuple[str, ...], ...]
    broadcasts: tuple[tuple[str, ...], ...]
    all_displays: int
    all_broadcasts: int
    erased_displays: int = 0
    erased_broadcasts: int = 0


def present(session: Session, campaign: Campaign, unit_id: str, most: int) -> Lists:
    """Return the lists of what is counted now, unit by unit; at most `most` lines each. With 0 nothing is read."""
    if not most:
        return Lists((), (), 0, 0)
    slogans = slogan_texts(campaign.slogans)
    found: list[tuple[tuple[str, ...], ...]] = []
    counts: list[int] = []
    for kinds in (DISPLAYS, BROADCASTS):
        records, count = _counted(session, campaign.id, unit_id, kinds, most)
        found.append(tuple(lines(session, records, slogans)))
        counts.append(count)
    return Lists(found[0], found[1], counts[0], counts[1])


def _counted(
    session: Session, campaign_id: str, unit_id: str, kinds: Sequence[str], most: int
) -> tuple[list[ListedRecord], int]:
    above = aliased(Unit)
    here = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    counted = Record.bucket == BUCKETS[0], Record.kind.in_(kinds)
    joined = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    count = session.scalar(joined.where(*here, *counted)) or 0
    rows = select(Unit.name, Record.kind, Record.number, Record.decision_id, Record.amounts)
    rows = rows.join_from(Record, Stream, Stream.id == Record.stream_id).join(Unit, Unit.id == Stream.unit_id)
    rows = rows.outerjoin(above, above.id == Unit.parent_id).where(*here, *counted)
    order = (above.sort_key, Unit.sort_key, Unit.id, Record.kind, Record.number)
    found = session.execute(rows.order_by(*order).limit(most))
    return [ListedRecord(*row) for row in found], count


def slogan_texts(slogans: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the texts of a campaign's slogans by their ids."""
    return {str(each["id"]): str(each["text"]) for each in slogans}


def lines(session: Session, records: Sequence[ListedRecord], slogans: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield a line for each record, in their order."""
    for start in range(0, len(records), _AT_ONCE):
        part = records[start : start + _AT_ONCE]
        rows = select(DecisionRow.id, DecisionRow.sides).where(DecisionRow.id.in_([each.decision_id for each in part]))
        values = {id_: agreed(sides) for id_, sides in session.execute(rows)}
        for place, each in enumerate(part, start + 1):
            yield (str(place), *_cells(each, values.get(each.decision_id, {}), slogans))


def _cells(each: ListedRecord, values: Mapping[str, Value], slogans: Mapping[str, str]) -> tuple[str, ...]:
    kind = KINDS[each.kind]
    head = (each.unit, number_text(kind.name, each.number))
    if each.kind in BROADCASTS:
        return (*head, *_broadcast(each, kind, values))
    said = _text(values.get("slogan"))
    what = (_chosen(kind, "form", values) or kind.label[LANG], slogans.get(said, said))
    days = (_day(values.get("put_up_on")), _day(values.get("taken_down_on")))
    return (*head, *what, _number(values.get("quantity")), _text(values.get("hamlet")), *days)


def _broadcast(each: ListedRecord, kind: Kind, values: Mapping[str, Value]) -> tuple[str, ...]:
    schedule = values.get("schedule")
    span = schedule if isinstance(schedule, dict) else {}
    days = words.text("days_between", first=_day(span.get("from")), last=_day(span.get("to"))) if span else ""
    times = each.amounts.get("airings", 0) + each.amounts.get("airings_relay", 0)
    minutes = each.amounts.get("minutes", 0)
    return (
        _text(values.get("station")),
        _text(values.get("script")),
        _chosen(kind, "programme", values),
        days,
        dotted(times),
        dotted(minutes) if minutes else "",
        _number(values.get("clusters")),
    )


def _chosen(kind: Kind, name: str, values: Mapping[str, Value]) -> str:
    field = kind.field(name)
    found = (each["label"] for each in (field.choices if field else ()) if each["value"] == values.get(name))
    label = next(found, None)
    return str(label[LANG]) if label else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> str:
    return dotted(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _day(value: Any) -> str:
    return official_day(date.fromisoformat(str(value))) if is_date(value) else ""


def titles(unit: str) -> frozenset[str]:
    """Return the titles of both annexes. `unit`: its name as a sentence has it."""
    return frozenset(words.text(title, unit=unit) for title in ("annex_displays", "annex_broadcasts"))


def annexes(found: Lists, unit: str, attached: str) -> list[Annex]:
    """Return an annex for each list that has lines, or had before a purge."""
    each = (
        ("annex_displays", _DISPLAY_COLUMNS, found.displays, found.all_displays, found.erased_displays),
        ("annex_broadcasts", _BROADCAST_COLUMNS, found.broadcasts, found.all_broadcasts, found.erased_broadcasts),
    )
    made = []
    for title, columns, rows, count, erased in each:
        if rows or erased:
            table = ListTable("", tuple(_column(key, width) for key, width in columns), rows)
            notes = _notes(len(rows), count) if rows else ()
            notes += (words.text("listed_erased", n=padded(erased)),) if erased else ()
            lists = (table,) if rows else ()
            made.append(Annex("", words.text(title, unit=unit), attached, lists=lists, notes=notes, code=ACTIVITIES))
    return made


def _column(key: str, width: int) -> ListColumn:
    return ListColumn(words.text("table_index" if key == "index" else f"list_{key}"), width, key in _NUMBERS)


def _notes(shown: int, count: int) -> tuple[str, ...]:
    key = "listed_all" if shown == count else "listed_some"
    return (words.text(key, n=dotted(shown), all=dotted(count)),)
