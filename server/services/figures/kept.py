"""Sums of figures that are kept, so that a country's are not added up anew for each page; exact all the same.

Kept are the sums of each unit, with what it took over, and of each part of the tree; and of each stream the state in
which it was added up (`mark`), with its records that wait or are in a figure, for the board. Whoever reads takes the
sums of the parts, less those of units a stream of which has another state now, and adds up these units anew. So nobody
who writes knows of it, and no push waits for another: a page costs what has changed since the job ran (keeping.py),
usually a minute ago.

They are read inside one snapshot alone (`reading()`). Not kept are distinct values, which do not add up, and seals.
What else they depend on, the tree, due dates and figures, is in `rules`: where these are other ones, nothing is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.canonical import canonical, digest
from server.core.db import is_reading, read_once
from server.models import Campaign, Meta, Stream, SummedCampaign, SummedPart, SummedStream, SummedUnit, TotalStep, Unit
from server.models.installation import CATALOG_ROW
from server.services.campaigns import expected
from server.services.figures import groups, sums
from server.services.figures.groups import GroupSum
from server.services.figures.plan_cells import PlanCell, PlanCount
from server.services.figures.table import AMOUNTS, Cell
from server.services.records import late
from server.services.records.projection import BUCKETS
from sync.registry import KINDS, Figure

FORM: Final = 2
"""Of the sums: another one where they hold something else than before."""
MOST_CHANGED: Final = 2_000
"""Units. Where more have changed, all are read: that costs less."""

Sums = Counter[str]
"""What adds up: `<figure> <field of its cell>`, of which `nil_all` counts all units that say so, and `nil` the lowest.

