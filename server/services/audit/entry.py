"""An act that is to become a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from server.core.clock import local, now_ms
from server.core.unit_of_work import Actor, acting
from server.services.audit.acts import About, Act, Values, checked, unit_of, written
from server.services.audit.chain import Line


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says, before it has a place in the chain."""

    act: Act
    about: About
    unit: str
    old: str
    new: str
    times: int
    at: int
    by: Actor

    @classmethod
    def of(
        cls,
        act: Act,
        about: About | None = None,
        *,
        old: Values | None = None,
        new: Values | None = None,
        times: int = 1,
        at: int | None = None,
        by: Actor | None = None,
    ) -> Self:
        """Return the entry of this moment and of who acts now, unless others are given. Raises NotNameable."""
        named = checked(about)
        unit = unit_of(named, new, old)
        who = by or acting()
        return cls(act, named, unit, written(old), written(new), times, now_ms() if at is None else at, who)

    def line(self, number: int, day: str, prev: str) -> Line:
        """Return the line at this place. `day`: of the line before it."""
        return Line(
            number=number,
            at=self.at,
            day=max(day, local(self.at).date().isoformat()),
            actor_kind=str(self.by.kind),
            actor_id=self.by.id,
            address=self.by.address,
            act=str(self.act),
            about_kind=self.about[0],
            about_id=self.about[1],
            unit_id=self.unit,
            old=self.old,
            new=self.new,
            times=self.times,
            key_id="",
            prev=prev,
        )
