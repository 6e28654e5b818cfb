"""A level locks the figures of all units below it, and the level above unlocks them with a reason.

Locking stops nobody's work: what comes in later is stored, decided and counted as before. It fixes what the report of
that level is made from (freezing.py). A level below that has not locked yet locks the figures as they stand in that, or
those of now, of which the level above then needs a supplement. None below may unlock its own meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.canonical import canonical, digest
from server.core.clock import now_ms, start_of, today
from server.core.db import add_now
from server.core.problem_details import refuse_if, required, typed_text
from server.models import Campaign, CampaignLetter, Freeze, LockStep, Stream, Unit
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.figures import loading
from server.services.figures.loading import Coverage
from server.services.figures.table import Cell, Counting, FigureTable, FigureUnit, differences, mark
from server.services.records import streams
from server.services.records.streams import Locked
from server.services.reports.accounts import silent_names
from server.services.reports.draft import ReportBasis
from server.services.reports.snapshot import freezes, freezing, steps
from server.services.reports.snapshot.freezing import NOW, LockChoice
from server.services.reports.snapshot.steps import LockAct, LockHistory, after
from server.services.reports.tables import unconfirmed
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.registry import Figure

REASON_LENGTH = 2000
PERSON_LENGTH = 200
LONGEST_OPEN = 31
"""Most days for which figures are opened again."""
HASH_LOGGED = 32
"""Hex digits of a hash in the audit log, which takes no longer words."""
MARK = 16
"""Hex digits of the mark of the units on a page."""


@dataclass(frozen=True, slots=True)
class _Participant:
    """A unit that takes part, the one above it, and whether it was merged into that one."""

    unit: str
    above: str | None
    is_merged: bool


@dataclass(frozen=True, slots=True)
class LockPage:
    """What a page showed when somebody pressed the button: the last step, and a mark of the units that take part."""

    number: int
    units: str


def page(session: Session, unit_id: str, campaign_id: str) -> LockPage:
    """Return what a page drawn now sends along."""
    found = steps.history(session, unit_id, campaign_id)
    return LockPage(found.number, _mark(_taking_part(session, unit_id, campaign_id)))


def may_lock(session: Session, scope: Scope, unit_id: str, campaign: Campaign) -> bool:
    """True if the officer may lock this unit's figures in the campaign, whatever their state."""
    return scope.may_lock(unit_id) and not hinders(session, scope, unit_id, campaign)


def hinders(session: Session, scope: Scope, unit_id: str, campaign: Campaign) -> str:
    """Return why the officer may not lock figures that are open, as the code of the refusal; empty if they may."""
    if campaign.status == "archived":
        return "archived"
    if scope.today(unit_id) != unit_id:
        return "unit_merged"
    if not _takes_part(session, unit_id, campaign.id):
        return "lock_no_part"
    if _is_unsent(session, unit_id, campaign.id):
        return "lock_unsent"
    return "" if scope.may_lock(unit_id) else "forbidden"


def may_unlock(scope: Scope, unit_id: str, campaign: Campaign) -> bool:
    """True if the officer may unlock them, whatever their state."""
    return campaign.status != "archived" and scope.today(unit_id) == unit_id and scope.may_unlock(unit_id)


