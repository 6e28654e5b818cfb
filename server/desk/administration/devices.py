"""All devices of the people below, by state, those not heard of for longest first."""

from __future__ import annotations

from typing import Annotated

from flask import render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.desk.guard import guarded
from server.desk.inputs import Inputs, Page, among
from server.desk.shapes import Noted, noted, reads
from server.desk.units import typed_unit, unit_field
from server.services.administration import device_list
from server.services.administration.device_list import DeviceState
from server.services.audit.acts import Act
from server.services.units.scope import MANAGERS, Scope
from server.serving.installation import device_idle_ms

bp = guarded("devices")


class DevicesAsked(Inputs):
    """Which devices the list shows."""

    state: Annotated[str, among({*DeviceState})] = DeviceState.USED
    unit: str
    page: Page


@bp.get("/devices")
@noted
@reads
def show(database: Session, scope: Scope) -> Noted | str | Response:
    """Show a page of the devices in one state."""
    asked = DevicesAsked.asked()
    state, unit = DeviceState(asked.state), asked.unit
    answer = typed_unit(database, scope, {"state": state}, MANAGERS, merged=False)
    if answer is not None:
        return answer
    found = device_list.page(database, scope, state, unit, device_idle_ms(), asked.page)
    shown = render_template(
        "desk/administration/devices.html",
        found=found,
        states=list(DeviceState),
        field=unit_field(database, scope, unit, MANAGERS, merged=False),
        link=lambda **other: url_for("devices.show", state=state, unit=unit or None, **other),
    )
    return Noted(shown, Act.PEOPLE_READ, ("unit", unit) if unit else None, {"page": found.page})
