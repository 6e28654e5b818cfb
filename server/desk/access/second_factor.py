"""The second factor at the desk: asked for after the password, and set up with an authenticator app.

The new recovery codes are in the answer to the form itself and nowhere else: they are stored hashed, and a reload
finds nothing left to confirm.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import segno
from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import guard
from server.desk.access import again, entry, typed
from server.desk.page import public
from server.desk.shapes import answered, lead_on
from server.desk.words import error, t
from server.services.access import desk_sessions, recovery_codes, second_factor
from server.services.access.desk_sessions import Needs, SessionState
from server.services.access.second_factor import CodeOutcome
from server.serving.installation import installed

bp = public("second_factor")


@bp.before_request
def code_first() -> Response | None:
    """Lead a session that lacks its code to the page that asks for it, whatever page of these it wants."""
    if _here().needs is Needs.CODE and request.endpoint not in ("second_factor.ask", "second_factor.check"):
        return redirect(url_for("second_factor.ask"), 303)
    return None


@bp.get("/second-factor")
def ask() -> Response:
    """Show the form for a code."""
    if _here().needs is not Needs.CODE:
        return redirect(url_for("account.show"), 303)
    return make_response(render_template("desk/access/second_factor.html"))


@bp.post("/second-factor")
def check() -> Response:
    """Check a code of the authenticator, or a recovery code, and go on to the page that was wanted."""
    found, target = _here(), entry.back_to(entry.EntryForm.sent().next)
    if found.needs is not Needs.CODE:
        return entry.go_on(target)
    try:
        with writing() as session:
            desk_sessions.locked(session, guard.token())
            outcome = second_factor.check(session, found.officer, typed.password("code"), installed().keyring)
            good = outcome is CodeOutcome.GOOD
            new = desk_sessions.prove(session, guard.token(), second=True) if good else guard.token()
    except Problem as refused:
        if refused.code == "unauthenticated":
            return _turned_away()
        return _ask_again(error(refused.code), refused)
    if outcome is not CodeOutcome.GOOD:
        return _ask_again(typed.why_not(outcome), Problem("forbidden"))
    guard.renew(new)
    return entry.go_on(target)


def _turned_away() -> Response:
    """Return True if this form was sent before."""
    guard.forget()
    return guard.need_password() or redirect(url_for("account.show"), 303)


def _ask_again(sentence: str, refused: Problem) -> Response:
    sent = entry.EntryForm.sent()
    body = render_template("desk/access/second_factor.html", problem=sentence, held=sent.held, next=sent.next)
    return answered(body, refused)


@bp.get("/account/second-factor")
def show() -> Response:
    """Show the state of the second factor, or the set-up that was begun."""
    return _page()


@bp.post("/account/second-factor/begin")
@again.first
def begin() -> Response:
    """Draw a secret for a new authenticator; the one in use stays until the new one is confirmed."""
    with writing() as session:
        second_factor.begin(session, _here().officer, installed().keyring)
    return _page() if entry.EntryForm.sent().held else redirect(url_for("second_factor.show"), 303)


@bp.post("/account/second-factor/confirm")
def confirm() -> Response:
    """Take the new authenticator into use by a code that it shows; the answer has the recovery codes, once."""
    found, new = _here(), guard.token()
    code = typed.password("code")
    try:
        with writing() as session:
            desk_sessions.locked(session, guard.token())
            begun = second_factor.begun(session, found.officer) is not None
            made = second_factor.confirm(session, found.officer, code, installed().keyring)
            if isinstance(made, list):
                new = desk_sessions.prove(session, guard.token(), second=True)
                desk_sessions.end_others(session, found.officer, new)  # they were opened with the old one
    except Problem as refused:
        if refused.code == "unauthenticated":
            return _turned_away()
        return _page(error(refused.code), refused)
    if not begun:
        return redirect(url_for("second_factor.show"), 303)
    if isinstance(made, list):
        guard.renew(new)
        guard.forget()
        guard.me()
        return _codes(made)
    if made is None:
        return _page(t("second.wrong", time=typed.server_time()), Problem("forbidden"))
    how = "second.fast" if made > 0 else "second.slow"
    return _page(t(how, minutes=max(1, round(abs(made) / 60)), time=typed.server_time()), Problem("forbidden"))


@bp.post("/account/second-factor/go-on")
def go_on() -> Response:
    """Show the form that was kept while the second factor was set up."""
    return entry.go_on(url_for("account.show"))


@bp.post("/account/second-factor/codes")
@again.first
def new_codes() -> Response:
    """Make new recovery codes; the earlier ones become void."""
    with writing() as session:
        factor = second_factor.in_use(session, _here().officer, lock=True)
        made = recovery_codes.make(session, factor, installed().keyring) if factor else []
    return _codes(made) if made else redirect(url_for("second_factor.show"), 303)


@bp.post("/account/second-factor/remove")
@again.first
def remove() -> Response:
    """Remove the second factor where no role requires one. Raises `forbidden`."""
    found = _here()  # also of a session that lacks a second factor
    with writing() as session:
        if second_factor.is_required(session, found.officer):
            raise Problem("forbidden")
        second_factor.end(session, found.officer)
    return lead_on(url_for("account.show"), t("done.second_removed"))


def _page(problem: str = "", refused: Problem | None = None) -> Response:
    found, ring = _here(), installed().keyring
    with reading() as session:
        begun = second_factor.begun(session, found.officer)
        secret = second_factor.secret_of(begun, ring) if begun else None
        factor = second_factor.in_use(session, found.officer)
        body = render_template(
            "desk/access/second_factor_set_up.html",
            picture=_picture(secret, found.username) if secret else "",
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
            factor=factor,
            left=recovery_codes.left(session, factor) if factor else 0,
            must=second_factor.is_required(session, found.officer),
            problem=problem,
            held=entry.EntryForm.sent().held,
        )
    response = answered(body, refused)
    response.headers["Cache-Control"] = "no-store"
    return response


def _codes(made: list[str]) -> Response:
    body = render_template(
        "desk/access/recovery_codes.html",
        codes=made,
        username=_here().username,
        held=entry.EntryForm.sent().held,
    )
    return make_response(body, {"Cache-Control": "no-store"})


def _picture(secret: str, username: str) -> str:
    host = urlsplit(installed().settings.public_url).hostname or ""
    return segno.make(second_factor.link(secret, username, f"Loa {host}"), error="m").svg_data_uri(border=4)


def _here() -> SessionState:
    found = guard.session_state()
    if found is None:
        raise Problem("unauthenticated")
    return found
