"""All devices of the people below, by state, those not heard of for longest first."""

from __future__ import annotations

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from server.core.db import reading
from server.desk import page
from server.desk.guard import guarded, officer_id
from server.desk.list_filter import page_number
from server.desk.units import typed_unit, unit_field
from server.services.administration import device_list
from server.services.administration.device_list import DeviceState
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import MANAGERS, Scope
from server.serving.installation import device_idle_ms

bp = guarded("devices")
bp.before_request(page.before)


@bp.get("/devices")
def show() -> str | Response:
    """Show a page of the devices in one state."""
    asked = request.args.get("state", "")
    state = DeviceState(asked) if asked in set(DeviceState) else DeviceState.USED
    unit, number = request.args.get("unit", ""), page_number(request.args.get("page", "1"))
    with reading() as database:
        scope = Scope(database, officer_id())
        answer = typed_unit(database, scope, {"state": state}, MANAGERS, merged=False)
        if answer is not None:
            return answer
        found = device_list.page(database, scope, state, unit, device_idle_ms(), number)
        shown = render_template(
            "desk/administration/devices.html",
            found=found,
            states=list(DeviceState),
            field=unit_field(database, scope, unit, MANAGERS, merged=False),
            link=lambda **other: url_for("devices.show", state=state, unit=unit or None, **other),
        )
    log.note(Act.PEOPLE_READ, ("unit", unit) if unit else None, new={"page": found.page})
    return shown
