"""`/class/…`: the page that the QR code of a training day opens on an officer's phone.

Choose the unit, choose the name, wait; once the trainer has confirmed, the phone gets the usual enrolment code, which
the phone app takes as from a card. So the app itself knows nothing of classes. The browser keeps in its cookie that it
brought the code of the room, which is in the QR code and changes, and its request with a secret. The address alone, or
a picture of the projector from before, gets nobody anything.
"""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import guard, page
from server.desk.access import browser_name, code
from server.desk.inputs import Inputs
from server.desk.words import error
from server.errors import headers_of, status_of
from server.models import Officer, TrainingDay, Unit
from server.services.administration import training, training_requests
from server.services.administration.training_requests import Asked, RequestState, Visitor
from server.serving.installation import installed
from sync.text import is_id

bp = Blueprint("class_door", __name__)
bp.before_request(guard.check_form)
bp.before_request(page.before)
KEY = "class"
"""In the cookie: [class, request, secret]."""
ROOM = "room"
"""In the cookie: [class, step of the code of the room]."""
RENEWED_S = 5
"""The page of who waits is loaded anew after so many seconds."""


class DoorForm(Inputs):
    """What a phone brings: the code of the room, then the unit and the name."""

    room: str
    unit: str
    officer: str


@bp.get("/class/<id:training_id>/<token>")
def show(training_id: str, token: str) -> Response:
    """Show what comes next on this phone: the unit, the name, waiting, or the code, once."""
    if (codes := code.taken()) is not None:
        return make_response(render_template("desk/administration/class_code.html", codes=codes, back=request.path))
    try:
        with reading() as database:
            row = training.entered(database, training_id, token, installed().keyring)
            asked = _asked(row)
            own = training_requests.own(database, row, asked) if asked else None
            if typed := DoorForm.asked().room:
                return _brought(row, token, typed)
            if own is not None and (state := training_requests.state(database, own)) is not RequestState.REFUSED:
                body = render_template(
                    "desk/administration/class_state.html",
                    training=row.id,
                    token=token,
                    request_=own,
                    officer=database.get_one(Officer, own.officer_id),
                    state=state,
                )
                answer = make_response(body)
                if state is RequestState.WAITING:
                    answer.headers["Refresh"] = str(RENEWED_S)
                return answer
            unit = DoorForm.asked().unit
            if _step_of(row) is None:
                return _at_the_door(row, token)
            if is_id(unit):
                officers = training.officers(database, row, unit)
                named = Counter(officer.name for officer in officers)
                body = render_template(
                    "desk/administration/class_name.html",
                    training=row.id,
                    token=token,
                    unit=database.get(Unit, unit),
                    officers=officers,
                    shared={name for name, times in named.items() if times > 1},
                )
            else:
                body = render_template(
                    "desk/administration/class_unit.html",
                    training=row.id,
                    token=token,
                    units=training.units(database, row),
                    refused=own is not None,
                )
    except Problem as refused:
        return _closed(refused)
    return make_response(body)


@bp.post("/class/<id:training_id>/<token>/ask")
def ask(training_id: str, token: str) -> Response:
    """Take a place in the trainer's list, from the room alone. A second press changes nothing."""
    sent = DoorForm.sent()
    try:
        with writing() as database:
            row = training.entered(database, training_id, token, installed().keyring, lock=True)
            before, step = _asked(row), _step_of(row)
            own = training_requests.own(database, row, before) if before else None
            made = None
            if step is not None and (own is None or own.refused_at is not None):
                browser = browser_name.short(request.headers.get("User-Agent", ""))
                visitor = Visitor(step, browser, request.remote_addr)
                made = training_requests.ask(database, row, sent.unit, sent.officer, visitor)
    except Problem as refused:
        return _closed(refused)
    if made is not None:
        session[KEY] = [training_id, made.id, made.secret]
    return _back(training_id, token)


@bp.post("/class/<id:training_id>/<token>/give-up")
def give_up(training_id: str, token: str) -> Response:
    """Take the request back, to choose another name."""
    try:
        with writing() as database:
            row = training.entered(database, training_id, token, installed().keyring, lock=True)
            asked = _asked(row)
            own = training_requests.own(database, row, asked, lock=True) if asked else None
            if own is not None:
                training_requests.give_up(database, own)
    except Problem as refused:
        return _closed(refused)
    return _back(training_id, token)


@bp.post("/class/<id:training_id>/<token>/code")
def make_code(training_id: str, token: str) -> Response:
    """Make the code of a confirmed request; shown once."""
    try:
        with writing() as database:
            row = training.entered(database, training_id, token, installed().keyring, lock=True)
            asked = _asked(row)
            made = training_requests.make_code(database, row, asked, installed().keyring) if asked else None
            ends_at = row.ends_at
    except Problem as refused:
        return _closed(refused)
    if made is None:
        return _back(training_id, token)
    officer, digits = made
    return code.keep({officer: digits}, url_for("class_door.show", training_id=training_id, token=token), until=ends_at)


def _brought(row: TrainingDay, token: str, typed: str) -> Response:
    """Keep that this browser brought the code of the room."""
    step = training.room_step(row, typed, installed().keyring)
    if step is None:
        return _at_the_door(row, token, Problem("training_room"))
    session[ROOM] = [row.id, step]
    return _back(row.id, token)


def _step_of(row: TrainingDay) -> int | None:
    """The step of the code that this browser brought, while it counts as in the room."""
    kept = session.get(ROOM)
    if not isinstance(kept, list) or len(kept) != len((ROOM, "step")) or kept[0] != row.id:
        return None
    step = int(kept[1])
    return step if training.is_inside(step) else None


def _at_the_door(row: TrainingDay, token: str, wrong: Problem | None = None) -> Response:
    problem = error(wrong.code) if wrong else None
    body = render_template("desk/administration/class_room.html", training=row.id, token=token, problem=problem)
    return make_response(body, status_of(wrong.code) if wrong else 200)


def _asked(row: TrainingDay) -> Asked | None:
    kept = session.get(KEY)
    if not isinstance(kept, list) or len(kept) != len((KEY, "id", "secret")) or kept[0] != row.id:
        return None
    return Asked(str(kept[1]), str(kept[2]))


def _back(training_id: str, token: str) -> Response:
    return redirect(url_for("class_door.show", training_id=training_id, token=token), 303)


def _closed(refused: Problem) -> Response:
    body = render_template("desk/administration/class_closed.html", problem=error(refused.code))
    return make_response(body, status_of(refused.code), headers_of(refused))
