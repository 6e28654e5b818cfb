"""What happened to an account, for its owner: codes and links made for it, devices that enrolled with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.paging import ListPage, page_of
from server.models import Device, EnrolmentCode, Officer, WelcomeLink
from server.services.access import accounts

PAGE: Final = 50
"""Rows of a page of each list."""


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
    """A page of the account's codes, one of its one-time links, and its devices, each the newest first."""

    codes: ListPage[MadeFor]
    links: ListPage[MadeFor]
    devices: list[Device]


def own_acts(session: Session, officer_id: str, codes: int = 1, links: int = 1) -> OwnActs:
    """What is known of this account. Expired codes and links are listed for 90 days (compaction.py).

    `codes`, `links`: which page of them.
    """
    made = select(EnrolmentCode, Officer.name).outerjoin(Officer, Officer.id == EnrolmentCode.made_by)
    mine = made.where(EnrolmentCode.officer_id == officer_id)
    newest = mine.order_by(EnrolmentCode.made_at.desc(), EnrolmentCode.code_hash)
    theirs = select(WelcomeLink).where(WelcomeLink.officer_id == officer_id)
    last = theirs.order_by(WelcomeLink.made_at.desc(), WelcomeLink.token_hash)
    return OwnActs(
        page_of(session, newest, codes, PAGE).map(lambda found: _made(found[0], found[1] or "")),
        page_of(session, last, links, PAGE).map(lambda found: _made(found[0])),
        [device for device, _ in accounts.devices(session, officer_id)],
    )


def _made(row: EnrolmentCode | WelcomeLink, by: str = "") -> MadeFor:
    return MadeFor(row.made_at, by, row.used_at, row.expires_at)
