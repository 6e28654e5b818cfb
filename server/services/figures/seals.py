"""Seals: a unit's statement over its submitted set, made and taken back (SPEC L-2, L-14).

On screen a seal is called "Xác nhận và gửi số liệu". Decree 09/2019 uses "thời điểm chốt số liệu" for something else:
the cut-off time of the figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem, refuse_if, required, typed_text
from server.models import Campaign, Officer, Record, Seal, Stream, Unit, WriteRow
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.continuity import marks
from server.services.records import late, streams
from server.services.records.projection import is_activity
from server.services.units import deputies
from server.services.units.scope import WRITERS, Scope
from server.services.units.tree import merged_into, predecessors
from sync.errors import Refused
from sync.late import LATE_MARKS
from sync.text import is_well_formed, normal
from sync.values import is_date

REASON_LENGTH = 2000
BASIS_LENGTH = 32
NAME_LENGTH = 100
NOT_IN_THE_SET = ("draft", "not_counted", "deleted")


@dataclass(frozen=True, slots=True)
class Signers:
    """Who made the figures (*người lập*), and the leader who approved them; "" where it was not written."""

    prepared_by: str = ""
    approved_by: str = ""
    approved_title: str = ""
    approved_on: str = ""

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Signers:
        """Read what a person wrote. Raises Refused `too_long`, and `wrong_type` for what is no text or no day."""
        found = {}
        for each in fields(cls):
            value = said.get(each.name) or ""
            if not isinstance(value, str):
                raise Refused("wrong_type", each.name)
            found[each.name] = " ".join(normal(value).split())
            if not is_well_formed(found[each.name]):
                raise Refused("bad_text", each.name)
            if len(found[each.name]) > NAME_LENGTH:
                raise Refused("too_long", each.name)
        if found["approved_on"] and not is_date(found["approved_on"]):
            raise Refused("wrong_type", "approved_on")
        return cls(**found)


NOBODY = Signers()
SIGNERS = tuple(each.name for each in fields(Signers))


@dataclass(frozen=True, slots=True)
class SealAct:
    """An act of sealing: its id, which its first seal bears, its moment if that is not now, and who stands for it."""

    id: str = ""
    at: int | None = None
    signers: Signers = NOBODY


NOW = SealAct()


@dataclass(slots=True)
class SealProgress:
    """Progress of a part of the tree: units that take part, units that have sealed, records by mark of lateness.

    `seal` and `by` are the unit's own, without those below it. `taken_back` is its latest seal of all, if that one was
    taken back.
    """

    units: int = 0
    sealed: int = 0
    late: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LATE_MARKS, 0))
    seal: Seal | None = None
    by: str = ""
    taken_back: Seal | None = None
    taken_back_by: str = ""

    def add(self, other: SealProgress) -> None:
        """Sum up."""
        self.units += other.units
        self.sealed += other.sealed
        self.late = {mark: self.late[mark] + other.late[mark] for mark in LATE_MARKS}


@dataclass(frozen=True, slots=True)
class SealPreview:
    """What a person is about to seal: the unit, its streams' positions on this page, and their contents."""

    unit: Unit
    shown: dict[str, int]
    submitted: int
    drafts: int
    conflicts: int
    fresh: bool
    """True when something was written since the last seal, or there is none; a decision is nothing to confirm."""
    on_behalf: bool
    gained: tuple[GainedFigures, ...] = ()
    """Of units that were merged into it: exactly one unit confirms for each, the one that it stands below."""


@dataclass(frozen=True, slots=True)
class GainedFigures:
    """What a seal covers of a unit that was merged into this one. `submitted`: its results that are in the set.

    `seal`, `by`: the latest one over them, the unit's own from before or its successor's, with who made it.
    """

    unit: Unit
    submitted: int
    seal: Seal | None
    by: str
    fresh: bool
    """Something of it was not confirmed yet."""

    @property
    def is_own(self) -> bool:
        """The unit confirmed them itself, before it was merged."""
        return self._was_before and not self._is_others

    @property
    def is_on_behalf(self) -> bool:
        """The level above confirmed them for it, before it was merged."""
        return self._was_before and self._is_others

    @property
    def _was_before(self) -> bool:
        return self.seal is not None and self.seal.at < (self.unit.merged_at or 0)

    @property
    def _is_others(self) -> bool:
        return self.seal is not None and self.seal.on_behalf


