"""The shipped app in somebody's hands, as stories of a server say it (shipped.py has what is under it).

one = hub.phone("xa1")
record = one.create(quantity=1)
one.sync(("blocks", 0))        # stored, and the line breaks behind the head (wire.py)
one.values(record, "quantity")
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Self

from server.core.db import reading
from server.core.keyring import Purpose
from server.core.secrets_at_rest import rescue_key_text
from server.services.access import devices
from support.clients.shipped import ActFailedError, Line, PhoneHost, ShippedPhone
from support.clients.wire import Trouble, Wire
from support.clients.write_only import Json
from support.world.world import World
from sync.record import distinct


def enrolled(world: World, token: str) -> Json:
    """What the app keeps of its enrolment."""
    with world.app.app_context(), reading() as session:
        device = devices.device_of(session, token)
        assert device is not None
        key = rescue_key_text(device.id, world.keyring.current(Purpose.RESCUE))
        return {"officer": device.officer_id, "token": token, "device": device.id, "rescue_key": key}


def sides_of(row: Json) -> dict[str, list[Any]]:
    """What a phone shows of a record, as the server has it: without what is only null (S-3)."""
    return {name: distinct(sides) for name, sides in row["shown"].items() if sides and sides != [None]}


class InHand(ShippedPhone):
    """One installation of one officer, who works for a unit in a campaign; both may be set."""

    made: ClassVar = itertools.count(1)

    def __init__(self, host: PhoneHost, line: Line, enrolled: Mapping[str, Any], unit: str, campaign: str) -> None:
        number = next(self.made)
        super().__init__(host, f"in hand {number}", line, f"{number:06}")
        self.line, self.unit, self.campaign = line, unit, campaign
        self.act("join", **enrolled)
        self.sync()  # a form needs the catalogue

    def create(self, kind: str = "banner", files: list[Json] | None = None, **fields: Any) -> str:
        """Record something; its id."""
        place: Json = {"kind": kind, "unit": self.unit, "campaign": self.campaign}
        made = self.act("create", **place, set=fields, files=files or [])
        assert made is not None, "no form of this kind"
        return str(made)

    def edit(self, record: str, **fields: Any) -> str:
        """Change a record in its form; the write's id."""
        draft: str = self.act("open", record=record)
        self.act("save", draft=draft, set=fields, files=[])
        return draft

    def sync(self, *troubles: Trouble) -> Self:
        """Send and receive; where there are troubles it may fail."""
        if not troubles:
            self.act("exchange")
            return self
        self.wire.troubles = list(troubles)
        with suppress(ActFailedError):
            self.act("exchange")
        self.wire.troubles = []
        return self

    @property
    def wire(self) -> Wire:
        """Its line, where troubles may come."""
        assert isinstance(self.line, Wire)
        return self.line

    def tamper(self, store: str, key: Any = None, row: Any = None) -> None:
        """What no person does: put a row (of `meta` under its name), drop one, or without either all of them."""
        self.act("tamper", store=store, key=key, row=row)

    # --- what it shows ---------------------------------------------------------------

    @property
    def waiting(self) -> list[str]:
        """Ids of own writes that still go."""
        return [row["id"] for row in self.writes if row["state"] == "pending"]

    @property
    def refused(self) -> dict[str, str]:
        return {row["id"]: row["code"] for row in self.writes if row["state"] == "refused"}

    @property
    def restored(self) -> int | None:
        """The restore that it was told of."""
        found: int | None = self.look()["restored"]
        return found

    def values(self, record: str, field: str) -> list[Any]:
        """What its screen shows in this field; several in a conflict."""
        found: list[Any] = self.records[record]["shown"][field]
        return found

    @property
    def alive(self) -> dict[str, dict[str, list[str]]]:
        """The surviving writes that it pulled, by record and field."""
        return {
            id_: {name: sorted(ids) for name, ids in row["alive"].items() if ids} for id_, row in self.records.items()
        }


MakeShipped = Callable[..., InHand]
"""`shipped("xa1")`: the app itself on a new phone of that officer."""
