"""Evidence in an annex: lists of displays that hang or hung, the log of broadcasts, photos; only what is counted.

Their values are those that the decision was made on (SPEC D-5), read from the decision itself. So a list of a freeze
needs nothing but the decisions that the freeze names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, zip_longest
from typing import Any, Final

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from server.models import Campaign, DecisionRow, Photo, PhotoRef, Record, Stream, Unit
from server.models.units import by_name
from server.services.faces import marks
from server.services.faces.marks import PhotoAnswer, PhotoName
from server.services.letters.citing import official_day
from server.services.photos.images import thumb_key
from server.services.records.projection import BUCKETS, COUNTED, is_activity
from server.services.records.stored import DOCUMENT
from server.services.records.streams import number_text
from server.services.reports import words
from server.services.reports.content import ACTIVITIES, Annex, ListColumn, ListTable, ReportPhoto
from server.services.reports.letterheads import within
from server.services.reports.words import LANG, dotted, padded
from server.services.units.tree import subtree
from sync.protocol import PHOTO_KEY_LENGTH, PHOTO_PREFIX
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


# Photos for the photo sheet: of counted records, chosen evenly over units and kinds.
MOST_PHOTOS = 60
"""Ten pages of six."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen photos; how many were chosen, of how many records; the number of counted records with a photo."""

    photos: tuple[ReportPhoto, ...]
    count: int
    records: int
    all_records: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A record that may give photos. Few columns: a country has a hundred thousand of them."""

    id: str
    kind: str
    number: int
    decision_id: str | None
    unit_id: str


def choose(session: Session, campaign: Campaign, unit_id: str, most: int) -> Chosen:
    """Choose at most `most` photos: first one of each record, unit by unit in turn, then more of the same records.

    Those that were kept out are passed over. One that nobody has answered for may be chosen: it is asked about then.
    """
    if not most:
        return Chosen((), 0, 0, 0)
    places = [Stream.campaign_id == campaign.id, Stream.unit_id.in_(subtree(session, [unit_id]))]
    counted = [*places, is_activity(), Record.bucket == COUNTED, _has_photo()]
    joined = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    all_records = int(session.scalar(joined.where(*counted)) or 0)
    deep = most + marks.most_marked(session, places)
    every = _in_turns(_candidates(session, counted, deep), _paths(session, unit_id))
    rule = marks.rule_of(session, campaign.id)
    said: dict[PhotoName, PhotoAnswer] = {}
    values: dict[str, dict[str, Value]] = {}
    turns: list[_Candidate] = []
    by_record: list[list[tuple[_Candidate, Mapping[str, Any]]]] = []
    for part in (every[start : start + most] for start in range(0, len(every), most)):
        values |= _counted_values(session, part)
        said |= marks.of(session, [each.id for each in part])
        for each in part:
            going = [photo for photo in _photos(values[each.id]) if _may_go(rule, said.get((each.id, _key(photo))))]
            if going and len(turns) < most:
                turns.append(each)
                by_record.append([(each, photo) for photo in going])
        if len(turns) == most:
            break
    if not turns:
        return Chosen((), 0, 0, all_records)
    held = _held(session, [each.id for each in turns])
    # Each round takes the next photo of every record, so that no record shows two before all show one.
    taken = list(chain.from_iterable(filter(None, turn) for turn in zip_longest(*by_record)))[:most]
    units = {
        unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_({each.unit_id for each in turns})))
    }
    order = {each.id: place for place, each in enumerate(_in_order(session, turns, units))}
    taken.sort(key=lambda pair: order[pair[0].id])
    found = tuple(
        ReportPhoto(
            record_id=each.id,
            key=_key(photo),
            caption=words.text("photo_caption", n=number, text=_caption(each, units[each.unit_id], values[each.id])),
            blobs=_blobs(photo, held[each.id]),
        )
        for number, (each, photo) in enumerate(taken, 1)
    )
    photos = answered(found, rule, said)
    return Chosen(photos, len(photos), len({photo.record_id for photo in photos}), all_records)


def _may_go(rule: str, said: PhotoAnswer | None) -> bool:
    it = said or marks.NOTHING
    return marks.going(rule, it) or marks.is_open(rule, it)


def answered(
    photos: Iterable[ReportPhoto], rule: str, said: Mapping[marks.PhotoName, marks.PhotoAnswer]
) -> tuple[ReportPhoto, ...]:
    """Return the photos with what was said of each, by their campaign's rule."""
    found = ((photo, said.get((photo.record_id, photo.key), marks.NOTHING)) for photo in photos)
    return tuple(
        replace(photo, parts=it.parts, goes=marks.going(rule, it), asks=marks.is_open(rule, it)) for photo, it in found
    )


def sheet_note(chosen: Chosen) -> str:
    """Return what stands above the sheet: how many of how many, without those that stay in the review."""
    kept = {photo.record_id for photo in chosen.photos if not photo.goes}
    shown = {photo.record_id for photo in chosen.photos if photo.goes}
    n = chosen.count - sum(not photo.goes for photo in chosen.photos)
    if n <= 0:
        return words.text("photos_stay" if chosen.count else "photos_none")
    records = chosen.records - len(kept - shown)
    return words.text("photos_some", n=padded(n), records=padded(records), all=padded(chosen.all_records))


def _key(photo: Mapping[str, Any]) -> str:
    return str(photo["sha256"])[:PHOTO_KEY_LENGTH]


def _has_photo() -> Any:
    """Condition: the bytes of its photo or of a thumbnail came."""
    return exists().where(PhotoRef.record_id == Record.id, PhotoRef.held, PhotoRef.role != DOCUMENT)