def give(
    session: Session,
    scope: Scope,
    unit_id: str,
    campaign_id: str,
    shown: Mapping[str, int],
    act: SealAct,
) -> int:
    """Seal as an entry of a client's outbox asks, once; returns the moment that counts. Raises as `seal`.

    `act.at`: when it was first received, if a restore lost it. It then covers what had come by then, at whatever
    positions that has come back, and no stream whose seal was taken back since.
    """
    known = session.get(Seal, act.id)
    if known is not None:
        if known.officer_id != scope.officer_id:
            raise Refused("id_reused")
        return known.at
    if act.at is not None:
        shown = _as_of(session, _streams_of(session, unit_id, campaign_id).values(), act.at)
    at = act.at or now_ms()
    seal(session, scope, unit_id, campaign_id, shown, replace(act, at=at))
    if act.at is not None:
        _state_again(session, scope, unit_id, shown, replace(act, at=at))
    return at


def _state_again(session: Session, scope: Scope, unit_id: str, shown: Mapping[str, int], act: SealAct) -> None:
    """Let the seal that stands be of this later act, if all that is back of what it covered was sealed before it.

    What else it covered comes behind that, and is covered then (`extend`).
    """
    at = act.at or now_ms()
    in_force = select(Seal).where(Seal.stream_id.in_(shown), Seal.taken_back_at.is_(None), Seal.at < at)
    for each in session.scalars(in_force):
        if each.position == shown[each.stream_id]:
            each.at, each.officer_id, each.on_behalf = at, scope.officer_id, not scope.is_member(unit_id)
            for name, text in asdict(act.signers).items():
                setattr(each, name, text)
    session.flush()


def basis(session: Session, shown: Mapping[str, int]) -> str:
    """A text of what a page shows at these positions of streams (SPEC X-63).

    It is another one where a restore put other entries at these positions, whether anybody noticed it or not, or where
    a seal was taken back since.
    """
    tags = streams.tags_of(session, {(id_, position) for id_, position in shown.items() if position})
    ends = select(Seal.stream_id, func.max(Seal.taken_back_at)).group_by(Seal.stream_id)
    ended = dict(session.execute(ends.where(Seal.stream_id.in_(shown), Seal.taken_back_at.is_not(None))).all())
    said = [[id_, position, tags.get((id_, position)), ended.get(id_)] for id_, position in sorted(shown.items())]
    return sha256(json.dumps(said).encode()).hexdigest()[:BASIS_LENGTH]


def is_of_today(session: Session, shown: Mapping[str, int], seen: object) -> bool:
    """True if the page with this `basis` showed what is here. After a restore, None of an older app does not say."""
    return not marks.lately(session) if seen is None else seen == basis(session, shown)


def has_moved(session: Session, unit_id: str, campaign_id: str, shown: Mapping[str, int]) -> bool:
    """True if something was written since the page: its figures may be others by now (SPEC X-65)."""
    return any(each.written > shown.get(each.id, 0) for each in _streams_of(session, unit_id, campaign_id).values())


