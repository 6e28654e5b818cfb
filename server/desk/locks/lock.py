"""A level locks its figures ("Khóa số liệu báo cáo"), after a page that shows what; the level above unlocks them."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, whole_address, whole_form
from server.desk.review import flagged
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.campaigns import choices
from server.services.figures.table import MODES
from server.services.reports.snapshot import freezes, locking, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.snapshot.freezing import NOW, LockChoice
from server.services.reports.snapshot.locking import LockPage, Reopening
from server.services.reports.snapshot.steps import LockStanding
from server.services.reports.workflow import making
from server.services.reports.workflow.making import NewPaper
from server.services.units.scope import Scope
from sync.text import is_id
from sync.values import is_date

bp = guarded("locks")


class LockedNumber(Inputs):
    """Which lock the page showed."""

    number: int


@bp.get("/figures/lock")
def show() -> str:
    """Show the state, what was done so far, and what would be locked now."""
    unit_id = whole_address().get("unit", "")
    with reading() as session:
        scope = Scope(session, officer_id())
        campaign = choices.campaign(session, scope, whole_address().get("campaign", ""))
        if campaign is None or not scope.may_see(unit_id):
            raise Problem("not_found")
        standing = steps.standing(session, unit_id, campaign.id)
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
        )


def _may_reopen(scope: Scope, campaign: Campaign, unit_id: str, standing: LockStanding) -> bool:
    """True also while they are open for a time, to give that another end."""
    is_here = standing.is_locked or standing.reopened is not None
    return is_here and campaign.status != "archived" and scope.may_reopen(unit_id)


def _may_ask(scope: Scope, campaign: Campaign, unit_id: str, standing: LockStanding) -> bool:
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
    unit, campaign = whole_form().get("unit", ""), whole_form().get("campaign", "")
    if whole_form().get("ask"):
        return _asked(unit, campaign)
    if not whole_form().get("yes"):
        return redirect(url_for("locks.show", unit=unit, campaign=campaign), 303)
    shown = LockPage(LockedNumber.sent().number, whole_form().get("units", ""))
    choice = _choice()
    makes = whole_form().get("make", "")
    if makes and not is_id(makes):
        raise Problem("bad_request")
    with writing() as session:
        made = locking.lock(session, Scope(session, officer_id()), unit, campaign, shown, choice)
        # What the level above locked, which the page names, does not change; `seen` is a mark of the figures of now.
        moved = choice.late in ("", NOW) and freezes.total_mark(made) != whole_form().get("seen")
        freeze = made.id
        if makes:
            making.make(session, Scope(session, officer_id()), NewPaper(id=makes, unit=unit, campaign=campaign))
    flash(t("done.locked", id=spoken(freeze)))
    if moved:
        flash(t("done.locked_moved"))
    if makes:
        flash(t("done.paper_made"))
        return redirect(url_for("papers.show", paper=makes), 303)
    return redirect(url_for("frozen.show", freeze=freeze), 303)


def _asked(unit: str, campaign: str) -> Response:
    with writing() as session:
        scope, reason = Scope(session, officer_id()), whole_form().get("reason", "")
        locking.ask(session, scope, unit, campaign, LockedNumber.sent().number, reason)
    flash(t("done.reopening_asked"))
    return redirect(url_for("locks.show", unit=unit, campaign=campaign), 303)


def _reopened(unit: str, campaign: str) -> Response:
    last = whole_form().get("last", "")
    how = Reopening(
        LockedNumber.sent().number,
        whole_form().get("reason", ""),
        whole_form().get("person", ""),
        date.fromisoformat(last) if is_date(last) else None,
    )
    with writing() as session:
        locking.reopen(session, Scope(session, officer_id()), unit, campaign, how)
    flash(t("done.reopened"))
    return redirect(url_for("locks.show", unit=unit, campaign=campaign), 303)


@bp.post("/figures/unlock")
@again.first
def unlock() -> Response:
    """Unlock, with a reason that the level reads; with a last day open them again, also where levels above locked."""
    unit, campaign = whole_form().get("unit", ""), whole_form().get("campaign", "")
    if "last" in whole_form():
        return _reopened(unit, campaign)
    with writing() as session:
        scope = Scope(session, officer_id())
        locking.unlock(
            session,
            scope,
            unit,
            campaign,
            LockedNumber.sent().number,
            whole_form().get("reason", ""),
        )
    flash(t("done.unlocked"))
    return redirect(url_for("locks.show", unit=unit, campaign=campaign), 303)


def _choice() -> LockChoice:
    """Return what the signatory chose; without a choice, as it was before there was one."""
    count = whole_form().get("count", "counted")
    if count not in MODES:
        raise Problem("bad_request", "count")
    late = whole_form().get("late", "")
    return LockChoice(count, stands_in=whole_form().get("totals") == "in", late=late)
