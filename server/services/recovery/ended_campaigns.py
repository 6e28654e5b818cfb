"""Erasure at a campaign's end: a nightly job purges its records so many months later, if the settings say so.

Off unless `LOA_ERASE_MONTHS` is set. Each record is purged as `loa purge` does it (purges.py): clients drop it, the log
has a line for it, and every restore purges it again. What an office has reported stays in its freezes: their sums, and
their papers without photos. So a campaign keeps its records until its figures are locked at its own unit.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Final

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core import data_dir_locks
from server.core.clock import by_months, local, now_ms, today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Campaign, LockStep, Meta, Officer, Record, Stream
from server.services.audit import log as audit_log
from server.services.audit.acts import Act
from server.services.jobs import Attempt, Jobs
from server.services.jobs.attempt import Later
from server.services.photos.uploads import Partials
from server.services.records import streams
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.services.units.scope import ADMIN, Scope

log = logging.getLogger(__name__)

KIND: Final = "records.erase"
NIGHTLY: Final = time(1, 50)
"""Before the night's backup, which then holds nothing of what went."""
LONGEST_S: Final = 6 * 3600
WAIT_S: Final = 600.0
"""Seconds until the next try while a backup runs."""


@dataclass(frozen=True, slots=True)
class ErasureRule:
    """After how many months records go (0: never), and the user name of the administrator who ordered it."""

    months: int
    by: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What becomes of an archived campaign's records.

    `erased_at`: when they went, in ms. `day`: the first day on which the job takes them; None until its figures are
    locked.
    """

    erased_at: int | None
    day: date | None


def erasure(session: Session, campaign: Campaign, months: int) -> Erasure | None:
    """Return what becomes of its records; None if they stay, as far as anybody knows."""
    if campaign.status != "archived" or campaign.closed_at is None:
        return None
    noted = session.get(Meta, _fact(campaign.id))
    if noted is not None and not purges.of_campaign(session, campaign.id):  # it may have been open again since
        return Erasure(int(noted.value), None)
    if not months:
        return None
    return Erasure(None, _first_day(campaign.closed_at, months) if _is_settled(session, campaign) else None)


def register(jobs: Jobs, rule: ErasureRule, blobs: Blobs, partials: Partials) -> None:
    """Make the nightly job known, if records are to be erased at all."""
    if not rule.months:
        return

    def run(attempt: Attempt, _ids: Sequence[str]) -> None:
        with reading() as session:
            by = _administrator(session, rule.by)
            ended = [each.id for each in session.scalars(_archived()) if _is_due(session, each, rule.months)]
        for nth, campaign_id in enumerate(ended):
            more = True
            while more:
                attempt.progress(nth, len(ended))
                order = Order(by, f"LOA_ERASE_MONTHS={rule.months}", now_ms())
                more = _erase_once(jobs.data_dir, campaign_id, rule.months, order, blobs, partials)

    jobs.register(KIND, run, nightly=NIGHTLY, longest_s=LONGEST_S)


def _erase_once(  # what a transaction of it takes
    data_dir: Path, campaign_id: str, months: int, order: Order, blobs: Blobs, partials: Partials
) -> bool:
    """Erase some records, beside no backup. Returns True if others may be left. Raises Later."""
    with data_dir_locks.sweeping(data_dir) as may:
        if not may:
            raise Later(WAIT_S)
        with writing() as session:
            gone, more = erase_some(session, campaign_id, months, order, blobs)
        partials.forget(gone)  # after the commit: an upload of these photos could begin until then
    return more


def erase_some(session: Session, campaign_id: str, months: int, order: Order, blobs: Blobs) -> tuple[list[str], bool]:
    """Purge some records of a campaign that is still due. Returns the deleted hashes, and whether others are left.

    With the last one the campaign is noted as erased, in the log too.
    """
    of_it = select(Stream.id).where(Stream.campaign_id == campaign_id)
    streams.lock(session, session.scalars(of_it).all())  # nobody reopens it from here on
    campaign = session.get(Campaign, campaign_id, populate_existing=True)
    if campaign is None or not _is_due(session, campaign, months):
        return [], False
    ids = purges.of_campaign(session, campaign_id)
    part = ids[: purges.AT_ONCE]
    gone = purges.purge(session, part, order, blobs) if part else []
    if len(ids) > len(part):
        return gone, True
    if part or session.scalar(select(exists().where(Record.stream_id.in_(of_it)))):
        session.merge(Meta(key=_fact(campaign_id), value=str(order.at)))
        audit_log.append(session, Act.CAMPAIGN_ERASED, ("campaign", campaign_id), new={"unit": campaign.unit_id})
    return gone, False


def _archived() -> Select[Campaign]:
    return select(Campaign).where(Campaign.status == "archived").order_by(Campaign.closed_at, Campaign.id)


def _is_due(session: Session, campaign: Campaign, months: int) -> bool:
    """True if it ended so long ago that its records go, and some may be left."""
    if campaign.status != "archived" or campaign.closed_at is None:
        return False
    if today() < _first_day(campaign.closed_at, months) or not _is_settled(session, campaign):
        return False
    return session.get(Meta, _fact(campaign.id)) is None or bool(purges.of_campaign(session, campaign.id))


def _first_day(closed_at: int, months: int) -> date:
    return by_months(local(closed_at).date(), months)


def _is_settled(session: Session, campaign: Campaign) -> bool:
    """True if a freeze keeps its figures: locked at its own unit. A practice campaign has none to keep."""
    if campaign.practice:
        return True
    here = LockStep.campaign_id == campaign.id, LockStep.unit_id == campaign.unit_id
    last = session.scalars(select(LockStep).where(*here, LockStep.is_last())).first()
    return last is not None and last.leaves_locked


def _administrator(session: Session, username: str) -> str:
    """Return the id of who ordered it. Raises Problem `forbidden` if that is no administrator any more."""
    named = Officer.username == username.lower(), Officer.disabled_at.is_(None)
    id_ = session.scalar(select(Officer.id).where(*named))
    if id_ is None or not Scope(session, id_).has_role(ADMIN):
        log.error("LOA_ERASE_BY names no administrator: no record was erased")
        raise Problem("forbidden")
    return id_


def _fact(campaign_id: str) -> str:
    """Return the key of the fact that the records of a campaign were erased; its value is the moment."""
    return f"erased.{campaign_id}"
