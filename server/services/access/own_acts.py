"""What happened to an account, for its owner: codes and links made for it, devices that enrolled with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Device, EnrolmentCode, Officer, WelcomeLink
from server.services.access import accounts

MOST: Final = 50
"""Most rows of each list."""


@dataclass(frozen=True, slots=True)
class MadeFor:
    """An enrolment code for this account. `by`: who made it; empty: an administrator in the shell."""

    at: int
    by: str
    used_at: int | None
    expires_at: int

    @property
    def is_open(self) -> bool:
        """True while somebody may use it."""
        return self.used_at is None and self.expires_at >= now_ms()


@dataclass(frozen=True, slots=True)
class OwnActs:
    """The account's codes, one-time links and devices, each the newest first."""

    codes: list[MadeFor]
    links: list[MadeFor]
    devices: list[Device]


def own_acts(session: Session, officer_id: str) -> OwnActs:
    """What is known of this account. Expired codes and links are listed for 90 days (compaction.py)."""
    made = select(EnrolmentCode, Officer.name).outerjoin(Officer, Officer.id == EnrolmentCode.made_by)
    mine = made.where(EnrolmentCode.officer_id == officer_id)
    codes = session.execute(mine.order_by(EnrolmentCode.made_at.desc(), EnrolmentCode.code_hash).limit(MOST))
    links = select(WelcomeLink).where(WelcomeLink.officer_id == officer_id)
    newest = links.order_by(WelcomeLink.made_at.desc(), WelcomeLink.token_hash).limit(MOST)
    return OwnActs(
        [MadeFor(row.made_at, name or "", row.used_at, row.expires_at) for row, name in codes],
        [MadeFor(row.made_at, "", row.used_at, row.expires_at) for row in session.scalars(newest)],
        [device for device, _ in accounts.devices(session, officer_id)][:MOST],
    )