def lock(  # who locks what, as the page showed it, and how
    session: Session, scope: Scope, unit_id: str, campaign_id: str, shown: LockPage, choice: LockChoice | None = None
) -> Freeze:
    """Lock the figures as they are now. Silent units do not hinder it: they are listed as such.

    `choice`: what the report shows, by default what was counted, with totals without evidence apart. Where a level
    above has locked already, the choice says which figures: those of its freeze that the page named, or those of now.

    A unit with none below it locks its own for the report that it signs, once it has confirmed and sent them.

    Raises Problem: `not_found`, `unit_merged`, `forbidden`, `lock_no_part` (the unit takes no part), `lock_unsent`,
    `archived`, `lock_moved` (somebody was faster, also above), `locked_above` (without a choice), `lock_not_above` (the
    figures locked there do not have this unit), `lock_changed` (units joined or merged since the page).
    """
    scope, held = _held(session, scope, unit_id, campaign_id)
    refuse_if(not scope.may_lock(unit_id), "forbidden")
    refuse_if(not _takes_part(session, unit_id, campaign_id), "lock_no_part")
    choice = choice or LockChoice()
    before = _ready(session, scope, LockStep(unit_id=unit_id, campaign_id=campaign_id, act=LockAct.LOCK), held)
    above = steps.locked_above(session, scope, unit_id, campaign_id)
    theirs = steps.history(session, above.id, campaign_id).freezes[-1] if above is not None else None
    refuse_if(choice.late not in ((theirs, NOW) if theirs else ("",)), "lock_moved" if choice.late else "locked_above")
    refuse_if(before.number != shown.number, "lock_moved")
    refuse_if(shown.units != _mark(_taking_part(session, unit_id, campaign_id)), "lock_changed")
    is_part = choice.late == theirs
    refuse_if(not is_part and _is_unsent(session, unit_id, campaign_id), "lock_unsent")
    at = now_ms()
    if is_part:
        whole = freezes.of(session.get_one(Freeze, theirs))
        made = freezing.freeze_part(session, scope, unit_id, before, at, choice, whole)
    else:
        made = freezing.freeze(session, scope, campaign_id, unit_id, before, at, choice)
    step = LockStep(unit_id=unit_id, campaign_id=campaign_id, act=LockAct.LOCK, at=at, freeze_id=made.id, reason="")
    _take(session, scope, before, step)
    frozen = {"freeze": made.id, "hash": made.sha256[:HASH_LOGGED]}
    _note(session, Act.FIGURES_LOCKED, before, step, frozen)
    return made


def unlock(session: Session, scope: Scope, unit_id: str, campaign_id: str, number: int, reason: str) -> None:
    """Unlock: somebody of the level above, or where nothing is above an administrator, with a reason.

    What was frozen stays as it is. Raises Problem as `lock` does, `reason_needed`, and Refused `too_long`.
    """
    scope, held = _held(session, scope, unit_id, campaign_id)
    refuse_if(not scope.may_unlock(unit_id), "forbidden")
    step = LockStep(unit_id=unit_id, campaign_id=campaign_id, act=LockAct.UNLOCK, reason=_why(reason))
    before = _stepped(session, scope, step, held, number)
    _note(session, Act.FIGURES_UNLOCKED, before, step, {})


def ask(session: Session, scope: Scope, unit_id: str, campaign_id: str, number: int, reason: str) -> None:
    """Ask to have the figures opened again, with a reason. Raises Problem as `unlock` does."""
    scope, held = _held(session, scope, unit_id, campaign_id)
    refuse_if(not scope.may_lock(unit_id), "forbidden")
    step = LockStep(unit_id=unit_id, campaign_id=campaign_id, act=LockAct.ASK, reason=_why(reason))
    before = _stepped(session, scope, step, held, number)
    _note(session, Act.REOPENING_ASKED, before, step, {"hash": _typed(step)})


@dataclass(frozen=True, slots=True)
class Reopening:
    """How figures are opened again. `person`: the leader who allowed it, with the title; `last`: the last day."""

    number: int
    reason: str
    person: str
    last: date | None


def reopen(session: Session, scope: Scope, unit_id: str, campaign_id: str, how: Reopening) -> None:
    """Open a unit's figures again until a day, also where levels above have locked. Papers stay as they are.

    While that lasts it is done again to give it another end, today at the earliest.

    What the unit locks then is of that moment, and the levels above need a supplement. Raises Problem as `unlock` does,
    `person_needed`, `reopen_last` (no day, one that is over, or more than 31 days ahead).
    """
    scope, held = _held(session, scope, unit_id, campaign_id)
    refuse_if(not scope.may_reopen(unit_id), "forbidden")
    person = " ".join(how.person.split())
    refuse_if(not person or len(person) > PERSON_LENGTH, "person_needed", "person")
    last = required(how.last, "reopen_last", "last")
    refuse_if(not today() <= last <= today() + timedelta(days=LONGEST_OPEN), "reopen_last", "last")
    step = LockStep(unit_id=unit_id, campaign_id=campaign_id, act=LockAct.REOPEN, reason=_why(how.reason))
    step.until, step.person = start_of(last + timedelta(days=1)), person
    before = _stepped(session, scope, step, held, how.number)
    refuse_if(not (before.is_locked or before.reopened), "lock_moved")
    _note(session, Act.FIGURES_REOPENED, before, step, {"to": last.isoformat(), "hash": _typed(step)})


