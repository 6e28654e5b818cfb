"""A campaign that is open is amended: phones get it with their next catalogue.

What records rest on stays, as with kinds (sync/kinds.lock.json): a slogan keeps its id and may be corrected, more may
be added, none is taken away, because a phone without a signal may hold a record that names it. Kinds of activity are
added, never withdrawn. Whose campaign it is, whether it is practice and who reviews stay: they decide what was counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns.lifecycle import NewCampaign, numbered
from server.services.units.scope import Scope
from sync.registry import KINDS


def to_amend(session: Session, scope: Scope, campaign_id: str, *, lock: bool = False) -> Campaign:
    """Return the campaign; with `lock` until the transaction ends.

    Raises Problem `not_found`, `forbidden`, or `archived`: then nothing changes.
    """
    if lock:
        lock_catalog(session)
    # Not against those who only name it: a unit that joins does, while it holds what this one takes next.
    campaign = scope.seen(session.get(Campaign, campaign_id, with_for_update={"key_share": True} if lock else None))
    refuse_if(not scope.may_run(campaign), "forbidden")
    refuse_if(campaign.status == "archived", "archived")
    return campaign


def amend(session: Session, campaign: Campaign, new: NewCampaign, corrected: Mapping[str, str]) -> Campaign:
    """Set what may change. `new.slogans`: those to add; `corrected`: texts of those that are there, by id."""
    due = {"": campaign.due_before.isoformat(), **campaign.due_levels}
    campaign.name, campaign.hotline = new.name, new.hotline
    campaign.starts_on, campaign.ends_on = new.starts_on, new.ends_on
    campaign.due_before, campaign.due_levels = new.due_before, new.due_levels
    kept = [{"id": row["id"], "text": corrected.get(row["id"]) or row["text"]} for row in campaign.slogans]
    campaign.slogans = [*kept, *numbered(new.slogans, after=_last(kept))]
    campaign.bases, campaign.tasks = new.bases, new.tasks
    campaign.kinds = with_kinds(campaign, new.kinds)
    campaign.expected, campaign.figures = new.expected, new.figures
    session.flush()
    log.append(session, Act.CAMPAIGN_AMENDED, ("campaign", campaign.id), new={"unit": campaign.unit_id})
    _log_due(session, campaign, due, {"": new.due_before.isoformat(), **new.due_levels})
    return campaign


def _log_due(session: Session, campaign: Campaign, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Log each due date that changed, from what to what: that of all, and those of levels."""
    for level in sorted({*old, *new}):
        if old.get(level) != new.get(level):
            was, now = ({"before": day} if (day := each.get(level)) else None for each in (old, new))
            log.append(session, Act.CAMPAIGN_DUE, ("campaign", campaign.id), old=was, new=now)


def with_kinds(campaign: Campaign, kinds: Sequence[str]) -> list[str]:
    """Return the campaign's kinds with these; none, which is all, if it has all or gets all."""
    if not campaign.kinds or not kinds:
        return []
    every = [kind.name for kind in KINDS.recorded()]
    wanted = [name for name in every if name in kinds or name in campaign.kinds]
    return [] if wanted == every else wanted


def _last(slogans: Sequence[Mapping[str, str]]) -> int:
    numbers = [int(row["id"][1:]) for row in slogans if row["id"][1:].isdigit()]
    return max(numbers, default=0)
