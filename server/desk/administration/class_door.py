"""`/class/…`: the page that the QR code of a training day opens on an officer's phone.

Choose the unit, choose the name, wait; once the trainer has confirmed, the phone gets the usual enrolment code, which
the phone app takes as from a card. So the app itself knows nothing of classes. The browser keeps in its cookie that it
brought the code of the room, which is in the QR code and changes, and its request with a secret. The address alone, or
a picture of the projector from before, gets nobody anything.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import make_response, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.access import browser_name, code
from server.desk.inputs import Inputs
from server.desk.page import public
from server.desk.shapes import answered, says
from server.desk.words import error
from server.models import Officer, TrainingDay, TrainingRequest, Unit
from server.services.administration import training, training_requests
from server.services.administration.training_requests import Asked, RequestState, Visitor
from server.serving.installation import installed
from sync.text import is_id

bp = public("class_door")
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


_closed = says(
    lambda _refused: True,
    lambda refused, **_class: render_template("desk/administration/class_closed.html", problem=error(refused.code)),
)
"""A class that is over, or an address that leads to none: what is said of it is a page of its own."""


@bp.get("/class/<id:training_id>/<token>")
@_closed
def show(training_id: str, token: str) -> Response:
    """Show what comes next on this phone: the unit, the name, waiting, or the code, once."""
    if (codes := code.taken()) is not None:
        return make_response(render_template("desk/administration/class_code.html", codes=codes, back=request.path))
    with reading() as database:
        row = training.entered(database, training_id, token, installed().keyring)
        own, unit = _own(database, row), DoorForm.asked().unit
        if typed := DoorForm.asked().room:
            return _brought(row, token, typed)
        if own is not None and (state := training_requests.state(database, own)) is not RequestState.REFUSED:
            officer = database.get_one(Officer, own.officer_id)
            body = _page("state", row, token, request_=own, officer=officer, state=state)
            return make_response(body, {"Refresh": str(RENEWED_S)} if state is RequestState.WAITING else {})
        if _step_of(row) is None:
            return _at_the_door(row, token)
        if is_id(unit):
            officers = training.officers(database, row, unit)
            named = Counter(officer.name for officer in officers)
            shared = {name for name, times in named.items() if times > 1}
            body = _page("name", row, token, unit=database.get(Unit, unit), officers=officers, shared=shared)
        else:
            body = _page("unit", row, token, units=training.units(database, row), refused=own is not None)
        return make_response(body)


def _page(name: str, row: TrainingDay, token: str, **shown: Any) -> str:
    return render_template(f"desk/administration/class_{name}.html", training=row.id, token=token, **shown)


def _own(database: Session, row: TrainingDay, *, lock: bool = False) -> TrainingRequest | None:
    """Return the request that this browser made in the class."""
    asked = _asked(row)
    return training_requests.own(database, row, asked, lock=lock) if asked else None


@bp.post("/class/<id:training_id>/<token>/ask")
@_closed
def ask(training_id: str, token: str) -> Response:
    """Take a place in the trainer's list, from the room alone. A second press changes nothing."""
    sent, made = DoorForm.sent(), None
    with writing() as database:
        row = training.entered(database, training_id, token, installed().keyring, lock=True)
        own, step = _own(database, row), _step_of(row)
        if step is not None and (own is None or own.refused_at is not None):
            browser = browser_name.short(request.headers.get("User-Agent", ""))
            visitor = Visitor(step, browser, request.remote_addr)
            made = training_requests.ask(database, row, sent.unit, sent.officer, visitor)
    if made is not None:
        session[KEY] = [training_id, made.id, made.secret]
    return _back(training_id, token)


@bp.post("/class/<id:training_id>/<token>/give-up")
@_closed
def give_up(training_id: str, token: str) -> Response:
    """Take the request back, to choose another name."""
    with writing() as database:
        row = training.entered(database, training_id, token, installed().keyring, lock=True)
        if (own := _own(database, row, lock=True)) is not None:
            training_requests.give_up(database, own)
    return _back(training_id, token)


@bp.post("/class/<id:training_id>/<token>/code")
@_closed
def make_code(training_id: str, token: str) -> Response:
    """Make the code of a confirmed request; shown once."""
    with writing() as database:
        row = training.entered(database, training_id, token, installed().keyring, lock=True)
        asked, ends_at = _asked(row), row.ends_at
        made = training_requests.make_code(database, row, asked, installed().keyring) if asked else None
    if made is None:
        return _back(training_id, token)
    back = url_for("class_door.show", training_id=training_id, token=token)
    return code.keep(dict([made]), back, until=ends_at)


def _brought(row: TrainingDay, token: str, typed: str) -> Response:
    """Keep that this browser brought the code of the room."""
    step = training.room_step(row, typed, installed().keyring)
    if step is None:
        return _at_the_door(row, token, Problem("training_room"))
    session[ROOM] = [row.id, step]
    return _back(row.id, token)


def _step_of(row: TrainingDay) -> int | None:
    """The step of the code that this browser brought, while it counts as in the room."""
    of_class, step = session.get(ROOM) or ("", 0)
    return int(step) if of_class == row.id and training.is_inside(int(step)) else None


def _at_the_door(row: TrainingDay, token: str, wrong: Problem | None = None) -> Response:
    return answered(_page("room", row, token, problem=error(wrong.code) if wrong else None), wrong)


def _asked(row: TrainingDay) -> Asked | None:
    of_class, id_, secret = session.get(KEY) or ("", "", "")
    return Asked(str(id_), str(secret)) if of_class == row.id else None


def _back(training_id: str, token: str) -> Response:
    return redirect(url_for("class_door.show", training_id=training_id, token=token), 303)
