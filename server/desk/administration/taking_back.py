"""The page of a device: when it was last heard of, and all that it wrote since a moment taken back, seen before."""

from __future__ import annotations

from datetime import datetime

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import ZONE, new_id, now_ms
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.guard import guarded
from server.desk.inputs import Inputs
from server.desk.shapes import Done, changes, reads, says
from server.desk.words import error, t
from server.errors import status_of
from server.services.access.devices import is_idle
from server.services.administration import taking_back
from server.services.administration.taking_back import UNDO_MS, Fate, TakeBackWish
from server.services.units.scope import Scope
from server.serving.installation import device_idle_ms

bp = guarded("device")


class TakeBackForm(Inputs):
    """What is taken back of a device. `id`: of the act, made with the page."""

    id: str
    since: str
    outcome: str
    reason: str


@bp.get("/devices/<id:device>")
def show(device: str) -> Response:
    """Show a device; with `since`, the dry run of taking back what it wrote from then on."""
    return _page(device, TakeBackForm.asked().since)


def _again(refused: Problem, device: str) -> Response:
    return _page(device, TakeBackForm.sent().since, error(refused.code), status_of(refused.code))


@bp.post("/devices/<id:device>/take-back")
@again.first
@says(lambda refused: refused.field == "reason", _again)
@changes
def take_back(database: Session, scope: Scope, device: str) -> Done:
    """Take it back."""
    sent = TakeBackForm.sent()
    wish = TakeBackWish(sent.id, _moment(sent.since) or now_ms(), sent.outcome, sent.reason)
    taking_back.take_back(database, scope, device, wish)
    return Done(url_for("device.show", device=device), t("take_back.begun"))


@bp.post("/devices/<id:device>/take-back/<id:act>/undo")
@again.first
@changes
def undo(database: Session, scope: Scope, device: str, act: str) -> Done:
    """Undo it, within a day."""
    taking_back.undo(database, scope, act)
    return Done(url_for("device.show", device=device), t("take_back.undo_begun"))


@reads
def _page(database: Session, scope: Scope, device: str, typed: str, problem: str = "", status: int = 200) -> Response:
    since, sent = _moment(typed), TakeBackForm.sent()
    found = taking_back.page(database, scope, device)
    good = since is not None and since < now_ms()
    offer = taking_back.offer(database, scope, device, since) if found.may and since is not None and good else None
    body = render_template(
        "desk/administration/device.html",
        found=found,
        offer=offer,
        typed=typed,
        no_moment=bool(typed) and not good,
        outcomes=list(Fate),
        chosen=sent.outcome or Fate.DROP,
        reason=sent.reason,
        id=sent.id or new_id(),
        problem=problem,
        may_undo=lambda act: found.may and act.undone_at is None and now_ms() - act.at <= UNDO_MS,
        is_idle=lambda one: is_idle(one.seen_at, device_idle_ms()),
    )
    return make_response(body, status)


def _moment(text: str) -> int | None:
    """The moment of an ISO day, with its time if there is one, in Việt Nam; None for any other text."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
