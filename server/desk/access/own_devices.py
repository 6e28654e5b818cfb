"""The officer's own new phones: every page of the desk tells of one, and here its officer says that it is theirs."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from server.core.db import writing
from server.desk import page
from server.desk.access.entry import back_to
from server.desk.guard import guarded, officer_id
from server.desk.words import t
from server.services.organisation import people

bp = guarded("own_devices")
bp.before_request(page.before)


@bp.post("/own-devices/<id:device>/confirm")
def confirm(device: str) -> Response:
    """It is mine: I am told of it no more, and who made its code may review what it writes."""
    with writing() as session:
        people.confirm_device(session, officer_id(), device)
    flash(t("done.confirmed_device"))
    return redirect(back_to(request.form.get("next")), 303)
