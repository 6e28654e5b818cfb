"""Approve many records of a list in one act, and take the whole act back.

The page that offers it carries which records it offered (`Offered`), and the position of each stream it was drawn at
(`Bounds`). No other is approved, also not one that became ready since: a photo and a check move no position. One that
has moved behind its stream's position since was changed, and is left out. Left out is also what somebody must look at
(warning_rules.ONE_BY_ONE), and what is not ready (records/readiness.py). What else is found later, because another
record came, flags those approved. Only records without a decision are approved so, which is why the act can be undone
whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import local, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if
from server.models import BulkAct, Campaign, Record, Stream
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.records import readiness, streams
from server.services.records.projection import Totals
from server.services.records.stored import as_write, writes_of
from server.services.review import decisions, figure_amounts, queue_query, warning_rules
from server.services.review.queue_filter import BELOW, QueueFilter
from server.services.review.queue_query import QueueQuery, query_of
from server.services.review.sampling import SAMPLE
from server.services.units.scope import Scope
from sync.figures import Contribution, together
from sync.record import State
from sync.text import is_id

CLEAN, ALL, PICKED = "clean", "all", "picked"
WHICH: Final = (CLEAN, ALL, SAMPLE, PICKED)
MOST: Final = 1_000
"""Records approved in one transaction; for more, the filter is narrowed."""
Bounds = Mapping[str, int]
"""The position of each stream that the page was drawn at."""
Offered = Mapping[str, Collection[int]]
"""By stream: the records that the page offered, each by its first position, which no other has and which stays."""


@dataclass(frozen=True, slots=True)
class BulkOffer:
    """How many records an act would approve, for a list or for one unit of it, and the streams' positions now.

    `clean`: ready, and without a warning; `every`: with one, too. Not offered are `unready` ones, and `one_by_one`,
    which somebody must look at.
    `sample`: those of `clean` that are not in the sample, of units whose sample was looked at whole. `unfinished`:
    records of samples that nobody has decided on.
    """

    bounds: Bounds
    clean: int = 0
    unready: int = 0
    one_by_one: int = 0
    every: int = 0
    sample: int = 0
    unfinished: int = 0
    adds: Mapping[str, decisions.Added] = field(default_factory=dict)
    """By `which`: what approving these would add to the counted figures (SPEC F-31)."""
    offered: Mapping[str, Offered] = field(default_factory=dict)
    """By `which`: these records."""

    @property
    def as_of(self) -> str:
        """The bounds as a form carries them."""
        return bounds_text(self.bounds)

    def named(self, which: str) -> str:
        """The records of an act as its form carries them."""
        return offered_text(self.offered.get(which, {}))


@dataclass(frozen=True, slots=True)
class BulkOffers:
    """What a page of the list offers. `rule`: (percent, least) if the campaign is reviewed by sample, else None.

    `looked_at`: of what is then looked at one by one, how many were drawn, and how many others have a warning.
    """

    whole: BulkOffer
    units: Mapping[str, BulkOffer] = field(default_factory=dict)
    rule: tuple[int, int] | None = None
    looked_at: tuple[int, int] = (0, 0)
    is_whole: bool = False
    """The list is short enough for one act."""


def offers(
    session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, total: int, on_page: Mapping[str, int]
) -> BulkOffers:
    """What may be approved at once: of the units on the page, and of the whole list, if they have at most `MOST`.

    `on_page`: number of records of each of these units in the list.
    """
    if asked.state == BELOW:
        return BulkOffers(BulkOffer({}))
    cut = query_of(session, scope, campaign, asked)
    rule = cut.sampling.rule
    short = [unit for unit, count in on_page.items() if count <= MOST]
    within = cut.streams if total <= MOST else one_of(Stream.unit_id, short)
    places = select(Stream.unit_id, Stream.id, Stream.position).where(cut.streams, within)
    at = {unit: (stream, position) for unit, stream, position in session.execute(places)}
    streams = cut.streams if total <= MOST else and_(cut.streams, within)
    judged = _judged(session, scope, cut, streams) if total <= MOST or short else {}
    bounds = {unit: dict([at[unit]]) for unit in judged}
    everywhere = figure_amounts.streams_of(session, scope, campaign, asked)
    rest, undrawn = list[Contribution](), dict[str, list[int]]()
    if rule and total <= MOST:
        rest, undrawn = _parts(session, scope, [*cut.plain(), *_rest(session, cut), readiness.is_ready()])
    known = decisions.counted(session, scope, everywhere, [*rest, *(each.every for each in judged.values())])
    units = {unit: _offer(bounds[unit], each, known.get(at[unit][0], Contribution())) for unit, each in judged.items()}
    if total > MOST:
        return BulkOffers(BulkOffer({}), units, (rule.percent, rule.least) if rule else None)
    everything = together(known.values())
    whole = _offer({stream: at_ for each in bounds.values() for stream, at_ in each.items()}, _all(judged), everything)
    if rule:
        sampled = {**whole.adds, SAMPLE: together(rest).added_to(everything)}
        unfinished = sum(cut.sampling.unfinished.values())
        those = {**whole.offered, SAMPLE: undrawn}
        whole = replace(whole, sample=len(rest), unfinished=unfinished, adds=sampled, offered=those)
    return BulkOffers(whole, units, (rule.percent, rule.least) if rule else None, cut.sampled(), is_whole=True)


@dataclass(frozen=True, slots=True)
class TickableRecords:
    """What of a page may be ticked, to be approved together. `places`: by record, how a form names it."""

    bounds: Bounds
    places: Mapping[str, str]

    @property
    def as_of(self) -> str:
        """The bounds as a form carries them."""
        return bounds_text(self.bounds)


def ticks(
    session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, shown: Collection[str]
) -> TickableRecords | None:
    """Return which of the shown records an act on many may take; None where none may."""
    cut = None if asked.state == BELOW else query_of(session, scope, campaign, asked)
    if cut is None or cut.sampling.rule is not None:
        return None
    query = select(Record.id, Stream.id, Record.first_position, Stream.position).select_from(Record)
    query = query.join(Stream, Stream.id == Record.stream_id).where(Record.id.in_(shown), *cut.plain())
    rows = session.execute(query.where(readiness.is_ready(), *_wanted(session, cut, PICKED))).all()
    places = {record: offered_text({stream: [first]}) for record, stream, first, _ in rows}
    return TickableRecords({stream: position for _, stream, _, position in rows}, places) if rows else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for. `id`: made with the page: a double click is one act."""

    id: str
    which: str
    bounds: Bounds
    offered: Offered

    def names(self, record: Record) -> bool:
        """True if the page offered it."""
        return record.first_position in self.offered.get(record.stream_id, ())

    def has_seen(self, record: Record) -> bool:
        """True if the record has not moved since the page."""
        return record.last_position <= self.bounds.get(record.stream_id, -1)


