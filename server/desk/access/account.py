"""`/desk/account`: one's own account. Password, second factor, sessions, phones, and what was made in one's name."""

from __future__ import annotations

from typing import Annotated

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.passwords import Busy
from server.core.problem_details import Problem
from server.desk import guard
from server.desk.access import again, known_browser, typed
from server.desk.audit import saying
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, Page, count, cut
from server.desk.shapes import Done, answered, changes, reads
from server.desk.words import error, t
from server.services.access import desk_sessions, own_acts, own_password, second_factor
from server.services.access.desk_sessions import NAME_LENGTH
from server.services.access.devices import is_idle
from server.services.access.password_rules import PASSWORD_LENGTH
from server.services.audit import listing
from server.services.organisation import people
from server.services.units.scope import Scope
from server.serving.installation import device_idle_ms, session_limits

bp = guarded("account")


class MadeAsked(Inputs):
    """Which pages of the codes and links, and before which line of the log."""

    codes: Page
    links: Page
    before: Annotated[int, count(digits=15)]


class SessionForm(Inputs):
    """Which other session ends; all of them if none is named."""

    session: Annotated[str, cut(NAME_LENGTH)]


@bp.get("/account")
def show() -> Response:
    """Show the account."""
    return _page()


@bp.post("/account/password")
def password() -> Response:
    """Change the password; needs the current one, and ends the other sessions."""
    new = typed.password("password")
    if new != typed.password("again"):
        return _page(t("welcome.differ"))
    try:
        refused = own_password.change(officer_id(), typed.password("current"), new, guard.token())
    except Busy as busy:
        return _page(t("sign_in.busy", seconds=busy.seconds), busy)
    except Problem as problem:
        return _page(error(problem.code), problem)
    if refused is not None:
        return _page(typed.fault(refused))
    flash(t("done.password"))
    return known_browser.keep(redirect(url_for("account.show"), 303), officer_id())


@bp.post("/account/sessions/end")
@again.first
@changes
def end_sessions(database: Session, scope: Scope) -> Done:
    """End the account's other sessions; with `session`, only that one."""
    ended = desk_sessions.end_others(database, scope.officer_id, guard.token(), SessionForm.sent().session)
    return Done(url_for("account.show"), t("done.sessions_ended", count=ended))


@reads
def _page(database: Session, scope: Scope, problem: str = "", refused: Problem | None = None) -> Response:
    me, limits, asked = scope.officer_id, session_limits(), MadeAsked.asked()
    body = render_template(
        "desk/access/account.html",
        account=people.holders(database, [me])[0],
        factor=second_factor.in_use(database, me),
        must=second_factor.is_required(database, me),
        sessions=desk_sessions.listed(database, me, guard.token(), limits),
        acts=own_acts.own_acts(database, me, asked.codes, asked.links),
        log=listing.of_person(database, me, asked.before),
        asked=asked,
        codes_link=lambda page: url_for("account.show", **asked.args(codes=page), _anchor="a-made"),
        links_link=lambda page: url_for("account.show", **asked.args(links=page), _anchor="a-made"),
        say=saying,
        is_idle=lambda device: is_idle(device.seen_at, device_idle_ms()),
        idle_minutes=limits.idle_ms // 60_000,
        whole_hours=limits.whole_ms // 3_600_000,
        length=PASSWORD_LENGTH,
        problem=problem,
    )
    return answered(body, refused, 422 if problem else 200)
