"""A level locks its figures ("Khóa số liệu báo cáo"), after a page that shows what; the level above unlocks them."""

from __future__ import annotations

from datetime import date

from flask import flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded, officer_id
from server.desk.review import flagged
from server.desk.shapes import lead_on, reads
from server.desk.words import error, t
from server.errors import status_of
from server.models import Campaign, Unit
from server.services.campaigns import choices
from server.services.figures.table import MODES
from server.services.reports.snapshot import freezes, locking, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.snapshot.freezing import NOW, LockChoice
from server.services.reports.snapshot.locking import LockPage, Reopening
from server.services.reports.snapshot.steps import LockHistory
from server.services.reports.workflow import making
from server.services.reports.workflow.making import NewPaper
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.text import is_id
from sync.values import is_date

bp = guarded("locks")
_TYPED = ("person_needed", "reason_needed", "reopen_last", "too_long")
"""What is refused of what was typed."""


class LockForm(SentPlace):
    """What is locked, as the page showed it, and how. `ask`: the unit asks for it to be opened again, `reason`: why.

    `make`: the id of the report to begin with it.
    """

    number: int
    units: str
    seen: str
    yes: bool
    count: str = "counted"
    totals: str
    late: str
    make: str
    ask: bool
    reason: str

    @property
    def choice(self) -> LockChoice:
        """What the signatory chose; without a choice, as it was before there was one. Raises Problem `bad_request`."""
        if self.count not in MODES:
            raise Problem("bad_request", "count")
        return LockChoice(self.count, stands_in=self.totals == "in", late=self.late)


class UnlockForm(SentPlace):
    """What is unlocked, and why. `last`: with one it is opened again until that day, `person`: by whose leave."""

    number: int
    reason: str
    person: str
    last: str | None

    @property
    def reopening(self) -> Reopening:
        """How it is opened again."""
        last = date.fromisoformat(self.last) if self.last and is_date(self.last) else None
        return Reopening(self.number, self.reason, self.person, last)


@bp.get("/figures/lock")
def show() -> str:
    """Show the state, what was done so far, and what would be locked now."""
    return _page(SentPlace.asked())


@reads
def _page(session: Session, scope: Scope, place: SentPlace, typed: UnlockForm | None = None, problem: str = "") -> str:
    unit_id = place.unit
    campaign = choices.campaign(session, scope, place.campaign)
    if campaign is None or not scope.may_see(unit_id):
        raise Problem("not_found")
    standing = steps.history(session, unit_id, campaign.id)
    above = steps.locked_above(session, scope, unit_id, campaign.id)
    locks = not standing.is_locked and locking.may_lock(session, scope, unit_id, campaign)
    unit = session.get_one(Unit, unit_id)
    unlocks = standing.is_locked and above is None and locking.may_unlock(scope, unit_id, campaign)
    return render_template(
        "desk/locks/lock.html",
        unit=unit,
        campaign=campaign,
        standing=standing,
        above=above,
        flagged=flagged.read(session, scope, campaign, unit_id),
        it=locking.preview(session, scope, campaign, unit_id) if locks else None,
        late=locking.late(session, scope, campaign, unit_id, above) if locks and above else None,
        unlocks=unlocks,
        asks=_may_ask(scope, campaign, unit_id, standing),
        reopens=_may_reopen(scope, campaign, unit_id, standing) and not unlocks,
        parent=session.get(Unit, unit.parent_id) if unit.parent_id else None,
        spoken=spoken,
        longest=locking.LONGEST_OPEN,
        typed=typed,
        problem=problem,
    )


def _may_reopen(scope: Scope, campaign: Campaign, unit_id: str, standing: LockHistory) -> bool:
    """True also while they are open for a time, to give that another end."""
    is_here = standing.is_locked or standing.reopened is not None
    return is_here and campaign.status != "archived" and scope.may_reopen(unit_id)


def _may_ask(scope: Scope, campaign: Campaign, unit_id: str, standing: LockHistory) -> bool:
    """True for who locks the figures, and cannot open them again; not twice."""
    return (
        standing.is_locked
        and standing.asked is None
        and campaign.status != "archived"
        and scope.may_lock(unit_id)
        and not scope.may_reopen(unit_id)
    )


@bp.post("/figures/lock")
@again.first
def lock() -> Response:
    """Lock what is there now, for a page that was answered with yes. With `make` also begin the report of it.

    With `ask` the unit asks to have what it locked opened again.
    """
    form = LockForm.sent()
    if form.ask:
        return _asked(form)
    if not form.yes:
        return redirect(url_for("locks.show", unit=form.unit, campaign=form.campaign), 303)
    if form.make and not is_id(form.make):
        raise Problem("bad_request")
    shown, choice = LockPage(form.number, form.units), form.choice
    with writing() as session:
        made = locking.lock(session, Scope(session, officer_id()), form.unit, form.campaign, shown, choice)
        # What the level above locked, which the page names, does not change; `seen` is a mark of the figures of now.
        moved = choice.late in ("", NOW) and freezes.total_mark(made) != form.seen
        freeze = made.id
        if form.make:
            new = NewPaper(id=form.make, unit=form.unit, campaign=form.campaign)
            making.make(session, Scope(session, officer_id()), new)
    flash(t("done.locked", id=spoken(freeze)))
    if moved:
        flash(t("done.locked_moved"))
    if form.make:
        return lead_on(url_for("papers.show", paper=form.make), t("done.paper_made"))
    return redirect(url_for("frozen.show", freeze=freeze), 303)


def _asked(form: LockForm) -> Response:
    with writing() as session:
        locking.ask(session, Scope(session, officer_id()), form.unit, form.campaign, form.number, form.reason)
    return lead_on(url_for("locks.show", unit=form.unit, campaign=form.campaign), t("done.reopening_asked"))


@bp.post("/figures/unlock")
@again.first
def unlock() -> Response:
    """Unlock, with a reason that the level reads; with a last day open them again, also where levels above locked."""
    form = UnlockForm.sent()
    if form.last is not None:
        return _reopened(form)
    with writing() as session:
        locking.unlock(session, Scope(session, officer_id()), form.unit, form.campaign, form.number, form.reason)
    return lead_on(url_for("locks.show", unit=form.unit, campaign=form.campaign), t("done.unlocked"))


def _reopened(form: UnlockForm) -> Response:
    """Open again. What is missing or wrong is said in the form, as it was typed."""
    try:
        with writing() as session:
            locking.reopen(session, Scope(session, officer_id()), form.unit, form.campaign, form.reopening)
    except (Problem, Refused) as refused:
        if refused.code not in _TYPED:
            raise
        said = t("lock.person_needed") if refused.code == "person_needed" else error(refused.code)
        return make_response(_page(form, form, said), status_of(refused.code))
    return lead_on(url_for("locks.show", unit=form.unit, campaign=form.campaign), t("done.reopened"))