def approve(
    session: Session, scope: Scope, campaign: Campaign, asked: QueueFilter, wish: Wish, acted: decisions.Acted
) -> BulkAct:
    """Approve what the page offered and has not changed since. Raises Problem.

    `acted` takes in what that adds to the counted figures (SPEC F-31).
    """
    refuse_if(not is_id(wish.id) or wish.which not in WHICH or asked.state == BELOW, "bad_request")
    locked = streams.lock(session, wish.bounds)
    made = session.get(BulkAct, wish.id)
    if made is not None:
        return again(made, scope, WHICH)
    cut = query_of(session, scope, campaign, asked)
    wanted = [*cut.plain(), *_wanted(session, cut, wish.which)]
    query = select(Record).join(Stream, Stream.id == Record.stream_id).where(*wanted)
    unmoved = session.scalars(
        query.where(readiness.is_ready(), _as_of(wish.bounds))
        .order_by(Record.stream_id, Record.id)
        .execution_options(populate_existing=True)
    ).all()
    found = [each for each in unmoved if wish.names(each)]
    newer = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    arrived = session.scalar(newer.where(*wanted, not_(_as_of(wish.bounds, Record.first_position)))) or 0
    arrived += len(unmoved) - len(found)
    if wish.which == PICKED:
        arrived = 0  # who ticked some left the others out
    act = begun(scope, campaign, wish)
    end(session, act, wish, _decide(session, scope, act, found, locked, acted), arrived)
    what = Act.APPROVED_BY_SAMPLE if wish.which == SAMPLE else Act.APPROVED_TOGETHER
    said = {"amount": act.done, **queue_query.values(scope, asked)}
    log.append(session, what, ("campaign", campaign.id), new=said)
    return act


def begun(scope: Scope, campaign: Campaign, wish: Wish) -> BulkAct:
    """Return an act that is not stored yet."""
    return BulkAct(
        id=wish.id, campaign_id=campaign.id, officer_id=scope.officer_id, which=wish.which, at=now_ms(), undone=0
    )


def end(session: Session, act: BulkAct, wish: Wish, done: int, arrived: int) -> None:
    """Store an act on so many records. `arrived`: records that it could be of and the page had not."""
    said = sum(map(len, wish.offered.values()))
    act.done, act.changed, act.arrived = done, max(0, said - done), arrived
    add_now(session, act)