def extend(session: Session, back: Iterable[tuple[str, str, int]]) -> None:
    """Let seals that were put back cover what is put back behind them, and had come by their moment (SPEC L-19).

    `back`: unit, campaign and position of the writes that have just come. A write that came between ends it, and so
    does one that had come while the unit looked at its figures. A seal made since the restore was over what was there.
    """
    first: dict[streams.Place, int] = {}
    for unit_id, campaign_id, position in back:
        first[unit_id, campaign_id] = min(position, first.get((unit_id, campaign_id), position))
    held = (each.stream for each in streams.lock(session, places=first).values())
    # Locked by units and campaigns: also streams of one's unit and another's campaign, in which nothing came.
    locked = {stream.id: stream for stream in held if (stream.unit_id, stream.campaign_id) in first}
    in_force = select(Seal).where(Seal.stream_id.in_(locked), Seal.taken_back_at.is_(None)).order_by(Seal.position)
    restored = marks.latest(session) or 0
    for each in {each.stream_id: each for each in session.scalars(in_force)}.values():  # the last one of each stream
        stream = locked[each.stream_id]
        behind = and_(WriteRow.stream_id == stream.id, WriteRow.position > each.position)
        nearest = session.scalar(select(func.min(WriteRow.position)).where(behind)) or 0
        if each.at > restored or nearest < first[stream.unit_id, stream.campaign_id]:
            continue
        covered = _as_of(session, [stream], each.at).get(stream.id, 0)
        if covered > each.position:
            each.position = stream.sealed = covered
    session.flush()


def _as_of(session: Session, of: Iterable[Stream], moment: int) -> dict[str, int]:
    """By stream: the position up to which all writes had come by this moment."""
    found = {stream.id: stream.position for stream in of}
    later = select(WriteRow.stream_id, func.min(WriteRow.position)).group_by(WriteRow.stream_id)
    for stream_id, first in session.execute(later.where(WriteRow.stream_id.in_(found), WriteRow.received_at > moment)):
        found[stream_id] = first - 1
    taken_back = select(Seal.stream_id).where(Seal.stream_id.in_(found), Seal.taken_back_at > moment)
    gone = set(session.scalars(taken_back))
    return {stream_id: position for stream_id, position in found.items() if stream_id not in gone}


def seal(
    session: Session,
    scope: Scope,
    unit_id: str,
    campaign_id: str,
    shown: Mapping[str, int],
    act: SealAct = NOW,
) -> bool:
    """Seal the unit's streams as they were on the page; later writes are late. Returns False if nothing was new.

    Repeating it, or a double click, changes nothing. Raises Problem for a person who may not seal, and `archived`.
    """
    required(session.get(Campaign, campaign_id))
    refuse_if(not scope.may_see(unit_id), "not_found")
    refuse_if(not scope.may_write(unit_id), "forbidden")
    locked = streams.lock(session, _streams_of(session, unit_id, campaign_id).keys())
    # The status as read behind the locks.
    refuse_if(any(each.status == "archived" for each in locked.values()), "archived")
    moved = [each.stream for each in locked.values() if _moves(each.stream, shown.get(each.stream.id))]
    at = act.at or now_ms()  # one moment for all seals of one act, which are taken back together
    for nth, stream in enumerate(moved):
        stream.sealed = min(shown[stream.id], stream.position)
        session.add(
            Seal(
                id=new_id() if nth or not act.id else act.id,
                stream_id=stream.id,
                position=stream.sealed,
                officer_id=scope.officer_id,
                on_behalf=not scope.is_member(unit_id),
                at=at,
                **asdict(act.signers),
            )
        )
    session.flush()
    if moved:
        log.append(session, Act.SEALED, ("unit", unit_id), new={"campaign": campaign_id})
    return bool(moved)


def take_back(session: Session, scope: Scope, seal_id: str, reason: str) -> bool:
    """Take back a unit's latest act of sealing, with a reason; the seal before it holds again (SPEC L-14).

    An act seals each stream of the unit that moved: its own and those it gained. Returns False if it is not the latest
    any more, or was taken back before: a double click does nothing. Raises Problem for a person who may not, without a
    reason and `archived`, and Refused `too_long`.
    """
    made = session.get(Seal, seal_id)
    unit_id = session.get_one(Stream, made.stream_id).unit_id if made else ""
    if made is None or not scope.may_see(unit_id):
        raise Problem("not_found")
    refuse_if(not scope.may_take_back(unit_id), "forbidden")
    reason = typed_text(reason, REASON_LENGTH, "reason", "reason_needed")
    campaign_id = session.get_one(Stream, made.stream_id).campaign_id
    locked = streams.lock(session, _streams_of(session, unit_id, campaign_id).keys())
    refuse_if(any(each.status == "archived" for each in locked.values()), "archived")
    session.refresh(made)
    in_force = select(Seal).where(Seal.stream_id.in_(locked), Seal.taken_back_at.is_(None)).order_by(Seal.position)
    seals = list(session.scalars(in_force))
    if made.taken_back_at is not None or made.at != max(each.at for each in seals):
        return False
    for each in (each for each in seals if each.at == made.at):
        each.taken_back_at, each.taken_back_by, each.reason = now_ms(), scope.officer_id, reason
        before = [other.position for other in seals if other.stream_id == each.stream_id and other.at != made.at]
        locked[each.stream_id].stream.sealed = max(before, default=None)
    session.flush()
    log.append(session, Act.SEAL_TAKEN_BACK, ("unit", unit_id), new={"campaign": campaign_id})
    return True