`@records`, `@units`, `@ends` (the lowest ones), `@sealed`, `@late <mark>`; of the lowest ones by level `@has <level>`,
`@reports <level>`, `@sent <level>`; of their cells in the plan, by figure, the fields of a PlanCount: `@plan_units
<figure>` of those that the plan asks something of, `@every_units <figure>` of all.
"""
PLAN, EVERY = "@plan_", "@every_"
COUNTED, WAITING = BUCKETS[:2]
_PLAN_FIELDS: Final = ("unsupported", "nil_all", "reporting", "stated")
_PLAN_AMOUNTS: Final = ("expected", "included")
Homes = Mapping[str, str]
"""By unit: the part in which it is added up."""


def parts(session: Session, campaign: Campaign, unit: Unit, figures: Collection[Figure]) -> dict[str, Sums] | None:
    """Return the sums of each unit right below this one, with all below it, and of itself; None if they are not kept.

    Nor if a unit right below was merged into it, or was never in force: such a one has a row that nothing here knows.
    """
    if not is_reading(session):
        return None
    return read_once(session, ("kept", campaign.id, unit.id), lambda: _parts(session, campaign, unit, figures))


def board_counts(session: Session, campaign: Campaign, unit: Unit, figures: Collection[Figure]) -> list[Any] | None:
    """Return what `sums.board_counts` finds of each unit of a whole campaign; None if it is not kept."""
    changed = _changed(session, campaign, figures) if _is_whole(session, campaign, unit) else None
    if changed is None:
        return None
    columns = [getattr(SummedStream, name) for name in sums.BOARD_COUNTS]
    was = select(SummedStream.unit_id.label("top"), *(func.sum(each).label(each.key) for each in columns))
    was = was.where(SummedStream.campaign_id == campaign.id, or_(*(each > 0 for each in columns)))
    found = [row for row in session.execute(was.group_by(SummedStream.unit_id)) if row.top not in changed]
    return [*found, *session.execute(sums.board_counts(alone(campaign.id, changed)))] if changed else found


def late_records(
    session: Session, campaign: Campaign, unit: Unit, figures: Collection[Figure], mark: str
) -> int | None:
    """Return how many records of a whole campaign have this mark of lateness; None if it is not kept."""
    changed = _changed(session, campaign, figures) if _is_whole(session, campaign, unit) else None
    if changed is None:
        return None
    found = total(session.scalars(select(SummedPart.sums).where(SummedPart.campaign_id == campaign.id)))[_late(mark)]
    if not changed:
        return found
    was = select(SummedUnit.sums).where(SummedUnit.campaign_id == campaign.id, one_of(SummedUnit.unit_id, changed))
    here = Stream.id.in_(select(alone(campaign.id, changed).c.id))
    return found - total(session.scalars(was))[_late(mark)] + late.counts(session, mark, Stream.id, here).total()


def by_part(campaign_id: str) -> Any:
    """(top, child, living, id): the streams in the sums, by part of the tree."""
    return _streams(campaign_id, SummedStream.part_id)


def alone(campaign_id: str, units: Iterable[str]) -> Any:
    """(top, child, living, id): the streams in the sums of these units, each unit alone."""
    return _streams(campaign_id, SummedStream.unit_id, one_of(SummedStream.unit_id, units))


def _is_whole(session: Session, campaign: Campaign, unit: Unit) -> bool:
    return is_reading(session) and unit.id == campaign.unit_id


def _streams(campaign_id: str, top: Any, *conditions: ColumnElement[bool]) -> Any:
    named = (("top", top), ("child", SummedStream.part_id), ("living", SummedStream.unit_id))
    columns = [each.label(name) for name, each in (*named, ("id", SummedStream.stream_id))]
    return select(*columns).where(SummedStream.campaign_id == campaign_id, *conditions).subquery()


def cells(figures: Collection[Figure], found: Sums, distinct: Mapping[str, Mapping[str, int]]) -> dict[str, Cell]:
    """Return the cells of a row. `distinct`: by figure, what does not add up."""
    numbers: dict[str, dict[str, int]] = {each.code: {} for each in figures}
    for key, value in found.items():
        code, _, name = key.partition(" ")
        if code in numbers:
            numbers[code][name] = KINDS.amount(code, value) if name in AMOUNTS else value
    ends, made = found["@ends"], {}
    for code, mine in numbers.items():
        every = mine.pop("nil_all", 0)
        nil = mine.pop("nil", 0) if ends else every
        made[code] = Cell(**{**mine, **distinct.get(code, {}), "units": ends or 1, "nil": nil})
    return made


def _parts(session: Session, campaign: Campaign, unit: Unit, figures: Collection[Figure]) -> dict[str, Sums] | None:
    changed = None if unit.merged_at else _changed(session, campaign, figures)
    if changed is None:
        return None
    odd = or_(Unit.merged_at.is_not(None), Unit.valid_to < Unit.valid_from)
    if session.scalar(select(Unit.id).where(Unit.parent_id == unit.id, odd).limit(1)) is not None:
        return None
    if unit.id == campaign.unit_id:
        rows = session.execute(select(SummedPart.part_id, SummedPart.sums).where(SummedPart.campaign_id == campaign.id))
        found = {part: Sums(said) for part, said in rows}
        homes: Homes = changed
    else:
        found, homes = _of_part(session, campaign.id, unit, changed)
    was = select(SummedUnit.unit_id, SummedUnit.sums).where(SummedUnit.campaign_id == campaign.id)
    for id_, said in session.execute(was.where(one_of(SummedUnit.unit_id, homes))) if homes else ():
        found[homes[id_]].subtract(said)
    for id_, now in read(session, campaign, figures, alone(campaign.id, homes), homes).items() if homes else ():
        found[homes[id_]].update(now)
    return found


def _changed(session: Session, campaign: Campaign, figures: Collection[Figure]) -> Homes | None:
    """Return the units that are to be added up anew; None if nothing is kept, or too many have changed."""

    def read() -> Homes | None:
        head = session.get(SummedCampaign, campaign.id)
        if head is None or not is_right(session, head, campaign, figures):
            return None
        found = changed_units(session, campaign.id)
        return None if found is None or len(found) > MOST_CHANGED else found

    return read_once(session, ("changed", campaign.id), read)


def _of_part(session: Session, campaign_id: str, unit: Unit, changed: Homes) -> tuple[dict[str, Sums], Homes]:
    """As they were kept, of the units right below this one; and of the changed ones those that are below it."""
    here = sums.places(unit.id)
    rows = select(here.c.child, SummedUnit.unit_id, SummedUnit.sums).join(SummedUnit, SummedUnit.unit_id == here.c.id)
    found: dict[str, Sums] = {}
    homes: dict[str, str] = {}
    for child, id_, said in session.execute(rows.where(SummedUnit.campaign_id == campaign_id)):
        found.setdefault(child, Sums()).update(said)
        if id_ in changed:
            homes[id_] = child
    return found, homes


STEPS: Final = select(TotalStep.stream_id, func.count().label("number")).group_by(TotalStep.stream_id).subquery("steps")
"""(stream_id, number): how often something was stated without evidence, of the streams of which it was."""


def mark() -> ColumnElement[str]:
    """The state of a stream, as an expression over Stream and `STEPS`: all that its sums follow from but `rules`.

    Each write, decision and purge draws a position; what is stated without evidence draws none.
    """
    said = (Stream.position, Stream.written, Stream.received_at, Stream.sealed, Stream.closed, STEPS.c.number)
    texts = [cast(func.coalesce(each, cast(-1, BigInteger)), String) for each in said]
    found: ColumnElement[str] = texts[0]
    for each in texts[1:]:
        found = found + ":" + each
    return found


def changed_units(session: Session, campaign_id: str) -> dict[str, str] | None:
    """Return the units a stream of which has another state than when it was added up, each with its part.

    None if there is a stream that was never added up.
    """
    query = select(SummedStream.unit_id, SummedStream.part_id).select_from(Stream)
    query = query.outerjoin(SummedStream, SummedStream.stream_id == Stream.id)
    query = query.outerjoin(STEPS, STEPS.c.stream_id == Stream.id).where(Stream.campaign_id == campaign_id)
    other = or_(SummedStream.stream_id.is_(None), SummedStream.mark != mark())
    found = {row.unit_id: row.part_id for row in session.execute(query.where(other).distinct())}
    return None if None in found else found


def is_right(session: Session, head: SummedCampaign, campaign: Campaign, figures: Collection[Figure]) -> bool:
    """True if what the kept sums depend on beside the streams is what it was."""
    if not head.rules or head.unit_id != campaign.unit_id:
        return False
    return head.catalogue == catalogue(session, figures) or head.rules == rules(session, campaign, figures)


def catalogue(session: Session, figures: Collection[Figure]) -> str:
    """A text that is another one after each change of units, campaigns or the figures of this version."""
    return f"{_version(session)} {_figures(figures)[:16]}"


def is_catalogue(session: Session, said: str) -> bool:
    """True if this is of the present version of units and campaigns."""
    return said.partition(" ")[0] == _version(session)


def _version(session: Session) -> str:
    return session.scalar(select(Meta.value).where(Meta.key == CATALOG_ROW)) or ""


def rules(session: Session, campaign: Campaign, figures: Collection[Figure]) -> str:
    """A digest of all that sums depend on beside the streams."""
    columns = (Unit.id, Unit.parent_id, Unit.merged_at, Unit.level, Unit.name)  # a plan may ask more of wards
    tree = [list(row) for row in session.execute(select(*columns).order_by(Unit.id))]
    said = [campaign.due_before.isoformat(), campaign.due_levels, campaign.expected]
    return digest(canonical([_figures(figures), campaign.unit_id, said, tree]))


def _figures(figures: Collection[Figure]) -> str:
    return digest(canonical([FORM, [[each.code, each.scale, each.units_of or "", *each.distinct] for each in figures]]))


def read(
    session: Session, campaign: Campaign, figures: Collection[Figure], streams: Any, units: Iterable[str]
) -> dict[str, Sums]:
    """Return the sums of these units. `streams`: theirs, with each unit as its own top."""
    found = {id_: _said(each) for id_, each in groups.read(session, figures, streams, units).items()}
    distinct = groups.distinct(session, streams) if any(figure.distinct for figure in figures) else {}
    for id_, name, level, reports, sealed in session.execute(sums.covered(streams, campaign.id)):
        said = found[id_]
        said.update({f"@has {level}": 1, f"@reports {level}": int(reports), f"@sent {level}": int(sealed)})
        plan = expected.of_unit(campaign.expected, id_, name)
        for figure in figures:
            if not figure.units_of:
                cell = _plan_cell(said, figure, plan.get(figure.code, 0), distinct.get((id_, figure.code), {}))
                for start in (PLAN, EVERY) if cell.expected else (EVERY,):
                    count = asdict(PlanCount.of([cell]))
                    said.update({f"{start}{each} {figure.code}": int(value) for each, value in count.items()})
    return {id_: Sums({name: value for name, value in said.items() if value}) for id_, said in found.items()}


def _plan_cell(said: Sums, figure: Figure, planned: int, distinct: Mapping[str, int]) -> PlanCell:
    of = {name: said[f"{figure.code} {name}"] for name in (*_PLAN_FIELDS, COUNTED, WAITING)} | dict(distinct)
    return PlanCell(
        *(planned, of[COUNTED], of[COUNTED] + of[WAITING], of["unsupported"]),
        nil=of["nil_all"] > 0,
        reported=of["reporting"] > 0 or of["stated"] > 0,
    )


def plans(found: Sums, figures: Iterable[Figure]) -> dict[str, tuple[PlanCount, PlanCount]]:
    """Return what adds up of the cells of the plan, by figure: of those that it asks something of, and of all."""
    return {each.code: (_plan_count(found, PLAN, each), _plan_count(found, EVERY, each)) for each in figures}


def _plan_count(found: Sums, start: str, figure: Figure) -> PlanCount:
    said = {each.name: found[f"{start}{each.name} {figure.code}"] for each in fields(PlanCount)}
    return PlanCount(**{name: figure.amount(value) if name in _PLAN_AMOUNTS else value for name, value in said.items()})


def lowest(found: Sums) -> int:
    """Return the number of units with none below them."""
    return sum(units for _, units, _, _ in levels(found))


def _said(found: GroupSum) -> Sums:
    made = Sums({"@records": found.records, "@units": found.standing.units, "@sealed": found.standing.sealed})
    made["@ends"] = len(found.ends)
    made.update({_late(each): number for each, number in found.standing.late.items()})
    for code, numbers in found.said():
        said = found.nil.get(code, set())
        made.update({f"{code} {name}": int(value) for name, value in numbers.items()})
        made.update({f"{code} nil": len(said & found.ends), f"{code} nil_all": len(said)})
    return made


def _late(mark: str) -> str:
    return f"@late {mark}"


def total(found: Iterable[Mapping[str, int]]) -> Sums:
    """Return their sum."""
    made = Sums()
    for each in found:
        made.update(each)
    return made


def levels(found: Sums) -> Iterator[tuple[str, int, int, int]]:
    """Yield of the lowest units (level, how many, that report, that sent all), by level."""
    for key, units in found.items():
        what, _, level = key.partition(" ")
        if what == "@has" and units:
            yield level, units, found[f"@reports {level}"], found[f"@sent {level}"]
