"""A paper begins: a report of the figures that are locked now, or one that follows an issued report."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.core.bulk_insert import inserting
from server.core.clock import new_id, now_ms, today
from server.core.problem_details import Problem
from server.models import Campaign, Freeze, Paper, PaperStep, Unit
from server.services import letterheads
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.issuing import composing, papers, settings
from server.services.issuing.papers import KINDS, REPLACEMENT, REPORT, SUPPLEMENT
from server.services.issuing.states import PaperAct, PaperState
from server.services.locks import steps
from server.services.narrative import owners, passages
from server.services.narrative.owners import Owner
from server.services.narrative.sections import SETTING
from server.services.units.scope import Scope


@dataclass(frozen=True, slots=True)
class NewPaper:
    """What is to be made. `id`: chosen by the page, so that a second click makes no second report.

    `unit`, `campaign`: whose locked figures.
    `follows`: the issued report that it adds to or replaces.
    """

    id: str
    unit: str
    campaign: str
    kind: str = REPORT
    follows: str = ""


def make(session: Session, scope: Scope, new: NewPaper) -> Paper:
    """Make it, a draft with the unit's texts, or those of its last report of the campaign, or of the one it replaces.

    Raises Problem `not_found`, `forbidden`, `archived`, `unit_merged`, `paper_not_locked` (no figures are locked), and
    for one that follows `paper_step` (that one is not issued), `paper_replaced` or `paper_no_newer`.
    """
    if new.kind not in KINDS or bool(new.follows) != (new.kind != REPORT):
        raise Problem("bad_request")
    campaign = session.get(Campaign, new.campaign)
    if campaign is None or not scope.may_see(new.unit):
        raise Problem("not_found")
    if not scope.may_draft(new.unit):
        raise Problem("forbidden")
    locks = steps.standing(session, new.unit, new.campaign)
    if not locks.is_locked:
        raise Problem("paper_not_locked")
    followed = _followed(session, scope, new, locks.freezes[-1])
    row = Paper(
        id=new.id,
        campaign_id=new.campaign,
        unit_id=new.unit,
        kind=new.kind,
        freeze_id=locks.freezes[-1],
        follows_id=new.follows or None,
        made_by=scope.officer_id,
        made_at=now_ms(),
    )
    papers.check_open(session, scope, row)
    first = _texts(session, scope, row, followed)
    values = {name: getattr(row, name) for name in Paper.__table__.columns.keys()}  # noqa: SIM118  # no mapping
    adding = inserting(session, Paper).values(values).on_conflict_do_nothing().returning(Paper.id)
    if session.scalar(adding) is None:  # made by another click
        return papers.get(session, scope, new.id)
    passages.begin(session, owners.of_paper(row), scope.officer_id, first)
    begun = PaperStep(id=new_id(), paper_id=row.id, number=1, act=PaperAct.MAKE.value, state=PaperState.DRAFT.value)
    begun.officer_id, begun.at, begun.freeze_id = scope.officer_id, row.made_at, row.freeze_id
    session.add(begun)
    session.flush()
    said = {"unit": row.unit_id, "campaign": row.campaign_id, "freeze": row.freeze_id, "status": begun.state}
    log.append(session, Act.PAPER_MADE, ("paper", row.id), new=said)
    return session.get_one(Paper, row.id)


def _followed(session: Session, scope: Scope, new: NewPaper, freeze: str) -> papers.PaperStanding | None:
    if not new.follows:
        return None
    found = papers.standing(session, papers.get(session, scope, new.follows))
    if (found.row.unit_id, found.row.campaign_id) != (new.unit, new.campaign):
        raise Problem("not_found")
    check_followed(found)
    old, now = (session.get_one(Freeze, each) for each in (found.row.freeze_id, freeze))
    if old.id == now.id:
        raise Problem("paper_no_newer")
    return found


def check_followed(found: papers.PaperStanding) -> None:
    """Raise Problem unless another report may follow this one: `paper_step`, `paper_replaced`."""
    if found.state is not PaperState.ISSUED:
        raise Problem("paper_step")
    if found.replaced_by:
        raise Problem("paper_replaced")


def _texts(session: Session, scope: Scope, row: Paper, followed: papers.PaperStanding | None) -> dict[str, str]:
    """The first texts: settings, and what was written."""
    campaign, unit = session.get_one(Campaign, row.campaign_id), session.get_one(Unit, row.unit_id)
    head = letterheads.in_force(session, unit, today(), campaign)
    subject = composing.base_report(session, scope, row, head).subject
    said = settings.first(session, campaign, unit, head, subject)
    if followed is None:
        told = passages.texts(session, Owner(campaign.id, unit.id)) | said
        sibling = settings.last_of(session, unit.id, campaign.id, REPORT)
        if sibling is None:
            return told
        return told | settings.copied(passages.texts(session, owners.of_paper(sibling)))
    before = passages.texts(session, owners.of_paper(followed.row))
    kept = {code: text for code, text in before.items() if code.startswith(SETTING) or row.kind == REPLACEMENT}
    if row.kind == SUPPLEMENT:
        kept.pop(f"{SETTING}outline", None)
    return said | kept | {f"{SETTING}subject": subject}
