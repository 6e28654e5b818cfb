"""People with the right to cases, and cases as a browser makes them."""

from __future__ import annotations

import re
from typing import Any

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import CaseRight, Officer, Unit
from server.services.cases import log_verifying, rights
from support.world.confidential import appoint, proven
from support.world.world import World

NEW = {
    "category": "victim", "received": "2021-07-28", "sex": "female", "age": "adult", "source": "border",
    "basis": "law", "consent": "not_needed",
}  # fmt: skip
HOLDERS = {"mat_tinh": "33", "mat_xa": "12286", "mat_nhanla": "12289"}


def entitle(world: World) -> None:
    """Appoint the confidential officers and give some of them the right; the first one as the command does."""
    appoint(world)
    with world.app.app_context(), writing() as session:
        for username, code in HOLDERS.items():
            officer, unit = world.officers[username], world.units[code]
            if username == "mat_tinh":
                rights.first(session, world.keyring, session.get_one(Officer, officer), session.get_one(Unit, unit))
                continue
            row = CaseRight(id=username.ljust(16, "0"), officer_id=officer, unit_id=unit, proposed_at=now_ms())
            row.proposed_by, row.given_by, row.given_at = (
                world.officers["quantri"],
                world.officers["mat_tinh"],
                now_ms(),
            )
            session.add(row)


def entered(world: World, one: Any, username: str) -> Any:
    """Sign a desk in with its second factor, and enter."""
    proven(world, one, username)
    one.get("/desk/cases/door")
    one.post(one.form("/desk/cases/enter"))
    assert one.status == 303, one.text
    one.get("/desk/cases")
    assert one.status == 200, one.text
    return one


def made(one: Any, **said: str) -> tuple[str, str]:
    """Make a case. Returns its internal id and its code, as it is written."""
    one.get("/desk/cases/new")
    one.post(one.form("/desk/cases/new"), **NEW | said)
    assert one.status == 303, one.text
    id_ = one.location.rpartition("/")[2]
    one.follow()
    found = re.search(r"<strong>([2-9A-Z]{5}-[2-9A-Z]{5})</strong>", one.html)
    assert found is not None
    return id_, found[1]


def act(one: Any, case: str, name: str, **said: Any) -> Any:
    """Send the first form of this act on the case's page."""
    one.get(f"/desk/cases/{case}")
    forms = [form for form in one.forms() if form.action.endswith(f"/{case}/{name}")]
    return one.post(forms[0], **said)


def line(one: Any, case: str, id_: str, state: str, day: str) -> None:
    """Move a benefit on."""
    one.get(f"/desk/cases/{case}")
    form = next(form for form in one.forms() if form.values.get("line") == [id_])
    one.post(form, state=state, day=day)
    assert one.status == 303, one.text


def figures(one: Any, world: World, unit: str, half: str = "") -> str:
    """The page of figures. `half`: last day of the half-year whose public version it shows."""
    one.get(f"/desk/cases/figures?unit={world.units[unit]}&campaign={world.campaign}&half={half}")
    assert one.status == 200, one.text
    return str(one.text)


def verified(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        return log_verifying.verify(session)