def _typed(step: LockStep) -> str:
    """Return the start of a hash of what was typed, so that the log can prove it and names nobody."""
    return digest(canonical([step.person or "", step.reason]))[:HASH_LOGGED]


def _why(reason: str) -> str:
    return typed_text(reason, REASON_LENGTH, "reason", "reason_needed")


def _held(session: Session, scope: Scope, unit_id: str, campaign_id: str) -> tuple[Scope, dict[str, Locked]]:
    """Keep records, units and campaigns as they are until the transaction ends; returns the rights as they are now.

    All streams of the subtree: two who lock at once wait for each other, also at two levels.
    """
    refuse_if(session.get(Campaign, campaign_id) is None or not scope.may_see(unit_id), "not_found")
    held = streams.lock(session, _taking_part(session, unit_id, campaign_id))
    lock_catalog(session)
    session.expire_all()  # units and campaign as they are behind the locks
    scope = Scope(session, scope.officer_id)
    refuse_if(scope.today(unit_id) != unit_id, "unit_merged")
    return scope, held


def _ready(session: Session, scope: Scope, step: LockStep, held: Mapping[str, Locked]) -> LockHistory:
    """Check what both acts need; returns the steps so far."""
    refuse_if(any(each.status == "archived" for each in held.values()), "archived")
    before = steps.history(session, step.unit_id, step.campaign_id)
    after(before.state, LockAct(step.act))
    above = steps.locked_above(session, scope, step.unit_id, step.campaign_id)
    refuse_if(step.act == LockAct.UNLOCK and above is not None, "locked_above")
    return before


def _stepped(session: Session, scope: Scope, step: LockStep, held: Mapping[str, Locked], number: int) -> LockHistory:
    """Take a step after the one that the page showed; returns the steps before it."""
    before = _ready(session, scope, step, held)
    refuse_if(before.number != number, "lock_moved")
    _take(session, scope, before, step)
    return before


def _take(session: Session, scope: Scope, before: LockHistory, step: LockStep) -> None:
    add_now(session, step.follow(before.number, scope.officer_id, step.at))


def _note(session: Session, said: Act, before: LockHistory, step: LockStep, more: Mapping[str, str]) -> None:
    now = after(before.state, LockAct(step.act))
    new = {"campaign": step.campaign_id, "status": now.value, **more}
    log.append(session, said, ("unit", step.unit_id), old={"status": before.state.value}, new=new)


def _taking_part(session: Session, unit_id: str, campaign_id: str) -> dict[str, _Participant]:
    """By stream: its unit, of the subtree."""
    units = subtree(session, [unit_id])
    rows = select(Stream.id, Unit.id, Unit.parent_id, Unit.merged_at).join(Unit, Unit.id == Stream.unit_id)
    here = rows.where(Stream.campaign_id == campaign_id, Stream.unit_id.in_(units))
    return {
        stream: _Participant(unit, above, merged is not None) for stream, unit, above, merged in session.execute(here)
    }


def _takes_part(session: Session, unit_id: str, campaign_id: str) -> bool:
    here = Stream.unit_id == unit_id, Stream.campaign_id == campaign_id
    return session.scalar(select(Stream.id).where(*here)) is not None


def _is_unsent(session: Session, unit_id: str, campaign_id: str) -> bool:
    """True if no unit below takes part, and something of the unit's own is not confirmed and sent."""
    every = select(Stream.id).join(Unit, Unit.id == Stream.unit_id).where(Stream.campaign_id == campaign_id)
    stands = every.where(Unit.merged_at.is_(None)).limit(1)
    if session.scalar(stands.where(Unit.parent_id == unit_id)) is not None:  # so it is nearly always
        return False
    here = one_of(Stream.unit_id, subtree(session, [unit_id]))
    if session.scalar(stands.where(here, Unit.id != unit_id)) is not None:
        return False
    unsent = or_(Stream.sealed.is_(None), Stream.written > Stream.sealed)
    return session.scalar(every.where(here, unsent).limit(1)) is not None


def _mark(taking_part: Mapping[str, _Participant]) -> str:
    said = sorted([place.unit, place.above, place.is_merged] for place in taking_part.values())
    return digest(canonical(said))[:MARK]