def sheet(session: Session, scope: Scope, unit: Unit, campaign: Campaign) -> SealPreview | None:
    """What the officer may seal of this unit; None if they may not seal it, or it takes no part."""
    if unit.merged_at is not None or campaign.status == "archived" or not scope.may_write(unit.id):
        return None
    found = _streams_of(session, unit.id, campaign.id)
    if not found:
        return None
    here = and_(Record.stream_id.in_(found), is_activity())
    states = select(Record.state, func.count()).where(here).group_by(Record.state)
    counts = {state: count for state, count in session.execute(states)}  # noqa: C416  # rows are no plain pairs for mypy
    conflicts = select(func.count()).select_from(Record).where(here, Record.conflicted)
    return SealPreview(
        unit,
        shown={stream.id: stream.position for stream in found.values()},
        submitted=sum(count for state, count in counts.items() if state not in NOT_IN_THE_SET),
        drafts=counts.get("draft", 0),
        conflicts=session.scalar(conflicts) or 0,
        fresh=any(map(_is_fresh, found.values())),
        on_behalf=not scope.is_member(unit.id),
        gained=_gained(session, unit, found),
    )


def _gained(session: Session, unit: Unit, found: Mapping[str, Stream]) -> tuple[GainedFigures, ...]:
    here = {stream.unit_id: stream for stream in found.values() if stream.unit_id != unit.id}
    if not here:
        return ()
    ids = [stream.id for stream in here.values()]
    submitted = and_(Record.stream_id.in_(ids), is_activity(), Record.state.not_in(NOT_IN_THE_SET))
    counts = select(Record.stream_id, func.count()).where(submitted).group_by(Record.stream_id)
    records = {stream: count for stream, count in session.execute(counts)}  # noqa: C416  # rows are no plain pairs for mypy
    by = deputies.said_name(Seal.officer_id, Seal.at, Stream.unit_id, WRITERS)
    made = select(Seal, by).join(Officer, Officer.id == Seal.officer_id).join(Stream, Stream.id == Seal.stream_id)
    in_force = made.where(Seal.stream_id.in_(ids), Seal.taken_back_at.is_(None)).order_by(Seal.at, Seal.position)
    latest = {each.stream_id: (each, name) for each, name in session.execute(in_force)}
    gained = []
    for old in (each for each in predecessors(session, unit.id) if each.id in here):
        stream = here[old.id]
        seal, name = latest.get(stream.id, (None, ""))
        gained.append(GainedFigures(old, records.get(stream.id, 0), seal, name, fresh=_is_fresh(stream)))
    return tuple(gained)


def _is_fresh(stream: Stream) -> bool:
    """True if nobody sealed it, or something was written since."""
    return stream.sealed is None or stream.written > stream.sealed


def is_empty(session: Session, unit_id: str, campaign_id: str) -> bool:
    """True if the unit takes part and has submitted nothing: then a seal must say so explicitly."""
    found = _streams_of(session, unit_id, campaign_id)
    submitted = and_(Record.stream_id.in_(found), is_activity(), Record.state.not_in(NOT_IN_THE_SET))
    return bool(found) and not session.scalar(select(func.count()).select_from(Record).where(submitted))


