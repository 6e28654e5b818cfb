"""A district that is ahead of the others: its report was signed and issued, and a banner that came later is added.

A silent commune of it gave a number by telephone; the others of it that are silent stand in the report as such.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import new_id, stopped_at, today
from server.core.db import reading, writing
from server.demo import written
from server.demo.people import Cast, user_of
from server.demo.signed_pdf import blank_pdf
from server.demo.steps import MINUTE, Decided, Recorded, Step
from server.demo.story import Teller
from server.demo.telling import Telling
from server.models import Campaign, Paper, Unit
from server.services.reports import letterheads
from server.services.reports.snapshot import locking, steps
from server.services.reports.workflow import making, paper_documents, papers, signing
from server.services.reports.workflow.making import NewPaper
from server.services.reports.workflow.papers import PaperAct
from server.services.reports.workflow.signing import TakenStep
from server.services.totals import entering
from server.services.totals.entering import Statement
from server.services.totals.in_force import TotalSource
from server.services.units.scope import Scope
from server.serving.installation import installed

AHEAD: Final = 1
"""Which of the busy communes, in their order, is in that district."""
BEGINS: Final = 6 * MINUTE
"""How long before now it begins, in ms."""
NUMBER: Final = 215
WHY: Final = "Xã có băng rôn treo trong thời gian của đợt nhưng điện thoại mất mạng, đến sau khi huyện đã báo cáo."
NOTE: Final = "Văn hóa xã báo qua điện thoại"
CHECKS, SIGNS = "Trưởng phòng Lao động - TBXH", "Phó Chủ tịch UBND thành phố"
_STEPS: Final = (
    (PaperAct.SUBMIT, ""),
    (PaperAct.APPROVE, CHECKS),
    (PaperAct.SIGN, SIGNS),
)


def late(cast: Cast, now: int) -> list[Step]:
    """Return what came after the report: a banner of the busy commune, and the district's decision."""
    commune = cast.communes()[AHEAD]
    district = next(unit for unit in cast.units.values() if unit.id == commune.parent_id)
    made: Recorded = replace(Teller(commune, district, now).recorder.banner("late", 3), got=now - 3 * MINUTE)
    return [made, Decided(now - 2 * MINUTE, user_of(district), made.key, "counted")]


def tell(telling: Telling, now: int, after: list[Step]) -> None:
    """Play it: a number by telephone, the lock, the report to its issue, the unlocking, what was late, and the rest."""
    commune = telling.cast.communes()[AHEAD]
    district = next(unit for unit in telling.cast.units.values() if unit.id == commune.parent_id)
    story = _District(telling, district)
    with stopped_at(now - 5 * MINUTE):
        story.by_telephone()
        first = story.report()
    with stopped_at(now - 4 * MINUTE):
        story.unlock()
    for step in after:
        telling.play(step)
    with stopped_at(now - MINUTE):
        story.lock()
        story.make(NewPaper(new_id(), district.id, telling.campaigns[0], papers.SUPPLEMENT, follows=first))


class _District:
    """What its reviewer does, each act in a transaction of its own."""

    def __init__(self, telling: Telling, unit: Unit) -> None:
        self._telling, self._unit, self._campaign = telling, unit, telling.campaigns[0]
        self._who = telling.cast.people[user_of(unit)].officer_id

    def by_telephone(self) -> None:
        """State a total for the district's last commune, which is silent."""
        below = [unit for unit in self._telling.cast.communes() if unit.parent_id == self._unit.id]
        said = Statement("banners", 3, 0, source=TotalSource.PHONE, note=NOTE)
        with writing() as session:
            entering.state(session, self._scope(session), below[-1].id, self._campaign, [said])

    def lock(self) -> str:
        """Lock the figures as they are."""
        with reading() as session:
            shown = locking.page(session, self._unit.id, self._campaign)
        with writing() as session:
            return locking.lock(session, self._scope(session), self._unit.id, self._campaign, shown).id

    def unlock(self) -> None:
        """The province unlocks them."""
        above = next(unit for unit in self._telling.cast.units.values() if unit.id == self._unit.parent_id)
        who = self._telling.cast.people[user_of(above)].officer_id
        with writing() as session:
            number = steps.history(session, self._unit.id, self._campaign).number
            locking.unlock(session, Scope(session, who), self._unit.id, self._campaign, number, WHY)

    def make(self, new: NewPaper) -> str:
        """Begin a report."""
        with writing() as session:
            return making.make(session, self._scope(session), new).id

    def report(self) -> str:
        """Lock, and take a report through all its steps. Returns its id."""
        written.tell(self._telling, user_of(self._unit))
        self.lock()
        paper = self.make(NewPaper(new_id(), self._unit.id, self._campaign))
        for number, (act, person) in enumerate(_STEPS, 1):
            self._take(paper, TakenStep(act, number, person=person))
        with reading() as session:
            symbol = letterheads.in_force(
                session, self._unit, today(), session.get_one(Campaign, self._campaign)
            ).symbol
        issued = f"{NUMBER}/{symbol}"
        at = len(_STEPS) + 1
        self._take(paper, TakenStep(PaperAct.ISSUE, at, doc_number=issued, doc_date=today()))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "signed.pdf"
            path.write_bytes(blank_pdf())
            pdf = paper_documents.judged_pdf(path)
            with reading() as session:
                pdf = paper_documents.compared(session, self._scope(session), session.get_one(Paper, paper), pdf)
            self._take(paper, TakenStep(PaperAct.FILE, at + 1, pdf=pdf))
        return paper

    def _take(self, paper: str, taken: TakenStep) -> None:
        with writing() as session:
            signing.take(session, self._scope(session), paper, taken, installed(self._telling.app).blobs)

    def _scope(self, session: Session) -> Scope:
        return Scope(session, self._who)
