"""Handover ("bàn giao"): one act passes a person's duties on to a successor, and says what is left on their phones.

Records, returned items, drafts and the plan belong to units, not to people: they go over with the roles. The person
keeps the account without a role. So a phone with unsent records hands them in for 30 days more (SPEC L-8) and gets
nothing new; their sessions at the desk end, and codes that were not used are void.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.paging import ListPage, page_of
from server.core.problem_details import Problem, refuse_if, required
from server.models import (
    Campaign,
    Census,
    Device,
    EnrolmentCode,
    Handover,
    LetterDraft,
    Membership,
    MissingWrite,
    Officer,
    Photo,
    PhotoRef,
    Stream,
    Unit,
    WriteRow,
)
from server.models.installation import lock_catalog
from server.services.access import accounts
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import people, staff
from server.services.records.projection import records_in
from server.services.records.stored import THUMB
from server.services.units.scope import OFFICER, Scope
from server.services.units.tree import ancestry, subtree
from sync.text import normal

COLLEAGUES: Final = 50
PAGE: Final = 20
_WAITING: Final = ("waiting", "amended", "resubmitted")


@dataclass(frozen=True, slots=True)
class Duty:
    """One role at one unit. `may`: the asking officer may pass it on."""

    unit: Unit
    role: str
    may: bool


@dataclass(frozen=True, slots=True)
class Work:
    """Numbers of records of open campaigns, practice aside, that are at work where the duties hold.

    `plan`: figures of which those campaigns ask an amount.
    """

    drafts: int
    returned: int
    waiting: int
    plan: int


@dataclass(frozen=True, slots=True)
class LeftOn:
    """A device and what the server knows to be still on it: photos that did not come, and lost writes (SPEC B-4).

    What a phone never announced is not known. `state`: `in_use`, `replaced` or `revoked`.
    """

    label: str
    mark: str
    seen_at: int
    state: str
    photos: int
    writes: int
    held: int = 0
    """Entries and photos that were on it alone, as it last reported (SPEC X-45)."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What a person would hand over."""

    officer: Officer
    duties: list[Duty]
    work: Work
    devices: list[LeftOn]
    colleagues: list[Officer]


def duties(session: Session, scope: Scope, officer_id: str) -> Duties:
    """What this person would hand over, and colleagues at the same units. Raises Problem."""
    officer = people.managed(session, scope, officer_id, disabled=True)
    rows = session.execute(
        select(Membership, Unit)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.officer_id == officer_id, Membership.ended_at.is_(None))
        .order_by(Unit.code, Membership.role)
    )
    held = [Duty(unit, each.role, scope.may_pass_on(each.role, unit.id)) for each, unit in rows]
    here = select(Membership.officer_id).where(
        Membership.unit_id.in_({duty.unit.id for duty in held}), Membership.ended_at.is_(None)
    )
    others = select(Officer).where(Officer.id.in_(here), Officer.id != officer_id, Officer.disabled_at.is_(None))
    colleagues = session.scalars(others.order_by(Officer.sort_key, Officer.id).limit(COLLEAGUES))
    return Duties(officer, held, _work(session, held), left_on(session, officer_id), list(colleagues))


def hand_over(session: Session, scope: Scope, officer_id: str, username: str) -> Handover:
    """Pass all duties on to the account of that user name. Returns the record to print.

    Raises Problem: `not_found` and `forbidden` as for other acts on people, `forbidden` for a role that the asking
    officer may not give, `bad_request` (field `username`) for an account that cannot take over.
    """
    lock_catalog(session)
    found = duties(session, scope, officer_id)
    refuse_if(not found.duties or not all(duty.may for duty in found.duties), "forbidden")
    successor = required(
        session.scalar(select(Officer).where(Officer.username == normal(username).lower())), "bad_request", "username"
    )
    refuse_if(successor.id == officer_id or successor.disabled_at is not None, "bad_request", "username")
    try:
        people.managed(session, scope, successor.id)
    except Problem as problem:
        raise Problem("bad_request", "username") from problem
    for duty in found.duties:
        staff.give_role(session, successor.id, duty.unit.id, duty.role)
    _give_drafts(session, officer_id, successor.id)
    staff.end(session, _held(session, officer_id))
    accounts.end_sessions(session, officer_id)
    unused = (EnrolmentCode.officer_id == officer_id, EnrolmentCode.used_at.is_(None))
    session.execute(update(EnrolmentCode).where(*unused).values(used_at=now_ms()))
    accounts.void_links(session, officer_id)
    row = Handover(id=new_id(), from_id=officer_id, to_id=successor.id, by_id=scope.officer_id, at=now_ms(), told={})
    row.told = _told(found, successor, session.get_one(Officer, scope.officer_id))
    add_now(session, row)
    log.append(session, Act.HANDED_OVER, ("officer", officer_id), new={"officer": successor.id})
    return row


