"""The officer's own new phones: every page of the desk announces them, and here the officer confirms them."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from server.core.db import writing
from server.desk import page
from server.desk.access.entry import back_to
from server.desk.guard import guarded, officer_id
from server.desk.words import t
from server.services.organisation import new_devices

bp = guarded("own_devices")
bp.before_request(page.before)


@bp.post("/own-devices/<id:device>/confirm")
def confirm(device: str) -> Response:
    """Confirm that the device is the officer's own: the notice ends, and the code's maker may review its writes."""
    with writing() as session:
        new_devices.confirm_device(session, officer_id(), device)
    flash(t("done.confirmed_device"))
    return redirect(back_to(request.form.get("next")), 303)
