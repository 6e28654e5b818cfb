"""What is known of the phones of each unit: last contact, version, the work that they say is on them alone (X-45)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from server.models import Device, Membership, Officer
from server.services.figures.table import Answer, answer
from server.services.units.scope import COORDINATOR, OFFICER, REVIEWER


@dataclass(frozen=True, slots=True)
class UnitPhones:
    """The phones of the people of one unit. What they hold is of all campaigns: a phone tells one sum (X-45).

    `old`: replaced phones that still hold work, counted in the amounts too. `count`: phones in use; `app`: the oldest
    version among them, `seen_at`: the last contact of any. `untold`: phones in use with an app too old to say what it
    holds.
    """

    count: int = 0
    seen_at: int | None = None
    app: int | None = None
    untold: int = 0
    writes: int = 0
    photos: int = 0
    bytes: int = 0
    old: int = 0

    @property
    def holds(self) -> bool:
        """Something is on a phone alone."""
        return self.writes > 0 or self.photos > 0

    @property
    def told(self) -> int:
        """Phones in use that have said what they hold."""
        return self.count - self.untold

    @property
    def answer(self) -> Answer:
        """An amount, nothing (all of them said so), or not known."""
        return answer(reported=self.holds, nil=self.told, units=self.count, empty=not self.holds)


NO_PHONES = UnitPhones()


def of_units(session: Session, streams: Any) -> dict[str, UnitPhones]:
    """Return them by unit, in one statement. `streams`: a subquery of (top, child, living, id) with each unit alone."""
    in_use = Device.replaced_at.is_(None)
    held = and_(Device.held_at.is_not(None), Device.held_writes + Device.held_photos > 0)
    each = (
        select(
            *(streams.c.living.label("unit"), Device.id, Device.seen_at, Device.app),
            case((in_use, 1), else_=0).label("in_use"),
            case((and_(in_use, Device.held_at.is_(None)), 1), else_=0).label("untold"),
            case((and_(~in_use, held), 1), else_=0).label("old"),
            *(func.coalesce(column, 0).label(column.key) for column in (Device.held_writes, Device.held_photos)),
            func.coalesce(Device.held_bytes, 0).label("held_bytes"),
        )
        .join(Membership, Membership.officer_id == Device.officer_id)
        .join(Officer, Officer.id == Device.officer_id)
        .join(streams, streams.c.top == Membership.unit_id)
        .where(Membership.ended_at.is_(None), Membership.role.in_((OFFICER, REVIEWER, COORDINATOR)))
        .where(Device.revoked_at.is_(None), ~Device.script, Officer.disabled_at.is_(None))
        .distinct()  # a person may have two roles at one unit
        .subquery()
    )
    used = each.c.in_use == 1
    rows = session.execute(
        select(
            each.c.unit,
            func.sum(each.c.in_use),
            func.max(case((used, each.c.seen_at))),
            func.min(case((used, each.c.app))),
            func.sum(each.c.untold),
            *(func.sum(each.c[name]) for name in ("held_writes", "held_photos", "held_bytes", "old")),
        ).group_by(each.c.unit)
    )
    found = {}
    for unit, count, seen_at, app, untold, writes, photos, size, old in rows:
        counts = (int(number) for number in (untold, writes, photos, size, old))
        found[unit] = UnitPhones(int(count), seen_at, app, *counts)
    return found
