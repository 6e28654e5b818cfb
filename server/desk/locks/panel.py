"""The two lines above figures: whether they are locked, and the texts and papers of the unit; both lead on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.desk.panels import Panel
from server.models import Campaign
from server.services.reports.snapshot import locking, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.text import passages
from server.services.reports.text.sections import FIELDS
from server.services.reports.workflow import papers, settings
from server.services.reports.workflow.papers import PaperStanding
from server.services.units.scope import Scope


@dataclass(frozen=True, slots=True)
class LockLine:
    """The state of a unit's figures. `above`: the unit further up that has locked them; empty if none.

    `act`: the last step; `person`, `until`: by whose leave and until when they are open again, if it is such a one.
    `freeze`: the id of what was frozen last, `spoken`: as people read it. `acts`: what this person may do now.
    """

    state: str
    act: str
    person: str
    until: int | None
    at: int
    by: str
    reason: str
    freeze: str
    spoken: str
    above: str
    acts: str
    unit: str
    campaign: str


def _read_lock(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> LockLine | None:
    found = steps.standing(session, unit_id, campaign.id)
    above = steps.locked_above(session, scope, unit_id, campaign.id)
    may = locking.may_unlock(scope, unit_id, campaign) if found.is_locked else False
    may = may or (not found.is_locked and locking.may_lock(session, scope, unit_id, campaign))
    if not (found.last or above or may):
        return None
    step, by = found.last or (None, "")
    freeze = found.freezes[-1] if found.freezes else ""
    return LockLine(
        state=found.state.value,
        act=step.act if step else "",
        person=step.person if step else "",
        until=step.until if step else None,
        at=step.at if step else 0,
        by=by,
        reason=step.reason if step else "",
        freeze=freeze,
        spoken=spoken(freeze),
        above=above.name if above else "",
        acts="" if not may or (above and found.is_locked) else "unlock" if found.is_locked else "lock",
        unit=unit_id,
        campaign=campaign.id,
    )


LOCK_LINE: Final = Panel("desk/locks/line.html", _read_lock)


# The line that leads to the texts and papers.
MOST: Final = 4
"""Most papers of the line; the page has all."""


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A paper by what people know it by. `number`: the one that the registry gave it; empty before."""

    id: str
    kind: str
    state: str
    to: str
    number: str


@dataclass(frozen=True, slots=True)
class PapersLine:
    """`written`: how many of the short fields have a text. `makes`: the id of a report to make now; empty for none."""

    unit: str
    campaign: str
    writes: bool
    written: int
    fields: int
    papers: list[PaperLink]
    more: bool
    makes: str


def _read_papers(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> PapersLine | None:
    texts = passages.texts(session, passages.Owner(campaign.id, unit_id))
    found = papers.of_unit(session, unit_id, campaign.id)
    open_now = campaign.status != "archived" and scope.today(unit_id) == unit_id
    is_locked = steps.standing(session, unit_id, campaign.id).is_locked
    makes = open_now and is_locked and scope.may_draft(unit_id)
    return PapersLine(
        unit=unit_id,
        campaign=campaign.id,
        writes=passages.may_write(scope, campaign, unit_id),
        written=sum(1 for code in FIELDS if code in texts),
        fields=len(FIELDS),
        papers=[_link(session, each) for each in found[:MOST]],
        more=len(found) > MOST,
        makes=new_id() if makes else "",
    )


def _link(session: Session, each: PaperStanding) -> PaperLink:
    to = settings.of(passages.texts(session, passages.owner_of_paper(each.row))).to
    number = each.issued.doc_number if each.issued else ""
    return PaperLink(each.row.id, each.row.kind, each.state.value, "; ".join(to), number)


PAPERS_LINE: Final = Panel("desk/issuing/line.html", _read_papers)
