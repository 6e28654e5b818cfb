"""The line on the page of figures that leads to the texts and papers of the unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.desk.panels import Panel
from server.models import Campaign
from server.services.reports.snapshot import steps
from server.services.reports.text import passages
from server.services.reports.text.sections import FIELDS
from server.services.reports.workflow import papers, settings
from server.services.reports.workflow.papers import PaperStanding
from server.services.units.scope import Scope

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


def _read(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> PapersLine | None:
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


PAPERS_LINE: Final = Panel("desk/issuing/line.html", _read)
