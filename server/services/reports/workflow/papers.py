"""Papers: their states, one with its steps and files, all of a unit, and the acts that are open to a person.

>>> after(PaperState.DRAFT, PaperAct.SUBMIT).value, after(PaperState.SIGNED, PaperAct.BACK).value
('presented', 'draft')
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import case, select, type_coerce
from sqlalchemy.orm import Session

from server.core.bulk import grouped
from server.core.problem_details import refuse_if, required
from server.models import Campaign, Officer, Paper, PaperFile, PaperStep, PaperVersion
from server.services.figures.table import Difference, differences
from server.services.reports.snapshot import freezes, steps
from server.services.reports.text import passages
from server.services.reports.text.passages import Owner
from server.services.units import deputies
from server.services.units.scope import Scope


class PaperState(StrEnum):
    """`presented`: somebody else looks at content and form. `approved`: it is with the leader, to be signed."""

    DRAFT = "draft"
    PRESENTED = "presented"
    APPROVED = "approved"
    SIGNED = "signed"
    ISSUED = "issued"


class PaperAct(StrEnum):
    """What somebody records. `make`: the report begins. `move`: it moves to newer figures. `file`: a signed PDF."""

    MAKE = "make"
    MOVE = "move"
    SUBMIT = "submit"
    APPROVE = "approve"
    SIGN = "sign"
    ISSUE = "issue"
    FILE = "file"
    BACK = "back"


TRANSITIONS: Final = {
    (PaperState.DRAFT, PaperAct.MOVE): PaperState.DRAFT,
    (PaperState.DRAFT, PaperAct.SUBMIT): PaperState.PRESENTED,
    (PaperState.PRESENTED, PaperAct.APPROVE): PaperState.APPROVED,
    (PaperState.PRESENTED, PaperAct.SIGN): PaperState.SIGNED,
    (PaperState.APPROVED, PaperAct.SIGN): PaperState.SIGNED,
    (PaperState.SIGNED, PaperAct.ISSUE): PaperState.ISSUED,
    (PaperState.ISSUED, PaperAct.FILE): PaperState.ISSUED,
    **{
        (state, PaperAct.BACK): PaperState.DRAFT
        for state in (PaperState.PRESENTED, PaperState.APPROVED, PaperState.SIGNED)
    },
}
"""All that is possible. Who signs has approved: a small office records both at once.

What was issued is followed by another report, and never goes back.
"""
OF_DRAFTERS: Final = frozenset({PaperAct.MOVE, PaperAct.SUBMIT, PaperAct.APPROVE})
"""Acts for officers who may lock the figures. Anybody with a role at the unit may record the others."""
ON_CURRENT: Final = frozenset({PaperAct.SUBMIT, PaperAct.APPROVE, PaperAct.SIGN})
"""Acts that need the report to be of the figures that are locked now."""


def after(state: PaperState, act: PaperAct) -> PaperState:
    """Return the state after an act. Raises Problem `paper_step` if it is not possible."""
    return required(TRANSITIONS.get((state, act)), "paper_step")


def possible(state: PaperState) -> list[PaperAct]:
    """Return the acts that are possible in a state."""
    return [act for before, act in TRANSITIONS if before is state]


REPORT, SUPPLEMENT, REPLACEMENT = "report", "supplement", "replacement"
KINDS = (REPORT, SUPPLEMENT, REPLACEMENT)


@dataclass(frozen=True, slots=True)
class PaperHistory:
    """A paper with its steps, oldest first, each with the name of who recorded it; its signed PDFs likewise.

    `replaced_by`: the issued paper in its place.
    """

    row: Paper
    steps: Sequence[tuple[PaperStep, str]]
    files: Sequence[tuple[PaperFile, str]]
    replaced_by: str | None = None

    @property
    def last(self) -> PaperStep:
        """The last step."""
        return self.steps[-1][0]

    @property
    def state(self) -> PaperState:
        """The present state."""
        return PaperState(self.last.state)

    @property
    def presented(self) -> PaperStep | None:
        """The last step that presented it; None before the first."""
        return next((step for step, _ in reversed(self.steps) if step.act == PaperAct.SUBMIT), None)

    @property
    def issued(self) -> PaperStep | None:
        """The step that gave it number and date; None before."""
        return next((step for step, _ in self.steps if step.act == PaperAct.ISSUE), None)

    @property
    def file(self) -> PaperFile | None:
        """The signed PDF that counts: the last one."""
        return self.files[-1][0] if self.files else None


def get(session: Session, scope: Scope, id_: str, *, lock: bool = False) -> Paper:
    """Return a paper of a unit that the officer may see; else Problem `not_found`.

    `lock`: keep it, and the one that it follows, as they are until the transaction ends.
    """
    row = scope.seen(session.get(Paper, id_))
    if lock:
        ids = [row.id, *([row.follows_id] if row.follows_id else [])]
        held = select(Paper).where(Paper.id.in_(ids)).order_by(Paper.id).with_for_update()
        session.scalars(held.execution_options(populate_existing=True)).all()
    return row


def history(session: Session, row: Paper) -> PaperHistory:
    """Return a paper with what was done to it."""
    return histories(session, [row])[0]


def histories(session: Session, rows: Collection[Paper]) -> list[PaperHistory]:
    """Return these papers with what was done to them, in their order."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    said = deputies.said_name(PaperStep.officer_id, PaperStep.at, Paper.unit_id)
    by_deputy = PaperStep.act.in_([PaperAct.MAKE, *OF_DRAFTERS])  # the others take no deciding role
    query = select(PaperStep, type_coerce(case((by_deputy, said), else_=Officer.name), said.type))
    query = query.join(Officer, Officer.id == PaperStep.officer_id).join(Paper, Paper.id == PaperStep.paper_id)
    taken = grouped(
        (step.paper_id, (step, name))
        for step, name in session.execute(query.where(PaperStep.paper_id.in_(ids)).order_by(PaperStep.number))
    )
    kept = select(PaperFile, Officer.name).join(Officer, Officer.id == PaperFile.officer_id)
    files = grouped(
        (file.paper_id, (file, by))
        for file, by in session.execute(kept.where(PaperFile.paper_id.in_(ids)).order_by(PaperFile.at, PaperFile.id))
    )
    replaced = _replaced(session, ids)
    return [PaperHistory(row, taken[row.id], files.get(row.id, []), replaced.get(row.id)) for row in rows]


