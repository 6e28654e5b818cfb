"""Sign in with a password, in a demo with one click; sign out; choose the language."""

from __future__ import annotations

from flask import current_app, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.passwords import Busy
from server.core.problem_details import Problem
from server.desk import guard, held
from server.desk.access import browser_name, known_browser, typed
from server.desk.inputs import Inputs
from server.desk.page import public
from server.desk.shapes import answered
from server.desk.words import LANGUAGES, error, t
from server.services.access import desk_sessions
from server.services.access import sign_in as signing
from server.services.access.desk_sessions import Needs
from server.services.access.sign_in import Knock
from server.services.installation import sample
from server.services.organisation import staff
from server.serving.every_request import LANGUAGE_COOKIE, cookie_name
from server.serving.installation import installed
from sync.text import is_well_formed, normal

bp = public("entry")
YEAR_S = 365 * 24 * 3600


class EntryForm(Inputs):
    """A sign-in, and where it leads. `held`: a form that was kept through it; `ended`: the session was over."""

    username: str
    language: str
    held: str
    next: str
    ended: str


@bp.get("/sign-in")
def sign_in() -> Response:
    """Show the sign-in form; lead on who came here with the cookie of before a proof and has the new one by now."""
    if EntryForm.asked().ended and guard.session_state() is not None:
        return go_on(back_to(EntryForm.asked().next))
    return make_response(render_template("desk/access/sign_in.html", username="", problem=None))


@bp.post("/sign-in")
def check() -> Response:
    """Check the password; services/access/tries.py counts failures.

    When the server is busy, the form returns with the user name and says when to try again. It does not retry by
    itself: that would need the password, which no page may hold, and a page that reloads would erase what is being
    typed.
    """
    knock = Knock(_typed_name(), typed.password("password"), request.remote_addr, known_browser.kept())
    try:
        account = signing.sign_in(knock, installed().keyring)
    except Busy as busy:
        return _refused(knock.username, t("sign_in.busy", seconds=busy.seconds), busy)
    if account is None or account.officer is None:
        return _refused(knock.username, error("bad_sign_in"), Problem("bad_sign_in"))
    return known_browser.keep(enter(account.officer), account.officer)


@bp.post("/sign-out")
def sign_out() -> Response:
    """End this session, for every copy of its cookie. The officer's other browsers stay signed in."""
    if (again := guard.send_again()) is not None:
        return again
    token = session.get(guard.KEY)
    if token:
        with writing() as database:
            desk_sessions.end_session(database, token)
    session.clear()
    response = redirect(url_for("home.door"), 303)
    # Clear cached pages only, not "storage": the phone app shares the origin, and an outbox may be there.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.post("/language")
def language() -> Response:
    """Store the language, Vietnamese or English, in a cookie of this browser."""
    sent = EntryForm.sent()
    chosen, response = sent.language, redirect(back_to(sent.next), 303)
    if chosen in LANGUAGES:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(
            cookie_name(LANGUAGE_COOKIE), chosen, max_age=YEAR_S, samesite="Lax", secure=secure, httponly=True
        )
    return response


def _refused(username: str, sentence: str, problem: Problem) -> Response:
    kept = EntryForm.sent().held
    page_ = render_template("desk/access/sign_in.html", username=username, problem=sentence, held=kept)
    return answered(page_, problem)


def enter(officer: str, *, needs_factor: bool = True) -> Response:
    """Open a session for an officer, end this browser's earlier one, and go on: to the second factor or their page."""
    target = back_to(EntryForm.sent().next or EntryForm.asked().next)
    with writing() as database:
        if before := session.get(guard.KEY):
            desk_sessions.end_session(database, before, by=officer)
        token = desk_sessions.open_session(
            database,
            officer,
            request.remote_addr or "",
            browser_name.short(request.user_agent.string),
            needs_factor=needs_factor,
        )
    session.clear()
    session[guard.KEY] = token
    session[held.WHO] = officer
    return go_on(target)


def go_on(target: str) -> Response:
    """Lead a new session to what it lacks; if nothing, to a form that was kept for it, or to `target`."""
    guard.forget()
    found, text = guard.session_state(), EntryForm.sent().held
    kept = held.read(text)
    mine = kept if kept and found and kept.who in ("", found.officer) else None
    if found is not None and found.needs is Needs.SET_UP:
        if mine is None:
            return redirect(url_for("second_factor.show"), 303)
        return make_response(render_template("desk/access/second_factor_first.html", held=text))
    if found is not None and found.needs is Needs.CODE:
        if mine is None:
            return redirect(url_for("second_factor.ask", next=target), 303)
        return make_response(render_template("desk/access/second_factor.html", held=text, next=target))
    guard.me()
    if mine is not None:
        ticket = held.ticket(mine, guard.officer_id())
        return make_response(render_template("desk/access/held.html", held=mine, files=ticket, target=target))
    return redirect(target, 303)


def demo_officer(username: str) -> str:
    """Return a sample person's id. Raises `not_found` if the data is no sample."""
    with reading() as database:
        known = sample.is_demo(database) and is_well_formed(username)
        officer = staff.find_officer(database, username) if known else None
        if officer is None or officer.disabled_at is not None:
            raise Problem("not_found")
        return officer.id


def back_to(target: str | None) -> str:
    """Return `target` if it is a path of this site, otherwise the start page.

    Two slashes lead to another site, a backslash counts as a slash, and browsers drop control characters first.
    """
    path = target or ""
    strange = any(char < "!" or "\x7f" <= char < "\xa1" or char == "\\" for char in path)
    if strange or not path.startswith("/") or path.startswith("//"):
        return url_for("start.show")
    return path


def _typed_name() -> str:
    """Return the user name; empty if no database can store it."""
    name = normal(EntryForm.sent().username).lower()[:64]
    return name if is_well_formed(name) else ""
