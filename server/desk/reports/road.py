"""The road of a report, figures to issue: what of it is done, what comes now, and what this person may do there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.core.db import read_once
from server.desk.formats import day, near_moment
from server.desk.narrative.shown import ShownTexts
from server.desk.words import t
from server.models import Campaign, LockStep, Stream, Unit
from server.services.figures import loading
from server.services.reports import draft
from server.services.reports.draft import MostShown, ReportBasis
from server.services.reports.snapshot import locking, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.snapshot.locking import LateLock, LockPreview
from server.services.reports.snapshot.steps import LockHistory
from server.services.reports.workflow.papers import PaperHistory, PaperState
from server.services.units.scope import COORDINATOR, Scope
from server.services.units.tree import among, subtree

STATIONS: Final = ("figures", "texts", "paper", "signature", "issued")
DONE, NOW, LATER = "done", "now", "later"
LARGE: Final = 200
"""Units that take part, merged ones among them, from which on draft and preview are made once they are asked for.

Of 300 they take most of a second, of a country 20. The largest province of today has 168 communes.
"""


Station = dict[str, Any]
"""A part of the road. `state`: DONE, NOW or LATER. `said`: where it stands, in words."""


@dataclass(frozen=True, slots=True)
class FiguresHere:
    """The figures of a unit on its report's page. `preview`: what would be locked; None where this person may not.

    `hinders`: why, as the code of the refusal. `confirms`: they are to be confirmed before, and by this person.
    `is_large`: so many take part that the preview has a page of its own.
    `late`: the choice where the level above has locked already. `makes`: the id of a report to make; empty for none.
    `asking`: requests of units below to open theirs again, for who may.
    """

    standing: LockHistory
    above: Unit | None
    preview: LockPreview | None
    hinders: str
    confirms: bool
    is_large: bool
    late: LateLock | None
    makes: str
    freeze: str
    asking: list[tuple[LockStep, Unit]]

    @property
    def spoken(self) -> str:
        """The id of what was locked last, as people read it."""
        return spoken(self.freeze)

    @property
    def spoken_above(self) -> str:
        """The id of what the level above locked."""
        return spoken(self.late.freeze) if self.late else ""


def figures_here(
    session: Session, scope: Scope, campaign: Campaign, unit_id: str, read: ReportBasis | None = None
) -> FiguresHere:
    """Read it. `read`: what a report of today's figures is made of, if it was read before."""
    standing = steps.history(session, unit_id, campaign.id)
    above = steps.locked_above(session, scope, unit_id, campaign.id)
    preview, hinders = None, ""
    large = read is None and not standing.is_locked and is_large(session, campaign, unit_id)
    if large:
        hinders = locking.hinders(session, scope, unit_id, campaign)
    elif not standing.is_locked:
        read = read or draft.basis(session, scope, campaign, unit_id, most=MostShown(0, 0))
        preview = locking.offered(session, scope, campaign, standing, read)
        hinders = "" if preview else locking.hinders(session, scope, unit_id, campaign)
    open_now = campaign.status != "archived" and scope.today(unit_id) == unit_id
    makes = open_now and scope.may_draft(unit_id) and (preview is not None or standing.is_locked)
    return FiguresHere(
        standing,
        above,
        preview,
        hinders,
        hinders == "lock_unsent" and scope.may_lock(unit_id),
        large,
        locking.late(session, scope, campaign, unit_id, above) if preview and above else None,
        new_id() if makes else "",
        standing.freezes[-1] if standing.freezes else "",
        _asking(session, scope, campaign, unit_id) if open_now and scope.has_role(COORDINATOR) else [],
    )


def is_large(session: Session, campaign: Campaign, unit_id: str) -> bool:
    """True if LARGE units or more take part, this one and those below it."""

    def ask() -> bool:
        here = among(session, Stream.unit_id, subtree(session, [unit_id]), [unit_id])
        streams = select(Stream.id).where(Stream.campaign_id == campaign.id, here)
        return session.scalar(streams.offset(LARGE - 1).limit(1)) is not None

    return read_once(session, ("is_large", campaign.id, unit_id), ask)


def _asking(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> list[tuple[LockStep, Unit]]:
    return [each for each in steps.asking_below(session, unit_id, campaign.id) if scope.may_reopen(each[1].id)]


def stations(
    session: Session, campaign: Campaign, figures: FiguresHere, texts: ShownTexts, paper: PaperHistory | None
) -> list[Station]:
    """Return the stations in their order. The first that is not done is the one that comes now."""
    said: Mapping[str, tuple[bool, str]] = {
        "figures": _figures(session, campaign, texts.unit, figures, paper),
        "texts": _texts(texts, paper),
        "paper": _paper(paper),
        "signature": _signature(paper),
        "issued": _issued(paper),
    }
    return list(_in_order([(code, *said[code]) for code in STATIONS]))


def _in_order(said: Sequence[tuple[str, bool, str]]) -> Iterator[Station]:
    now = next((code for code, done, _ in said if not done), "")
    for code, done, words in said:
        yield {"code": code, "state": DONE if done else NOW if code == now else LATER, "said": words}


def _figures(
    session: Session, campaign: Campaign, unit_id: str, figures: FiguresHere, paper: PaperHistory | None
) -> tuple[bool, str]:
    last = figures.standing.last
    if figures.standing.is_locked and last is not None:
        return True, t("station.locked", at=near_moment(last[0].at))
    if paper is not None and paper.issued is not None:
        return True, t("station.locked_before")
    found = figures.preview.covered if figures.preview else loading.coverage(session, unit_id, campaign.id)
    return False, t("station.reported", n=found.reporting, all=found.units)


def _texts(texts: ShownTexts, paper: PaperHistory | None) -> tuple[bool, str]:
    written, of = texts.written
    is_closed = paper is not None and paper.state is not PaperState.DRAFT
    return written == of or is_closed, t("station.written", n=written, all=of)


def _paper(paper: PaperHistory | None) -> tuple[bool, str]:
    if paper is None:
        return False, t("station.no_paper")
    if paper.state is PaperState.DRAFT or paper.presented is None:
        return False, t("paper_state.draft")
    return True, t("station.presented", at=near_moment(paper.presented.at))


def _signature(paper: PaperHistory | None) -> tuple[bool, str]:
    signed = _step(paper, "sign") if paper and paper.state in (PaperState.SIGNED, PaperState.ISSUED) else None
    if signed is not None:
        return True, t("station.signed", at=near_moment(signed.at), name=signed.person)
    approved = paper is not None and paper.state is PaperState.APPROVED
    return False, t("paper_state.approved" if approved else "station.unsigned")


def _step(paper: PaperHistory, act: str) -> Any:
    return next((step for step, _ in reversed(paper.steps) if step.act == act), None)


def _issued(paper: PaperHistory | None) -> tuple[bool, str]:
    issued = paper.issued if paper else None
    if issued is None or issued.doc_date is None:
        return False, t("station.unissued")
    return True, t("station.is_issued", number=issued.doc_number, day=day(issued.doc_date))
