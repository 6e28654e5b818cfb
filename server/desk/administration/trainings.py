"""Training days at the desk: begin one, show its QR code on the projector, confirm who waits, in one list."""

from __future__ import annotations

from typing import Any

import segno
from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading
from server.desk.access import again
from server.desk.administration import unit_asked
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs
from server.desk.shapes import Done, changes, reads
from server.desk.units import unit_field
from server.desk.words import t
from server.models import Unit
from server.services.administration import training as classes
from server.services.administration import training_requests
from server.services.administration.training_requests import RequestState
from server.services.units.scope import MANAGERS, Scope
from server.serving.installation import installed

bp = guarded("trainings")
RENEWED_S = 10
"""The projector's page is loaded anew after so many seconds."""


class ClassAsked(Inputs):
    """The class that is shown, and whether it is on the projector."""

    training: str
    screen: bool


class ClassForm(Inputs):
    """The unit of a new class, by its id or as somebody typed it."""

    unit: str
    unit_name: str | None


class ConfirmForm(Inputs):
    """Who is confirmed: the ticked ones, or with `all` each that was on the page."""

    all: bool
    shown: list[str]
    request: list[str]


@bp.get("/training")
def show() -> str | Response:
    """Show one class with who waits in it, today's others, and a form for a new one; `screen`: for a projector."""
    asked = ClassAsked.asked()
    if asked.screen:
        return _screen(asked.training)
    with reading() as session:
        scope, chosen = Scope(session, officer_id()), asked.training
        return render_template(
            "desk/administration/trainings.html",
            classes=[(row, unit) for row, unit in classes.open_ones(session, scope) if row.id != chosen],
            field=unit_field(session, scope, scope.highest(MANAGERS)[0], MANAGERS, merged=False),
            **(_class(session, scope, chosen) if chosen else {"row": None}),
        )


@bp.post("/training")
@again.first
@changes
def begin(session: Session, scope: Scope) -> Done:
    """Begin a class."""
    sent = ClassForm.sent()
    unit = sent.unit or unit_asked.named(session, scope, sent.unit_name or "", MANAGERS)
    tops = scope.highest(MANAGERS)
    made = classes.begin(session, scope, unit or (tops[0] if len(tops) == 1 and sent.unit_name is None else "")).id
    return Done(url_for("trainings.show", training=made))


@reads
def _screen(session: Session, scope: Scope, training: str) -> Response:
    """Show the QR code in large, with the code of the room of now, and how many wait; it holds no enrolment code."""
    shown = _class(session, scope, training)
    body = render_template("desk/administration/training_screen.html", **shown)
    return make_response(body, {"Refresh": str(RENEWED_S)})


def _class(session: Session, scope: Scope, training: str) -> dict[str, Any]:
    row, keyring = classes.get(session, scope, training), installed().keyring
    address = f"{installed().settings.public_url}/class/{row.id}/{classes.address_token(row, keyring)}"
    room = classes.room_code(row, keyring)
    people = training_requests.listed(session, row)
    return {
        "row": row,
        "unit": session.get_one(Unit, row.unit_id),
        "is_open": classes.is_open(row),
        "address": address,
        "room": f"{room[:4]} {room[4:]}",
        "picture": segno.make(f"{address}?room={room}", error="m").svg_data_uri(border=2),
        "waiting": [each for each in people if each.state is RequestState.WAITING],
        "others": [each for each in people if each.state is not RequestState.WAITING],
    }


@bp.post("/training/<id:training>/confirm")
@again.first
@changes
def confirm(session: Session, scope: Scope, training: str) -> Done:
    """Confirm the ticked ones, or with `all` each that was on the page: never one that came meanwhile."""
    sent = ConfirmForm.sent()
    chosen = sent.shown if sent.all else sent.request
    count = training_requests.confirm(session, scope, training, chosen, together=sent.all)
    return Done(url_for("trainings.show", training=training), t("done.training_confirmed", count=count))


@bp.post("/training/<id:training>/refuse/<id:asked>")
@changes
def refuse(session: Session, scope: Scope, training: str, asked: str) -> Done:
    """Refuse one, or take a confirmation back."""
    training_requests.refuse(session, scope, training, asked)
    return Done(url_for("trainings.show", training=training), t("done.training_refused"))


@bp.post("/training/<id:training>/end")
@changes
def end(session: Session, scope: Scope, training: str) -> Done:
    """End the class."""
    classes.end(session, scope, training)
    return Done(url_for("trainings.show"), t("done.training_ended"))
