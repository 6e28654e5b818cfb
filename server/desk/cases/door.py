"""The way into the cases: who has the right, the second factor given just now, the case key open, work without a break.

For everybody else the pages are not there: the answer is that of an address that leads nowhere, whether there are cases
or none, and the try is in the cases' own log.
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import guard, page
from server.desk.annex.door import no_store
from server.desk.annex.opened import app_vault, need_open
from server.services.cases import case_log, entering, finding, rights
from server.services.cases.entering import Presence

SEE_OTHER = 303


def only_holders() -> None:
    """Answer 404 to everybody without the right, and log the try."""
    me = guard.me()
    if me is None:
        raise Problem("not_found")
    with reading() as session:
        units = rights.units_of(session, me.id)
    if not units:
        case_log.note_try(app_vault(), case_log.REFUSED, me.id, request.endpoint or "")
        raise Problem("not_found")


def need_entry() -> Response | None:
    """Return the door if the officer has not entered or was idle for five minutes; the key's page if it is closed."""
    found = guard.session_state()
    if found is None:
        raise Problem("not_found")
    if not found.has_factor and not page.is_demo():
        return redirect(url_for("second_factor.show"), 303)
    if request.endpoint == "cases.enter":
        return None
    opened = app_vault()
    try:
        with reading() as session:
            g.case_presence = entering.present(session, opened, guard.token(), found.officer)
    except Problem as refused:
        if refused.code != "case_locked":
            raise
        return need_open()
    if g.case_presence is None:
        return _door()
    if (closed := need_open()) is not None:  # nobody made the case key yet
        return closed
    with writing() as session:
        entering.touch(session, guard.token())
    return None


def _door() -> Response:
    """Show the button that asks for the second factor. Whether something is due is said behind it alone."""
    if request.endpoint == "cases.show":
        return make_response(render_template("desk/cases/door.html"))
    return redirect(url_for("cases.show"), SEE_OTHER)


def presence() -> Presence:
    """Return who is in."""
    return cast("Presence", g.case_presence)


def closed_to_others(name: str) -> Blueprint:
    """Return a blueprint whose pages have these checks, after those that every page has."""
    bp = guard.guarded(name, framed=False)  # who may not come in sees no frame
    bp.before_request(only_holders)
    bp.before_request(page.before)
    bp.before_request(need_entry)
    bp.after_request(_note_look)
    bp.after_request(no_store)
    return bp


def _note_look(response: Response) -> Response:
    """Note that the officer looked, with the list."""
    if g.get("case_presence") is not None and request.endpoint == "cases.show" and app_vault().private:
        with writing() as session:
            finding.note_look(session, app_vault(), presence().officer)
    return response
