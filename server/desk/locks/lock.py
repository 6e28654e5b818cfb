"""A level locks its figures ("Khóa số liệu báo cáo"), after a page that shows what; the level above unlocks them."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded, officer_id
from server.desk.review import flagged
from server.desk.words import t
from server.models import Unit
from server.services.campaigns import choices
from server.services.figures.table import MODES
from server.services.reports.snapshot import freezes, locking, steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.snapshot.freezing import NOW, LockChoice
from server.services.reports.snapshot.locking import LockPage
from server.services.units.scope import Scope

bp = guarded("locks")


class LockForm(SentPlace):
    """What is locked as the page showed it, or unlocked with a reason."""

    yes: bool
    number: int
    units: str
    seen: str | None
    reason: str
    count: str = "counted"
    totals: str
    late: str


@bp.get("/figures/lock")
def show() -> str:
    """Show the state, what was done so far, and what would be locked now."""
    place = SentPlace.asked()
    unit_id = place.unit
    with reading() as session:
        scope = Scope(session, officer_id())
        campaign = choices.campaign(session, scope, place.campaign)
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
            asks=standing.is_locked and above is None and not unlocks and campaign.status != "archived",
            parent=session.get(Unit, unit.parent_id) if unit.parent_id else None,
            spoken=spoken,
        )


@bp.post("/figures/lock")
@again.first
def lock() -> Response:
    """Lock what is there now, for a page that was answered with yes."""
    sent = LockForm.sent()
    unit, campaign = sent.unit, sent.campaign
    if not sent.yes:
        return redirect(url_for("locks.show", unit=unit, campaign=campaign), 303)
    shown, choice = LockPage(sent.number, sent.units), _choice(sent)
    with writing() as session:
        made = locking.lock(session, Scope(session, officer_id()), unit, campaign, shown, choice)
        # What the level above locked, which the page names, does not change; `seen` is a mark of the figures of now.
        moved = choice.late in ("", NOW) and freezes.total_mark(made) != sent.seen
        freeze = made.id
    flash(t("done.locked", id=spoken(freeze)))
    if moved:
        flash(t("done.locked_moved"))
    return redirect(url_for("frozen.show", freeze=freeze), 303)


@bp.post("/figures/unlock")
@again.first
def unlock() -> Response:
    """Unlock, with a reason that the level reads."""
    sent = LockForm.sent()
    with writing() as session:
        scope = Scope(session, officer_id())
        locking.unlock(session, scope, sent.unit, sent.campaign, sent.number, sent.reason)
    flash(t("done.unlocked"))
    return redirect(url_for("locks.show", unit=sent.unit, campaign=sent.campaign), 303)


def _choice(sent: LockForm) -> LockChoice:
    """Return what the signatory chose; without a choice, as it was before there was one."""
    if sent.count not in MODES:
        raise Problem("bad_request", "count")
    return LockChoice(sent.count, stands_in=sent.totals == "in", late=sent.late)