def _replaced(session: Session, ids: Collection[str]) -> dict[str, str]:
    """By paper: the issued replacement of it."""
    theirs = Paper.follows_id.in_(ids), Paper.kind == REPLACEMENT, PaperStep.act == PaperAct.ISSUE.value
    found = session.execute(
        select(Paper.follows_id, Paper.id).join(PaperStep, PaperStep.paper_id == Paper.id).where(*theirs)
    )
    return {str(old): new for old, new in found}


def version_of(session: Session, id_: str) -> PaperVersion:
    """Return a version by its id."""
    return session.get_one(PaperVersion, id_)


def of_unit(session: Session, unit_id: str, campaign_id: str) -> list[PaperHistory]:
    """Return a unit's papers in a campaign, newest first."""
    here = Paper.unit_id == unit_id, Paper.campaign_id == campaign_id
    rows = session.scalars(select(Paper).where(*here).order_by(Paper.made_at.desc(), Paper.id)).all()
    return histories(session, rows)


def leading(found: Sequence[PaperHistory]) -> PaperHistory | None:
    """Return the paper that a unit's report is today: the last issued one that stands, else the last one begun."""
    issued = [each for each in found if each.state is PaperState.ISSUED and not each.replaced_by]
    return next(iter([*issued, *found]), None)


def is_current(session: Session, row: Paper) -> bool:
    """True if the unit's figures are locked now, and the paper is of that freeze."""
    found = steps.history(session, row.unit_id, row.campaign_id)
    return found.is_locked and found.freezes[-1] == row.freeze_id


def newer(session: Session, row: Paper) -> str | None:
    """Return the freeze of the unit's figures that are locked now, if it is a newer one than the paper's."""
    found = steps.history(session, row.unit_id, row.campaign_id)
    return found.freezes[-1] if found.is_locked and found.freezes[-1] != row.freeze_id else None


def may(session: Session, scope: Scope, row: Paper, act: PaperAct) -> bool:
    """True if the officer may record this act, whatever the paper's state."""
    if session.get_one(Campaign, row.campaign_id).status == "archived" or scope.today(row.unit_id) != row.unit_id:
        return False
    return scope.may_draft(row.unit_id) if act in OF_DRAFTERS else scope.may_register(row.unit_id)


def acts(session: Session, scope: Scope, found: PaperHistory) -> list[PaperAct]:
    """Return what the officer may record now."""
    return [act for act in possible(found.state) if may(session, scope, found.row, act)]


def to_write(session: Session, scope: Scope, id_: str) -> Owner:
    """Return the owner of a paper's texts, for somebody who writes them; the paper is locked.

    Raises Problem `not_found`, `forbidden`, `archived`, `unit_merged`, or `paper_not_draft`.
    """
    row = get(session, scope, id_, lock=True)
    check_open(session, scope, row)
    refuse_if(not scope.may_draft(row.unit_id), "forbidden")
    refuse_if(history(session, row).state is not PaperState.DRAFT, "paper_not_draft")
    return passages.owner_of_paper(row)


def check_open(session: Session, scope: Scope, row: Paper) -> None:
    """Raise Problem `archived` or `unit_merged` where nothing is done any more."""
    refuse_if(session.get_one(Campaign, row.campaign_id).status == "archived", "archived")
    refuse_if(scope.today(row.unit_id) != row.unit_id, "unit_merged")


# Before the signature figures change by a new lock: the report moves to it, its texts stay, and what moved is said.
def differs(session: Session, scope: Scope, row: Paper, freeze: str, before: str = "") -> list[Difference]:
    """Return what another freeze has otherwise than the paper's, or than `before`; the total first."""
    old, new = (freezes.read(session, scope, each) for each in (before or row.freeze_id, freeze))
    return differences(old.table, new.table, new.counts, old.counts)


def to_newer(session: Session, row: Paper) -> None:
    """Move the paper to the figures that are locked now. Raises Problem `paper_no_newer`."""
    found = required(newer(session, row), "paper_no_newer")
    row.freeze_id = found
    session.flush()
