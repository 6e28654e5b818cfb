"""Take the figures of a dry run, or take them away again: the set before ends, so one holds for a unit at a time."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import insert_all
from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if
from server.models import PriorDraft, PriorSet, PriorValue, Stream
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.comparison import bases, drafts
from server.services.units.scope import Scope


def take(session: Session, scope: Scope, draft: PriorDraft, other_rules: Collection[str]) -> PriorSet:
    """Take what the dry run shows. `other_rules`: figures that a person says were counted otherwise then.

    Raises Problem as `drafts.check` does, and `prior_no_rows` if no row has a unit.
    """
    drafts.check(session, scope, draft.campaign_id, draft.unit_id)
    run = drafts.dry_run(session, scope, draft)
    refuse_if(not run.given, "prior_no_rows")
    _end(session, scope, draft.campaign_id, draft.unit_id)
    rules = {figure.code: run.rules.get(figure.code, "") for figure in run.figures}
    made = add_now(
        session,
        PriorSet(
            id=new_id(),
            campaign_id=draft.campaign_id,
            unit_id=draft.unit_id,
            officer_id=scope.officer_id,
            at=now_ms(),
            source=draft.source,
            from_id=draft.from_id,
            name=draft.name,
            as_of=draft.as_of,
            rules={code: "" if code in other_rules else rule for code, rule in rules.items()},
            units=len(run.given),
        ),
    )
    values = bases.summed_up(session, draft.unit_id, run.given, draft.as_of, run.figures)
    insert_all(
        session,
        PriorValue,
        [
            {"set_id": made.id, "unit_id": unit, "figure": code, "amount": each.amount, "summed": each.summed}
            for unit, found in values.items()
            for code, each in found.items()
        ],
    )
    session.delete(draft)
    session.flush()
    said = {"campaign": draft.campaign_id, "format": draft.source}
    log.append(session, Act.PRIOR_TAKEN, ("unit", draft.unit_id), new=said)
    return made


def drop(session: Session, scope: Scope, set_id: str) -> PriorSet:
    """End a set; repeating it does nothing. Raises Problem as `drafts.check` does."""
    row = scope.seen(session.get(PriorSet, set_id))
    drafts.check(session, scope, row.campaign_id, row.unit_id)
    if row.ended_at is None:
        _end(session, scope, row.campaign_id, row.unit_id)
        log.append(session, Act.PRIOR_DROPPED, ("unit", row.unit_id), new={"campaign": row.campaign_id})
    return row


def _end(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> None:
    """End the set that holds. On the row of the unit's stream, so that two who take at once end one another's."""
    here = select(Stream).where(Stream.campaign_id == campaign_id, Stream.unit_id == unit_id)
    session.scalars(here.with_for_update()).all()
    holds = PriorSet.campaign_id == campaign_id, PriorSet.unit_id == unit_id, PriorSet.ended_at.is_(None)
    for row in session.scalars(select(PriorSet).where(*holds).execution_options(populate_existing=True)):
        row.ended_at, row.ended_by = now_ms(), scope.officer_id
    session.flush()