def read(session: Session, scope: Scope, act_id: str, which: Collection[str] = WHICH) -> BulkAct | None:
    """Return an act of this person, of one of these kinds; None for any other."""
    act = session.get(BulkAct, act_id) if is_id(act_id) else None
    return act if act is not None and act.officer_id == scope.officer_id and act.which in which else None


def of_today(session: Session, scope: Scope, campaign_id: str, which: Collection[str] = WHICH) -> list[BulkAct]:
    """Return this person's acts of today in a campaign that can be taken back, of these kinds, the newest first."""
    midnight = int(local(now_ms()).replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    own = select(BulkAct).where(BulkAct.officer_id == scope.officer_id, BulkAct.campaign_id == campaign_id)
    own = own.where(BulkAct.at >= midnight, BulkAct.undone_at.is_(None), BulkAct.done > 0, BulkAct.which.in_(which))
    return list(session.scalars(own.order_by(BulkAct.at.desc(), BulkAct.id)))


def again(made: BulkAct, scope: Scope, which: Collection[str]) -> BulkAct:
    """Return the act of a form that was sent before. Raises Problem for somebody else's, or another kind of act."""
    refuse_if(made.officer_id != scope.officer_id or made.which not in which, "bad_request")
    return made


def bounds_text(bounds: Bounds) -> str:
    """Return bounds as a form carries them."""
    return ",".join(f"{stream}:{position}" for stream, position in sorted(bounds.items()))


def read_bounds(text: str) -> dict[str, int]:
    """Return the bounds that a form carries. Raises Problem `bad_request`."""
    found: dict[str, int] = {}
    for part in text.split(",") if text else ():
        stream, _, position = part.partition(":")
        refuse_if(not is_id(stream) or not _is_position(position), "bad_request", "as_of")
        found[stream] = int(position)
    return found


def offered_text(offered: Offered) -> str:
    """Return which records as a form carries them: `stream:1-5.9`."""
    return ",".join(f"{stream}:{_runs(sorted(places))}" for stream, places in sorted(offered.items()) if places)


def _runs(places: Sequence[int]) -> str:
    """Write what follows each other as one: most records of a stream came one after another."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1][1:] = [place]
        else:
            runs.append([place])
    return ".".join("-".join(map(str, run)) for run in runs)


def read_offered(text: str) -> dict[str, set[int]]:
    """Return which records a form names, at most MOST. Raises Problem `bad_request`."""
    found: dict[str, set[int]] = {}
    left = MOST
    for part in text.split(",") if text else ():
        stream, _, runs = part.partition(":")
        for run in runs.split("."):
            first, dash, last = run.partition("-")
            ends = first, last if dash else first
            refuse_if(not is_id(stream) or not all(map(_is_position, ends)), "bad_request", "offered")
            places = range(int(ends[0]), int(ends[1]) + 1)
            refuse_if(not 0 < len(places) <= left, "bad_request", "offered")
            left -= len(places)
            found.setdefault(stream, set()).update(places)
    return found


def _is_position(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def _decide(
    session: Session,
    scope: Scope,
    act: BulkAct,
    records: Sequence[Record],
    locked: Mapping[str, streams.Locked],
    acted: decisions.Acted,
) -> int:
    """Put a decision on each; its basis is what survives now, which is what survived then."""
    written = writes_of(session, [record.id for record in records])
    totals, done = Totals(), 0
    for record in records:
        stream = locked[record.stream_id].stream
        state = State.of(as_write(row) for row in written[record.id])
        if state.conflicts or state.hidden or not state.submitted:
            continue  # the projection says otherwise only if a rule changed since; its page says why
        row = decisions.new_row(stream, record, scope, "counted")
        row.basis, row.sides, row.bulk_id = state.ids, state.all_sides, act.id
        acted.move(scope, stream.unit_id, decisions.put(session, stream, record, row, state, totals))
        done += 1
    totals.save(session)
    session.flush()
    return done


def _wanted(session: Session, cut: QueueQuery, which: str) -> list[ColumnElement[bool]]:
    # What was drawn is looked at one by one.
    refuse_if(which != SAMPLE and cut.sampling.rule is not None, "bad_request")
    here = session, cut.streams
    if which in (ALL, PICKED):
        return [not_(warning_rules.one_by_one(*here))]
    if which == CLEAN:
        return [_is_clean(session, cut)]
    refuse_if(cut.sampling.rule is None, "bad_request")
    return _rest(session, cut)


def _rest(session: Session, cut: QueueQuery) -> list[ColumnElement[bool]]:
    """Not drawn, without a warning, of units whose sample has been looked at."""
    return [_is_clean(session, cut), not_(cut.sampling.drawn), Stream.id.not_in(sorted(cut.sampling.unfinished))]


def _is_clean(session: Session, cut: QueueQuery) -> ColumnElement[bool]:
    return not_(warning_rules.condition(session, cut.streams))


_UNREADY, _ONE_BY_ONE, _WARNED, _CLEAN = range(4)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Records judged in one way or another: how many, which, and what approving would add that may be approved."""

    counts: Counter[int] = field(default_factory=Counter)
    places: Mapping[int, Offered] = field(default_factory=dict)
    warned: Contribution = field(default_factory=Contribution)
    clean: Contribution = field(default_factory=Contribution)

    @property
    def every(self) -> Contribution:
        return self.warned + self.clean


def _all(judged: Mapping[str, _Judged]) -> _Judged:
    """Those of several units as one."""
    each = judged.values()
    counts = sum((one.counts for one in each), Counter())
    places = {how: dict(those for one in each for those in one.places.get(how, {}).items()) for how in counts}
    return _Judged(counts, places, together(one.warned for one in each), together(one.clean for one in each))


def _judged(session: Session, scope: Scope, cut: QueueQuery, streams: ColumnElement[bool]) -> dict[str, _Judged]:
    """By unit: how many of the plain records are judged how, and what they would add. Each is looked at once.

    `streams`: a condition on Stream.
    """
    judged = case(
        (not_(readiness.is_ready()), _UNREADY),
        (warning_rules.one_by_one(session, streams), _ONE_BY_ONE),
        (warning_rules.condition(session, streams), _WARNED),
        else_=_CLEAN,
    ).label("judged")
    here = Stream.unit_id, Record.stream_id, Record.first_position
    plain = select(*here, judged, Record.amounts, Record.keys).select_from(Record)
    rows = plain.join(Stream, Stream.id == Record.stream_id).where(*cut.plain(), streams)
    parts: dict[str, dict[int, list[Contribution]]] = {}
    places: dict[str, dict[int, dict[str, list[int]]]] = {}
    for unit, stream, place, how, amounts, keys in session.execute(rows):
        change = decisions.of_waiting(scope, unit, amounts, keys)
        parts.setdefault(unit, {}).setdefault(how, []).append(change)
        places.setdefault(unit, {}).setdefault(how, {}).setdefault(stream, []).append(place)
    return {
        unit: _Judged(
            Counter({how: len(those) for how, those in found.items()}),
            places[unit],
            together(found.get(_WARNED, ())),
            together(found.get(_CLEAN, ())),
        )
        for unit, found in parts.items()
    }


def _offer(bounds: Bounds, judged: _Judged, counted: Contribution) -> BulkOffer:
    """What may be approved of records that are judged so, where this much is counted already."""
    counts = judged.counts
    every = counts[_WARNED] + counts[_CLEAN]
    warned, clean = (judged.places.get(how, {}) for how in (_WARNED, _CLEAN))
    both = {stream: [*warned.get(stream, ()), *clean.get(stream, ())] for stream in bounds}
    adds = {CLEAN: judged.clean.added_to(counted), ALL: judged.every.added_to(counted)}
    return BulkOffer(
        bounds,
        counts[_CLEAN],
        counts[_UNREADY],
        counts[_ONE_BY_ONE],
        every,
        adds=adds,
        offered={CLEAN: clean, ALL: both},
    )


def _as_of(bounds: Bounds, position: Any = Record.last_position) -> ColumnElement[bool]:
    """Condition: the record's position is one that the page had seen."""
    parts = [(Record.stream_id == stream) & (position <= last) for stream, last in bounds.items()]
    return or_(*parts) if parts else false()


def _parts(
    session: Session, scope: Scope, conditions: Iterable[ColumnElement[bool]]
) -> tuple[list[Contribution], dict[str, list[int]]]:
    """What each of these records would add, and which they are."""
    rows = select(Record.stream_id, Record.first_position, Stream.unit_id, Record.amounts, Record.keys)
    rows = rows.select_from(Record).join(Stream, Stream.id == Record.stream_id).where(*conditions)
    parts: list[Contribution] = []
    places: dict[str, list[int]] = {}
    for stream, place, *row in session.execute(rows):
        parts.append(decisions.of_waiting(scope, *row))
        places.setdefault(stream, []).append(place)
    return parts, places