def _give_drafts(session: Session, officer_id: str, successor_id: str) -> None:
    """Drafts of campaigns at the desk, of which only their officer knows."""
    theirs = Scope(session, successor_id)
    for draft in session.scalars(select(LetterDraft).where(LetterDraft.officer_id == officer_id)):
        if theirs.may_open(draft.unit_id):
            draft.officer_id = successor_id


def record(session: Session, scope: Scope, handover_id: str) -> Handover:
    """The record of a handover, for who made it, whom it names, and who manages the successor. Raises `not_found`."""
    row = required(session.get(Handover, handover_id))
    if scope.officer_id not in (row.by_id, row.from_id, row.to_id):
        people.managed(session, scope, row.to_id)
    return row


def made(session: Session, officer_id: str, page: int = 1) -> ListPage[Handover]:
    """A page of the handovers that this officer made, the last first."""
    query = select(Handover).where(Handover.by_id == officer_id).order_by(Handover.at.desc(), Handover.id)
    return page_of(session, query, page, PAGE).map(lambda found: found[0])


def left_on(session: Session, officer_id: str) -> list[LeftOn]:
    """The person's devices that are not revoked, the last heard first."""
    mine = select(Device).where(Device.officer_id == officer_id, Device.revoked_at.is_(None), ~Device.script)
    return [
        LeftOn(
            device.label,
            device.mark,
            device.seen_at,
            "replaced" if device.replaced_at is not None else "in_use",
            _photos(session, device.id),
            _writes(session, device.id),
            (device.held_writes or 0) + (device.held_photos or 0),
        )
        for device in session.scalars(mine.order_by(Device.seen_at.desc(), Device.id))
    ]


def _writes(session: Session, device_id: str) -> int:
    """Writes that the device held and a restored database has not got back."""
    named = select(func.count()).select_from(MissingWrite).where(MissingWrite.told_by == device_id)
    return session.scalar(named) or 0


def _photos(session: Session, device_id: str) -> int:
    """Photos that records written on this device name, whose bytes did not come and were not refused."""
    written = select(WriteRow.record_id).where(WriteRow.device_id == device_id)
    judged = select(Photo.sha256).where(Photo.sha256 == PhotoRef.sha256, Photo.state == "refused")
    owed = (PhotoRef.record_id.in_(written), PhotoRef.held.is_(False), PhotoRef.role != THUMB, ~judged.exists())
    return session.scalar(select(func.count(PhotoRef.sha256.distinct())).where(*owed)) or 0


def _work(session: Session, held: list[Duty]) -> Work:
    own = {duty.unit.id for duty in held if duty.role == OFFICER}
    led = subtree(session, [duty.unit.id for duty in held if duty.role != OFFICER])
    units = own | set(led)
    real = (Campaign.status == "open", Campaign.practice.is_(False))
    counted = records_in(Census.state).join(Campaign, Campaign.id == Stream.campaign_id)
    rows = session.execute(counted.where(Stream.unit_id.in_(units), *real)).all()
    chains = {above for duty in held for above in ancestry(session, duty.unit.id)}
    campaigns = session.scalars(select(Campaign).where(Campaign.unit_id.in_(chains), *real))
    return Work(
        drafts=sum(count for state, count in rows if state == "draft"),
        returned=sum(count for state, count in rows if state == "returned"),
        waiting=sum(count for state, count in rows if state in _WAITING),
        plan=sum(len(campaign.expected) for campaign in campaigns),
    )


def _held(session: Session, officer_id: str) -> list[Membership]:
    open_ones = (Membership.officer_id == officer_id, Membership.ended_at.is_(None))
    return list(session.scalars(select(Membership).where(*open_ones)))


def _told(found: Duties, successor: Officer, by: Officer) -> dict[str, Any]:
    def person(officer: Officer) -> dict[str, str]:
        return {"name": officer.name, "username": officer.username, "phone": officer.phone}

    work = found.work
    return {
        "from": person(found.officer),
        "to": person(successor),
        "by": person(by),
        "duties": [{"unit": duty.unit.name, "role": duty.role} for duty in found.duties],
        "work": {"drafts": work.drafts, "returned": work.returned, "waiting": work.waiting, "plan": work.plan},
        "devices": [
            {
                "label": each.label,
                "mark": each.mark,
                "seen_at": each.seen_at,
                "state": each.state,
                "photos": each.photos,
                "writes": each.writes,
            }
            for each in found.devices
        ],
    }