def _candidates(session: Session, counted: Sequence[Any], most: int) -> list[_Candidate]:
    """The latest counted records of each kind and unit, at most so many."""
    latest = (
        func.row_number()
        .over(partition_by=(Record.stream_id, Record.kind), order_by=(Record.created_at.desc(), Record.id))
        .label("latest")
    )
    ranked = select(Record.id, latest).join(Stream, Stream.id == Record.stream_id).where(*counted).subquery()
    query = (
        select(Record.id, Record.kind, Record.number, Record.decision_id, Stream.unit_id)
        .join(ranked, and_(ranked.c.id == Record.id, ranked.c.latest <= most))
        .join(Stream, Stream.id == Record.stream_id)
        .order_by(ranked.c.latest, Record.kind, Record.id)
    )
    return [_Candidate(*row) for row in session.execute(query)]


def _paths(session: Session, unit_id: str) -> dict[str, tuple[str, ...]]:
    """Each unit's path down from the unit of the report."""
    below = subtree(session, [unit_id])
    parents = dict(session.execute(select(Unit.id, Unit.parent_id).where(Unit.id.in_(below))).all())

    def path(id_: str) -> tuple[str, ...]:
        above = parents.get(id_)
        return (*(path(above) if id_ != unit_id and above in parents else ()), id_)

    return {id_: path(id_) for id_ in parents}


def _in_turns(found: Iterable[_Candidate], paths: Mapping[str, tuple[str, ...]]) -> list[_Candidate]:
    """Alternate between branches, within a branch between units, and within a unit between kinds."""

    def fair(group: Sequence[_Candidate], depth: int) -> list[_Candidate]:
        branches: dict[str, list[_Candidate]] = defaultdict(list)
        for each in group:
            path = paths[each.unit_id]
            branches[path[depth] if depth < len(path) else f"kind {each.kind}"].append(each)
        leaf = all(depth >= len(paths[each.unit_id]) for each in group)
        turns = branches.values() if leaf else (fair(branch, depth + 1) for branch in branches.values())
        return [each for turn in zip_longest(*turns) for each in turn if each is not None]

    return fair(list(found), 0)


def _in_order(session: Session, chosen: Sequence[_Candidate], units: Mapping[str, Unit]) -> list[_Candidate]:
    """Sort by what people look for: the unit above, the unit, the kind, the number."""
    above = {unit.parent_id for unit in units.values() if unit.parent_id}
    names = dict(session.execute(select(Unit.id, Unit.short_name).where(Unit.id.in_(above))).all())

    def order(each: _Candidate) -> tuple[Any, ...]:
        unit = units[each.unit_id]
        over = by_name(names.get(unit.parent_id or "", ""))
        return over, by_name(unit.short_name), unit.id, KINDS[each.kind].order, each.number

    return sorted(chosen, key=order)


def _counted_values(session: Session, records: Sequence[_Candidate]) -> dict[str, dict[str, Value]]:
    """The counted values of each record: those the decision was made on (SPEC D-5)."""
    rows = select(DecisionRow).where(DecisionRow.id.in_([record.decision_id for record in records]))
    sides = {row.record_id: agreed(row.sides) for row in session.scalars(rows)}
    return {record.id: sides.get(record.id, {}) for record in records}


def _photos(values: Mapping[str, Value]) -> list[Mapping[str, Any]]:
    return [
        value for name, value in sorted(values.items()) if name.startswith(PHOTO_PREFIX) and isinstance(value, dict)
    ]


def _held(session: Session, records: Sequence[str]) -> dict[str, set[str]]:
    """By record: the hashes whose bytes came from its stream and are photos."""
    query = select(PhotoRef.record_id, PhotoRef.sha256).join(Photo, Photo.sha256 == PhotoRef.sha256)
    found: dict[str, set[str]] = {record: set() for record in records}
    theirs = query.where(PhotoRef.record_id.in_(records), PhotoRef.held, Photo.state == "verified")
    for record, sha256 in session.execute(theirs):
        found[record].add(sha256)
    return found


def _blobs(photo: Mapping[str, Any], held: set[str]) -> tuple[str, ...]:
    """Blob keys, best first: the photo, our thumbnail of it, the phone's."""
    full, thumb = str(photo["sha256"]), str(photo["thumb_sha256"])
    own = (full, thumb_key(full)) if full in held else ()
    return (*own, *((thumb,) if thumb in held else ()))


def _caption(each: _Candidate, unit: Unit, values: Mapping[str, Value]) -> str:
    """What it shows, where, on which day, and the record's number."""
    kind = KINDS[each.kind]
    places = [values.get(field.name) for field in kind.fields if field.suggest == "hamlets"]
    days = [values.get(field.name) for field in kind.fields if field.type == "date" and field.required]
    said = [
        _what(kind, values),
        *(str(place) for place in places if place),
        within(unit.name),
        *(words.text("on_day", day=official_day(day)) for day in map(_as_day, days) if day),
    ]
    return f"{', '.join(said)} ({unit.short_name} {number_text(kind.name, each.number)})"


def _what(kind: Kind, values: Mapping[str, Value]) -> str:
    """The record's sort if its kind has sorts, else the kind: Áp phích, not Pa nô, áp phích."""
    for field in kind.fields:
        if field.type == "choice" and field.required:
            chosen = next((each["label"] for each in field.choices if each["value"] == values.get(field.name)), None)
            return str((chosen or kind.label)[LANG])
    return kind.label[LANG]


def _as_day(value: Value) -> date | None:
    return date.fromisoformat(str(value)) if is_date(value) else None
