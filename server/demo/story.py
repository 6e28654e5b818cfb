"""What happens to each record in the demo: districts review it the next morning, officers correct what was returned.

Most communes are quiet and the last days are not yet reviewed, as is usual a week before a deadline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from server.core.clock import local
from server.demo import words
from server.demo.activities import Activities
from server.demo.letter import ENDS, SLOGANS
from server.demo.people import user_of
from server.demo.records import Recorder
from server.demo.steps import DAY, HOUR, MINUTE, Changed, Decided, Recorded, Step
from server.models import Unit
from sync.protocol import NIL_PREFIX

COUNTED = ("attendances", "distributed")
TOO_MANY = 10
"""Factor of a typing error: one zero too many."""


class Teller:
    """Yields what one unit did, and what the reviewer of the unit `above` decided."""

    def __init__(self, unit: Unit, above: Unit, now: int, slogans: Sequence[str] = SLOGANS) -> None:
        self.recorder = Recorder(unit, above, now, slogans)
        self._reviewer = user_of(above)
        self._rng, self._now, self._who, self._unit = self.recorder.rng, now, self.recorder.who, unit

    def ordinary(self, banners: int, broadcasts: int) -> Iterator[Step]:
        """Yield this many records, each with what happened to it."""
        for number in range(banners):
            yield from self._seen_through(self.recorder.banner(str(number)), words.BANNER_FAULTS)
        for number in range(broadcasts):
            yield from self._seen_through(self.recorder.broadcast(str(number)), words.BROADCAST_FAULTS)

    def others(self, kinds: int) -> Iterator[Step]:
        """Yield one record of each of this many other kinds, with what happened to it."""
        activities = Activities(self.recorder)
        for kind, record in self._rng.sample(sorted(activities.each().items()), kinds):
            yield from self._seen_through(record("0"), words.OTHER_FAULTS[kind])

    def said(self, luck: float) -> Iterator[Step]:
        """Yield a standing broadcast for every third commune; for some, a report that there is nothing."""
        if luck < 0.35:
            yield from Activities(self.recorder).standing("standing", ENDS)
        if 0.3 < luck < 0.5:
            at, got = self.recorder.times(1)
            values = {f"{NIL_PREFIX}{code}": True for code in ("contests", "models", "rallies")}
            key = f"{self._unit.code}/plan"
            yield Recorded(got, at, self._who, key, "plan", self._unit.code, values, submitted=False)

    def decided(self, after: Recorded | Changed, verdict: str, reason: str = "", field: str = "") -> Decided | None:
        """Return the reviewer's decision the next morning; None if that morning is still to come."""
        tomorrow = local(after.got) + timedelta(days=1)
        morning = tomorrow.replace(hour=self._rng.randrange(8, 11), minute=self._rng.randrange(60))
        got = int(morning.timestamp() * 1000)
        return Decided(got, self._reviewer, after.key, verdict, reason, field) if got < self._now - 5 * MINUTE else None

    def corrected(self, fault: words.Fault, record: Recorded, after: Decided) -> Changed:
        """Return the officer's correction of a returned record."""
        at = after.got + self._rng.randrange(20, 300) * MINUTE
        rng, values, unit = self._rng, record.values, self._unit
        answers: dict[str, Any] = {
            "quantity": 1,
            "hamlet": rng.choice(unit.hamlets) if unit.hamlets else "",
            "schedule": {**values.get("schedule", {}), "times_a_day": 1},
            **{name: values[name] // TOO_MANY for name in COUNTED if name in values},
        }
        # Once a day, as the schedule then says: the days that were confirmed go with it.
        more = {name: min(times, 1) for name, times in values.items() if name.startswith("aired/")}
        scenes = tuple(replace(scene, seed=f"{scene.seed} again", flaw="") for scene in record.scenes)
        if fault.field == "photo":
            return Changed(at + MINUTE, at, self._who, record.key, scenes=scenes)
        also = more if fault.field == "schedule" else {}
        return Changed(at + MINUTE, at, self._who, record.key, {fault.field: answers[fault.field], **also})

    def _seen_through(self, record: Recorded, faults: tuple[words.Fault, ...]) -> Iterator[Step]:
        luck = self._rng.random()
        fault = self._rng.choice(faults) if luck < 0.15 else None
        if fault is not None:
            record = spoiled(record, fault)
        yield record
        backlog = self._now - record.got < 4 * DAY and self._rng.random() < 0.6
        first = None if backlog else self._first(record, fault)
        if first is None:
            return
        yield first
        if fault is None:
            if luck > 0.96:  # edited after it was counted
                at = first.got + self._rng.randrange(2, 9) * HOUR
                if at < self._now - HOUR:
                    yield Changed(at + MINUTE, at, self._who, record.key, {"note": self._rng.choice(words.NOTES)})
        elif fault.verdict == "returned" and self._rng.random() < 0.6:
            change = self.corrected(fault, record, first)
            if change.got < self._now - HOUR:
                yield change
                second = self.decided(change, "counted")
                if second is not None and self._rng.random() < 0.6:
                    yield second

    def _first(self, record: Recorded, fault: words.Fault | None) -> Decided | None:
        if fault is None:
            return self.decided(record, "counted")
        return self.decided(record, fault.verdict, fault.reason, fault.field)


def spoiled(record: Recorded, fault: words.Fault) -> Recorded:
    """Return the record with the fault that the reviewer will find."""
    values = dict(record.values)
    if fault.field == "hamlet":
        values.pop("hamlet", None)
    if fault.field == "quantity":
        values["quantity"] = 4
    if fault.field in COUNTED:
        values[fault.field] *= TOO_MANY
    scenes = tuple(replace(scene, flaw=fault.flaw) for scene in record.scenes)
    return replace(record, values=values, scenes=scenes)
