"""A split as an administrator makes it at the desk: the look before, the form, who is where."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading
from server.models import Membership, Unit
from support.world.world import World

NEW = "12287; Xã Tân Lập"


def preview(one: Any, old: str = "12286", parts: str = NEW, on: str = "", **more: str) -> str:
    asked = {"old": old, "parts": parts, "on": on or today().isoformat(), **more}
    one.get(f"/desk/units/change?act=split&{urlencode(asked)}")
    return str(one.text)


def splitting(one: Any) -> Any:
    """The form that splits: the other one only asks for the preview."""
    return next(form for form in one.forms() if "seen" in form.values and "parts" in form.values)


def preset(one: Any, name: str = "to") -> list[str]:
    """What the selects of the form have chosen, also nothing."""
    return re.findall(
        rf'<select name="{name}"[^>]*>(?:<option[^>]*?>[^<]*</option>)*?<option value="([^"]*)" selected', one.html
    )


def held(world: World, code: str) -> set[str]:
    """User names of those with a role at the unit that has this code today."""
    names = {id_: name for name, id_ in world.officers.items()}
    with world.app.app_context(), reading() as session:
        unit = session.scalars(select(Unit).where(Unit.code == code).order_by(Unit.valid_from.desc())).first()
        assert unit is not None
        here = select(Membership.officer_id).where(Membership.unit_id == unit.id, Membership.ended_at.is_(None))
        return {names[id_] for id_ in session.scalars(here)}


def unit(world: World, code: str) -> Unit:
    with world.app.app_context(), reading() as session:
        row = session.scalars(select(Unit).where(Unit.code == code).order_by(Unit.valid_from.desc())).first()
        assert row is not None
        session.expunge(row)
        return row


def choose(world: World, **moves: str) -> dict[str, list[str]]:
    """The two lists of the form."""
    return {"officer": [world.officers[name] for name in moves], "to": list(moves.values())}