def _streams_of(session: Session, unit_id: str, campaign_id: str) -> dict[str, Stream]:
    """The unit's own stream and those gained by mergers (L-6)."""
    units = merged_into(session, [unit_id])
    rows = session.scalars(select(Stream).where(Stream.unit_id.in_(units), Stream.campaign_id == campaign_id))
    return {stream.id: stream for stream in rows}


def _moves(stream: Stream, position: int | None) -> bool:
    return position is not None and (stream.sealed is None or stream.sealed < min(position, stream.position))


# --- for a table of figures --------------------------------------------------------


def standings(session: Session, tops: Iterable[str], places: Any) -> dict[str, SealProgress]:
    """The progress of each top; `places` is a subquery of (top, id of stream)."""
    found = {top: SealProgress() for top in tops}
    own: dict[str, dict[str, int]] = {}
    """By stream: the tops that own it (its unit, and that unit's successor today), and since when."""
    rows = session.execute(
        select(places.c.top, Stream.id, Stream.unit_id, Stream.sealed, Unit.merged_at, Unit.parent_id)
        .join(Stream, Stream.id == places.c.id)
        .join(Unit, Unit.id == Stream.unit_id)
    ).all()
    heirs = {row.unit_id: (row.parent_id, row.merged_at) for row in rows if row.merged_at is not None}
    open_ones = {_today(row.unit_id, heirs)[0] for row in rows if row.sealed is None}
    for row in rows:
        heir, since = _today(row.unit_id, heirs)
        owners = {heir: since} | ({row.unit_id: 0} if row.unit_id == row.top else {})
        own[row.id] = {top: at for top, at in owners.items() if top in found}
        if row.merged_at is None:  # a merged unit sends through its successor, whose seal covers both
            found[row.top].units += 1
            found[row.top].sealed += row.unit_id not in open_ones
    home = {row.id: row.top for row in rows}
    here = Stream.id.in_(select(places.c.id))
    for mark in LATE_MARKS:
        counted = late.counts(session, mark, Stream.id, here)
        for stream_id, count in counted.items():
            found[home[stream_id]].late[mark] += count
    _read_seals(session, found, own)
    return found


def _read_seals(session: Session, found: Mapping[str, SealProgress], own: Mapping[str, Mapping[str, int]]) -> None:
    """Add each unit's latest seal, of its own or a gained stream, or the person who took it back.

    A seal from before a unit gained the stream is its former owner's, not this unit's.
    """
    given_by, taken_by = Officer.id == Seal.officer_id, Officer.id == Seal.taken_back_by
    here = one_of(Seal.stream_id, [stream_id for stream_id, owners in own.items() if owners])
    by = deputies.said_name(Seal.officer_id, Seal.at, Stream.unit_id, WRITERS)
    made = select(Seal, by).join(Officer, given_by).join(Stream, Stream.id == Seal.stream_id)
    for one, name in session.execute(made.where(here, Seal.taken_back_at.is_(None)).order_by(Seal.at, Seal.position)):
        for progress in _whose(one, found, own):
            progress.seal, progress.by = one, name
    by = deputies.said_name(Seal.taken_back_by, Seal.taken_back_at, Stream.unit_id)
    gone = select(Seal, by).join(Officer, taken_by).join(Stream, Stream.id == Seal.stream_id)
    for one, name in session.execute(gone.where(here, Seal.taken_back_at.is_not(None)).order_by(Seal.taken_back_at)):
        for progress in _whose(one, found, own):
            if progress.seal is None or progress.seal.at < (one.taken_back_at or 0):
                progress.taken_back, progress.taken_back_by = one, name


def _whose(seal: Seal, found: Mapping[str, SealProgress], own: Mapping[str, Mapping[str, int]]) -> list[SealProgress]:
    return [found[top] for top, since in own[seal.stream_id].items() if seal.at >= since]


def _today(unit_id: str, heirs: Mapping[str, tuple[str, int]]) -> tuple[str, int]:
    """The unit's successor today, and since when; itself and 0 if it was not merged."""
    since = 0
    while (heir := heirs.get(unit_id)) is not None:
        unit_id, since = heir[0], max(since, heir[1])
    return unit_id, since
