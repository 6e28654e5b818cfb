"""Sign-in at the desk: an opaque session token in the signed cookie, looked up on every request.

The token is in a table, so signing out ends the session for every copy of its cookie. Disabling an account or ending a
role takes effect at once. A session that still lacks its second factor is led to the page that asks for it, or sets it
up, and gets no further.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    g,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from server.core import acting
from server.core.acting import ActorKind
from server.core.clock import now_ms
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.core.unavailable import is_unavailable
from server.desk import held, typed_days
from server.desk.where import RESENT, here, sent_form, sent_to
from server.services.access import desk_sessions
from server.services.access.desk_sessions import TOUCHED_EVERY_MS, Needs, SessionState
from server.services.units.scope import ADMIN, CONFIDENTIAL, DEPUTY, JUDGES, MANAGERS, RUNNERS, WRITERS, held_places
from server.serving import every_request
from server.serving.every_request import admit, admit_kept
from server.serving.installation import session_limits

KEY = "desk"
CSRF = "csrf_token"
ANSWER_S = 0.5
"""How long a form waits that came with the cookie of before a proof: for the answer to the proof, with the new one."""
ID_LENGTH = 16
_TOLD_AT = "told_at"
csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in officer, copied so that no row is held between transactions."""

    id: str
    name: str
    place: str
    roles: frozenset[str]
    """Held at some unit; DEPUTY too while the officer stands in for a reviewer."""
    top_roles: frozenset[str]
    """Held at a unit with nothing above."""

    @property
    def writes(self) -> bool:
        """Makes records for some unit."""
        return not self.roles.isdisjoint((*WRITERS, DEPUTY))

    @property
    def manages(self) -> bool:
        """Manages people somewhere."""
        return not self.roles.isdisjoint(MANAGERS)

    @property
    def opens(self) -> bool:
        """May open campaigns."""
        return not self.roles.isdisjoint(RUNNERS)

    @property
    def administers(self) -> bool:
        """Is an administrator of some unit."""
        return ADMIN in self.roles

    @property
    def reviews(self) -> bool:
        """Decides on the records of some unit below."""
        return not self.roles.isdisjoint((*JUDGES, DEPUTY))

    @property
    def is_chief(self) -> bool:
        """Is an administrator of the top unit."""
        return ADMIN in self.top_roles

    @property
    def oversees(self) -> bool:
        """May read the audit log."""
        return not self.top_roles.isdisjoint(RUNNERS)

    @property
    def confidential(self) -> bool:
        """Is a confidential officer of some unit."""
        return CONFIDENTIAL in self.roles


class IdConverter(BaseConverter):
    """`<id:record>`: a value without the form of an id gets 404 and never reaches the database."""

    regex = f"[A-Za-z0-9_-]{{{ID_LENGTH}}}"


def init_app(app: Flask) -> None:
    """Register the check against forged forms, and the URL converter for ids."""
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)  # the guard checks it: phones have no cookie and no form
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: a form may be open all afternoon
    csrf.init_app(app)
    app.url_map.converters["id"] = IdConverter


def spare_newer_cookie(response: Response) -> Response:
    """Set no cookie of a session that ended: the browser may have a newer one, by another answer, that must stay."""
    if "asked_with" not in g or not session.modified:
        return response
    asked, had_csrf = g.asked_with
    if asked and asked == token() and had_csrf and _is_over(asked):
        session.modified = False
    return response


def _is_over(asked: str) -> bool:
    if g.get("session_state") is None:
        return True
    try:
        with reading() as database:  # a proof may have renewed it while this request was at work
            return desk_sessions.state_of(database, asked, session_limits()) is None
    except SQLAlchemyError:
        return False


def tell_there(answer: Response) -> Response:
    """Note for which page the sentences about an act are: that to which its form leads."""
    if answer.status_code == 303 and request.path.startswith("/desk/") and "_flashes" in session:
        session[_TOLD_AT] = urlsplit(answer.headers["Location"]).path
    return answer


def told_here() -> list[str]:
    """Return what is to be said of the last act; nothing on another page, where nobody knows what it is about."""
    said = get_flashed_messages()
    at = session.pop(_TOLD_AT, None) if said else None
    return [str(sentence) for sentence in said] if at in (None, request.path) else []


def guarded(name: str, *between: Callable[[], None], framed: bool = True) -> Blueprint:
    """Return a blueprint that checks forms; `between` runs before. Who may come in was checked by then (rights.py).

    `framed`: its pages have the frame with the notices, which are read before a view opens a transaction of its own.

    Sign-in is checked first, because a form's token ends with the session, and the session's end is then the message.
    """
    bp = Blueprint(name, __name__)
    for check in between:
        bp.before_request(check)
    bp.before_request(check_form)
    bp.before_request(_take_in_days)
    if framed:
        bp.before_request(_frame)
    return bp


def _take_in_days() -> Response | None:
    return typed_days.taken_in() if typed_days.MARK in request.values else None


def _frame() -> None:
    if request.method == "POST":  # it mostly leads on, and shows no page: what a refused form shows is read then
        return
    from server.desk import page  # noqa: PLC0415  # it knows who is signed in by this module

    page.before()


