"""The officer's own new phones: every page of the desk announces them, and here the officer confirms them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.desk.access.entry import EntryForm, back_to
from server.desk.guard import guarded
from server.desk.shapes import Done, changes
from server.desk.words import t
from server.services.organisation import new_devices
from server.services.units.scope import Scope

bp = guarded("own_devices")


@bp.post("/own-devices/<id:device>/confirm")
@changes
def confirm(session: Session, scope: Scope, device: str) -> Done:
    """Confirm that the device is the officer's own: the notice ends, and the code's maker may review its writes."""
    new_devices.confirm_device(session, scope.officer_id, device)
    return Done(back_to(EntryForm.sent().next), t("done.confirmed_device"))
