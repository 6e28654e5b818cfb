"""Links that refresh a table: an address by which Excel's "From Web" reads one selection, until it expires or is ended.

Campaign, unit and filter are fixed when the link is made. What may be seen is asked anew at each use: never more than
its maker may see at that moment, and nothing once the account is disabled or has no role there. An ended link stays
ended after a restore (continuity/revocations.py, SPEC B-6); one made after the backup is not known any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.core.clock import DAY_MS, MINUTE_MS, now_ms, start_of, today
from server.core.db import add_now, reading
from server.core.problem_details import Problem, refuse_if, required
from server.core.secrets_at_rest import token_hash
from server.models import Campaign, ExportLink, Officer, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.exports import stored_filter
from server.services.exports.selection import Selection, one_unit
from server.services.exports.table_files import TableOrder, write
from server.services.review.queue_query import units_of
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope

A_MINUTE: Final = 6
"""Uses of a link in one minute: each may write 20,000 lines."""
MOST: Final = 20_000
"""Most records that a link shows."""
OPEN: Final = 20
"""Links that one person may have at the same time."""
KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""How long an ended link stays in the list."""


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link in the list. `filter`: what it shows; `unit`: that unit and all below, by name. Times in ms."""

    id: str
    by: str
    unit: str
    campaign: str
    filter: ResultFilter
    made_at: int
    expires_at: int
    ended_at: int | None
    used_at: int | None
    used_count: int
    mine: bool

    @property
    def is_open(self) -> bool:
        """Return True while it can be used."""
        return self.ended_at is None and self.expires_at > now_ms()


@dataclass(frozen=True, slots=True)
class LinkUse:
    """What a use of a link is allowed to show, and with whose rights."""

    officer_id: str
    campaign_id: str
    filter: ResultFilter


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to make: its id and token are drawn with the form, so that the same form sent twice makes one."""

    id: str
    token: str


def make(
    session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter, new: NewLink, days: int
) -> ExportLink:
    """Make a link to this selection, or return it if this form made it before. `days`: after the campaign's end.

    Raises Problem `not_found`, `export_unit`, `too_many_links`.
    """
    there = session.get(ExportLink, new.id)
    if there is not None:
        refuse_if(there.token_hash != token_hash(new.token) or there.officer_id != scope.officer_id, "not_found")
        return there
    cut = replace(asked.cut, campaign=campaign.id, unit=one_unit(scope, asked), page=1)
    fixed = replace(asked, cut=cut)
    units_of(session, scope, cut)  # raises for a unit outside the scope
    refuse_if(len(_open_ones(session, scope.officer_id)) >= OPEN, "too_many_links")
    row = add_now(
        session,
        ExportLink(
            id=new.id,
            token_hash=token_hash(new.token),
            officer_id=scope.officer_id,
            campaign_id=campaign.id,
            unit_id=cut.unit,
            filter=stored_filter.as_data(fixed),
            made_at=now_ms(),
            expires_at=_expiry(campaign, days),
        ),
    )
    log.append(session, Act.EXPORT_LINK_MADE, ("link", row.id), new={"campaign": campaign.id, "unit": row.unit_id})
    return row


def _expiry(campaign: Campaign, days: int) -> int:
    """Return the end of the day so many days after the campaign, or after today if it is over."""
    last = max(campaign.ends_on, today()) + timedelta(days=days)
    return start_of(last + timedelta(days=1))


def _open_ones(session: Session, officer_id: str) -> list[str]:
    theirs = ExportLink.officer_id == officer_id, ExportLink.ended_at.is_(None), ExportLink.expires_at > now_ms()
    return list(session.scalars(select(ExportLink.id).where(*theirs)))


def listed(session: Session, scope: Scope) -> list[LinkLine]:
    """Return the person's own links and those of units that the person manages, newest first."""
    since = now_ms() - KEPT_MS
    lately = or_(ExportLink.ended_at.is_(None), ExportLink.ended_at > since), ExportLink.expires_at > since
    query = select(ExportLink, Officer.name, Unit.name, Campaign.name).join(
        Officer, Officer.id == ExportLink.officer_id
    )
    query = query.join(Unit, Unit.id == ExportLink.unit_id).join(Campaign, Campaign.id == ExportLink.campaign_id)
    rows = session.execute(query.where(*lately).order_by(ExportLink.made_at.desc(), ExportLink.id))
    return [
        LinkLine(
            id=row.id,
            by=by,
            unit=unit,
            campaign=campaign,
            filter=stored_filter.from_data(row.filter),
            made_at=row.made_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            used_at=row.used_at,
            used_count=row.used_count,
            mine=row.officer_id == scope.officer_id,
        )
        for row, by, unit, campaign in rows
        if _may_end(scope, row)
    ]


def _may_end(scope: Scope, row: ExportLink) -> bool:
    return row.officer_id == scope.officer_id or scope.may_manage(row.unit_id)


def end(session: Session, scope: Scope, link_id: str) -> None:
    """End a link for good; one that has ended stays as it is. Raises Problem `not_found`."""
    row = required(session.get(ExportLink, link_id, with_for_update=True))
    refuse_if(not _may_end(scope, row), "not_found")
    if row.ended_at is None:
        row.ended_at = now_ms()  # on the object, not in bulk: revocations.py watches those
        _tell(session, row)
        log.append(session, Act.EXPORT_LINK_ENDED, ("link", row.id), new={"unit": row.unit_id})
        session.flush()


def use(session: Session, token: str) -> LinkUse:
    """Count a use of the link with this token. In the log a day's first use is a line, with those before it counted.

    Raises Problem `not_found` for no link at all, `link_ended`, and `link_busy` beyond A_MINUTE.
    """
    now = now_ms()
    row = required(
        session.scalar(select(ExportLink).where(ExportLink.token_hash == token_hash(token)).with_for_update())
    )
    officer = session.get_one(Officer, row.officer_id)
    over = row.ended_at is not None or row.expires_at <= now or officer.disabled_at is not None
    refuse_if(over or not Scope(session, row.officer_id).may_see(row.unit_id), "link_ended")
    if row.minute != now // MINUTE_MS:
        row.minute, row.minute_count = now // MINUTE_MS, 0
    if row.minute_count >= A_MINUTE:
        raise Problem("link_busy", retry_after_s=(MINUTE_MS - now % MINUTE_MS) // 1000 + 1)
    row.minute_count += 1
    row.used_at, row.used_count = now, row.used_count + 1
    if row.told_day != now // DAY_MS:
        row.told_day = now // DAY_MS
        _tell(session, row)
    session.flush()
    return LinkUse(row.officer_id, row.campaign_id, stored_filter.from_data(row.filter))


def _tell(session: Session, row: ExportLink) -> None:
    """Write the uses that are not in the log as one line."""
    more = row.used_count - row.told_count
    if more:
        row.told_count = row.used_count
        log.append(session, Act.EXPORT_LINK_USED, ("link", row.id), new={"unit": row.unit_id}, times=more)


def table(wanted: LinkUse, folder: Path) -> Path:
    """Write what a link shows as CSV, with its maker's rights of now. Raises Problem `export_too_large` beyond MOST."""
    with reading() as session:
        campaign = session.get_one(Campaign, wanted.campaign_id)
        selection = Selection(session, Scope(session, wanted.officer_id), campaign, wanted.filter)
        refuse_if(selection.is_too_large or selection.count() > MOST, "export_too_large")
    order = TableOrder(wanted.officer_id, wanted.campaign_id, wanted.filter, lambda _done, _of: None)
    return write(order, "csv", folder)[0]