# What a level is about to lock: who has reported and who is silent, what waits, and the figures as they are now.
@dataclass(frozen=True, slots=True)
class LockPreview:
    """`shown`: what the form sends back. `seen`: a mark of the figures on the page.

    `silent`: names of units that reported nothing, in one text. `unsealed`: units that reported and have not confirmed
    their figures. `own_unsealed`: units with units below, this one too, that have not confirmed what they did
    themselves. `open_levels`: units with units below that have not locked theirs. `waiting`: records that wait for a
    decision. `unconfirmed`: units of which the level above has stated something that they have not confirmed.
    `figures`: the totals that somebody reported or stated. `cutoff_at`: the cut-off in ms, if it is still to come.
    """

    shown: LockPage
    seen: str
    covered: Coverage
    silent: str
    unsealed: list[FigureUnit]
    own_unsealed: list[FigureUnit]
    open_levels: list[FigureUnit]
    waiting: int
    unconfirmed: list[FigureUnit]
    figures: list[tuple[Figure, Cell]]
    cutoff_at: int | None

    @property
    def has_totals(self) -> bool:
        """True if something is without evidence."""
        return any(cell.has_total for _, cell in self.figures)


@dataclass(frozen=True, slots=True)
class LateLock:
    """What a unit chooses from whose level above has locked already. `freeze`: what that one locked, at `at`.

    `has`: the unit is in it. `moved`: how many of its figures are otherwise now.
    """

    above: str
    freeze: str
    at: int
    has: bool
    moved: int


def late(session: Session, scope: Scope, campaign: Campaign, unit_id: str, above: Unit) -> LateLock:
    """Read it. `above`: the unit further up that has locked."""
    row = session.get_one(Freeze, steps.history(session, above.id, campaign.id).freezes[-1])
    theirs = freezes.of(row)
    part = theirs.table.part(unit_id)
    now = loading.load(session, scope, campaign, unit_id)
    counts = Counting(theirs.counts.included, theirs.counts.stands_in)
    moved = {each.code for each in differences(part, now, counts)} if part else set()
    return LateLock(above.name, row.id, row.at, part is not None, len(moved))


def preview(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> LockPreview:
    """Read it. Raises Problem `not_found` for a unit that the officer may not see."""
    found = loading.load(session, scope, campaign, unit_id)
    waiting = loading.waiting(session, campaign.id, unit_id)
    return _preview(session, campaign, found, page(session, unit_id, campaign.id), waiting)


def offered(
    session: Session, scope: Scope, campaign: Campaign, history: LockHistory, read: ReportBasis
) -> LockPreview | None:
    """Return what would be locked now of figures that were read, if they are open and the officer may; else None."""
    if history.is_locked:
        return None
    unit_id = read.table.unit.id
    if not may_lock(session, scope, unit_id, campaign):
        return None
    shown = LockPage(history.number, _mark(_taking_part(session, unit_id, campaign.id)))
    return _preview(session, campaign, read.table, shown, read.waiting)


def _preview(session: Session, campaign: Campaign, found: FigureTable, shown: LockPage, waiting: int) -> LockPreview:
    unit_id = found.unit.id
    below = {row.unit.id: row.unit for row in found.children if found.has_below(row.unit.id)}
    held = steps.locked(session, below, campaign.id)
    cells = [(figure, found.total.cells[figure.code]) for figure in found.figures]
    lowest = [row for _, row in found.leaves() if not row.unit.merged]
    letter = session.get(CampaignLetter, campaign.id)
    cutoff = letter.cutoff_at if letter else None
    return LockPreview(
        shown=shown,
        seen=mark(found.total),
        covered=loading.coverage(session, unit_id, campaign.id),
        silent=silent_names(found),
        unsealed=[row.unit for row in lowest if not row.silent and row.standing.seal is None],
        own_unsealed=[row.unit for row in found.owns() if not row.silent and row.standing.seal is None],
        open_levels=[unit for id_, unit in below.items() if id_ not in held],
        waiting=waiting,
        unconfirmed=[row.unit for row in unconfirmed([*lowest, *found.owns()])],
        figures=[(figure, cell) for figure, cell in cells if cell.is_said],
        cutoff_at=cutoff if cutoff and cutoff > now_ms() else None,
    )