def check_form() -> None:
    """Refuse a form that another site made the browser send, and text that no database can store."""
    try:
        csrf.protect()
    except CSRFError as error:
        raise Problem("csrf") from error
    if request.method == "POST":
        if held.FILES in request.form:
            held.restore(officer_id())
        every_request.check_form()


def need_sign_in() -> Response | None:
    """Let a signed-in officer through; redirect others to the sign-in, which returns to the page asked for.

    A form's typed values are kept: the sign-in page, and that of the second factor, carry them along (held.py).
    """
    if me() is not None:
        admit()
        return None
    return turn_away()


def turn_away() -> Response:
    """Lead who is not signed in, or lacks the second factor, to the page that asks for it, with what was typed."""
    if (again := send_again()) is not None:
        return again
    if session.get(held.WHO):
        admit_kept()
    kept, found = held.hold(csrf), session_state()
    if found is not None:
        return _to_second_factor(found.needs, kept)
    if kept or held.lost():
        return make_response(
            render_template(
                "desk/access/sign_in.html",
                username="",
                problem=None,
                ended=True,
                held=kept,
                lost=held.lost(),
                next=here(),
            ),
            401,
        )
    ended = KEY in session or request.method == "POST"  # only a signed-in browser sends a form
    return redirect(url_for("entry.sign_in", next=here(), ended=int(ended) or None), 303)


def _to_second_factor(needs: Needs, kept: str | None) -> Response:
    """Lead a session that lacks it to the second factor: to its set-up, or to the code. `kept`: what was typed."""
    sets_up = needs is Needs.SET_UP
    if kept or held.lost():
        name = "second_factor_first" if sets_up else "second_factor"
        page = render_template(f"desk/access/{name}.html", held=kept, lost=held.lost(), next=here())
        return make_response(page, 401)
    if sets_up:
        return redirect(url_for("second_factor.show"), 303)
    return redirect(url_for("second_factor.ask", next=here()), 303)


def need_password() -> Response | None:
    """Let a session through that still lacks its second factor: for the pages that ask for it or set it up."""
    if session_state() is None:
        return send_again() or _sign_in_first()
    me()
    admit()
    return None


def _sign_in_first() -> Response:
    """Lead on to the sign-in; a form that was kept for after the code, and the page that was wanted, go along."""
    form = sent_form()
    kept, wanted = form.get("held", ""), form.get("next") or request.args.get("next") or here()
    if held.read(kept):
        body = render_template(
            "desk/access/sign_in.html", username="", problem=None, ended=True, held=kept, next=wanted
        )
        return make_response(body, 401)
    return redirect(url_for("entry.sign_in", next=wanted, ended=int(KEY in session) or None), 303)


def send_again() -> Response | None:
    """Have the browser send this form once more, with the cookie that it has by now; None where that is no help.

    A proof gives the session a new cookie. A form that was under way then (a double click, another tab) came with the
    old one, which is worth nothing. The browser got the new one by now, or it was lost: then the sign-in is next.
    """
    if request.method != "POST" or request.query_string.decode("latin-1").endswith(RESENT):
        return None
    if not token() or session_state() is not None:
        return None
    with reading() as database:
        if not desk_sessions.was_renewed(database, token()):
            return None
    time.sleep(ANSWER_S)
    path = sent_to()
    return redirect(f"{path}{'&' if '?' in path else '?'}{RESENT}", 307)


def token() -> str:
    """Return the token of this browser's session; empty without one."""
    return str(session.get(KEY, ""))


def renew(new: str) -> None:
    """Give this browser the new token of its session. After the commit: until then the old one serves."""
    session[KEY] = new


def session_state() -> SessionState | None:
    """Return the session of this request and what it lacks; None without one. Notes that it was used."""
    if "session_state" not in g:
        g.session_state, g.me, g.asked_with = None, None, (token(), CSRF in session)
        if token():
            with reading() as database:
                found = desk_sessions.state_of(database, token(), session_limits())
                if found is not None and found.needs is Needs.NOTHING:
                    g.me = _read(database, found.officer, found.name)
            g.session_state = found
            _touch(g.session_state)
            if g.session_state is not None:  # also of a session that lacks the second factor: its acts are somebody's
                acting.become(ActorKind.OFFICER, g.session_state.officer)
    return cast("SessionState | None", g.session_state)


def forget() -> None:
    """Read the session again when it is next asked for: this request changed it."""
    g.pop("session_state", None)
    g.pop("me", None)


def me() -> Me | None:
    """Return the signed-in officer of this request, or None; None too while the second factor is lacking."""
    session_state()
    return cast("Me | None", g.me)


def officer_id() -> str:
    """Return the signed-in officer's id. Raises `unauthenticated`."""
    officer = me()
    if officer is None:
        raise Problem("unauthenticated")
    return officer.id


def _read(database: Session, id_: str, name: str) -> Me:
    held = held_places(database, id_)
    return Me(id_, name, ", ".join(held.names), held.roles, held.top_roles)


def _touch(found: SessionState | None) -> None:
    if found is None or 0 <= now_ms() - found.seen_at < TOUCHED_EVERY_MS:
        return
    try:
        with writing() as database:
            desk_sessions.touch(database, token())
    except Exception as error:  # a page can be read while nothing can be written
        if not is_unavailable(error):
            raise
