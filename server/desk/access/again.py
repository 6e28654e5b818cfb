"""Asked again: an act that gives others access, or takes it, needs a proof of the last ten minutes.

    @bp.post("/devices/<id:device>/revoke")
    @again.first
    def revoke(device: str) -> Response: ...

If the last one is older, the answer is a page that asks for the second factor (of an account without one, for the
password) and holds the form that was sent. Its button sends both to the same address: a right proof, and the act goes
on, without a second click and without JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import render_template, request
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.passwords import Busy
from server.core.problem_details import Problem
from server.desk import guard, page
from server.desk.access import typed
from server.desk.held import PROOF
from server.desk.shapes import answered
from server.desk.where import sent_to
from server.desk.words import error, t
from server.services.access import desk_sessions, own_password, second_factor
from server.services.access.desk_sessions import PROVEN_MS, SessionState
from server.services.access.second_factor import CodeOutcome
from server.serving.installation import installed

P = ParamSpec("P")


def first(view: Callable[P, Response]) -> Callable[P, Response]:
    """Ask for a proof before this view of a POST, if the last one is too old."""

    @wraps(view)
    def asked(*args: P.args, **kwargs: P.kwargs) -> Response:
        return ask() or view(*args, **kwargs)

    return asked


def ask(within_ms: int = PROVEN_MS) -> Response | None:
    """Return the page that asks; None if there is a proof, in this form or of so long ago."""
    found = guard.session_state()
    if found is None:
        raise Problem("unauthenticated")
    if found.is_proven(within_ms) or (page.is_demo() and not found.has_factor):  # there anybody is anybody by one click
        return None
    if PROOF not in request.form:
        return _page(found)
    try:
        problem = _check(found, typed.password(PROOF))
    except Problem as refused:  # busy, too many wrong ones, or the same form was here before
        if refused.code == "unauthenticated":
            guard.forget()
            return guard.turn_away()
        return _page(found, _sentence(refused), refused)
    if problem:
        return _page(found, problem, Problem("forbidden"))
    return None


def _check(found: SessionState, proof: str) -> str:
    """Return the sentence for a wrong proof; empty for a right one, which is noted. Raises Problem."""
    if found.has_factor:
        with writing() as session:
            desk_sessions.locked(session, guard.token())
            outcome = second_factor.check(session, found.officer, proof, installed().keyring)
            good = outcome is CodeOutcome.GOOD
            new = desk_sessions.prove(session, guard.token(), second=True) if good else guard.token()
        guard.renew(new)
        return typed.why_not(outcome)
    if not own_password.check(found.officer, proof):
        return t("again.wrong_password")
    with writing() as session:
        new = desk_sessions.prove(session, guard.token(), second=False)
    guard.renew(new)
    return ""


def _page(found: SessionState, problem: str = "", refused: Problem | None = None) -> Response:
    kept = [(name, text) for name, text in request.form.items(multi=True) if name not in ("csrf_token", PROOF)]
    body = render_template(
        "desk/access/again.html",
        path=sent_to(),
        kept=kept,
        problem=problem,
        factor=found.has_factor,
    )
    return answered(body, refused, 401)


def _sentence(refused: Problem) -> str:
    return t("sign_in.busy", seconds=refused.seconds) if isinstance(refused, Busy) else error(refused.code)
