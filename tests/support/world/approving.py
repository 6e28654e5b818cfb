"""Many records approved in one act: records without a warning, the forms, the records' states."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import select

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.models import Record
from server.services.review import messages
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.phone import Phone
from support.world.world import World

_HAMLETS = count(1)


def leaflet(phone: Phone, **values: Any) -> str:
    """A record without a warning: it needs no photo, has all it needs, and is of a hamlet of its own."""
    whole = {"form": "leaflet", "document": "Tờ rơi", "distributed": 10, "distributed_on": "2021-07-05"}
    return phone.create("leaflet", **whole | {"hamlet": f"Thôn {next(_HAMLETS)}"} | values)


def bulk(desk: Any, which: str, unit: str = "") -> Any:
    """The form of this act, of the whole list or of a unit's group."""
    for form in desk.forms():
        if form.action.endswith("/approve") and form.values["which"] == [which]:
            is_group = "only=1" in form.values["from"][0]
            if is_group == bool(unit) and unit in form.values["from"][0]:
                return form
    raise AssertionError(desk.text)


def states(world: World) -> dict[str, str]:
    with world.app.app_context(), reading() as session:
        return {id_: state for id_, state in session.execute(select(Record.id, Record.state))}  # noqa: C416


def judged(world: World, record: str, verdict: str, by: str = "huyen") -> None:
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        decide(session, Scope(session, world.officers[by]), record, Verdict(verdict, "Bổ sung ảnh."), basis)


def talk(world: World, who: str, *records: str, text: str = "Có cần chụp thêm ảnh không?") -> None:
    """This person says something about each of them."""
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers[who])
        for record in records:
            messages.give(session, scope, None, record, messages.NewMessage(new_id(), text, now_ms()))
