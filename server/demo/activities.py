"""The demo's other kinds of record: panels, leaflets, rounds, events, articles, and standing broadcasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from server.core.clock import local
from server.demo import places, words
from server.demo.given import SCRIPTS
from server.demo.photo import Scene
from server.demo.records import Recorder
from server.demo.steps import DAY, HOUR, MINUTE, Changed, Recorded

STANDING_DAYS = 12


class Activities:
    """Makes an officer's records of the other kinds."""

    def __init__(self, recorder: Recorder) -> None:
        self._by, self._rng, self._unit = recorder, recorder.rng, recorder.unit

    def each(self) -> dict[str, Callable[[str], Recorded]]:
        """Return the makers by kind; each makes one record."""
        return {
            "panel": self.panel,
            "leaflet": self.leaflet,
            "mobile": self.mobile,
            "event": self.event,
            "media": self.media,
        }

    def panel(self, name: str, days_ago: int | None = None) -> Recorded:
        """Return a record of one panel, or of some posters with one slogan."""
        form, slogan = self._rng.choice(("panel", "poster", "poster")), self._rng.randrange(len(self._by.slogans))
        values = {
            "form": form,
            "slogan": f"s{slogan + 1}",
            "quantity": 1 if form == "panel" else self._rng.choice((4, 6, 10, 20)),
            "hotline": self._rng.random() < 0.8,
            "hotline_by": "person",
        }
        return self._record("panel", name, days_ago, "put_up_on", values, self._by.slogans[slogan])

    def leaflet(self, name: str, days_ago: int | None = None) -> Recorded:
        """Return a record of leaflets handed out, of those received."""
        form, document = self._rng.choice(words.DOCUMENTS)
        received = self._rng.choice((200, 300, 500, 800))
        values = {
            "form": form,
            "document": document,
            "received": received,
            "distributed": received - self._rng.choice((0, 0, 20, 50)),
            "hotline": True,
            "hotline_by": "person",
        }
        return self._record("leaflet", name, days_ago, "distributed_on", values)

    def mobile(self, name: str, days_ago: int | None = None) -> Recorded:
        """Return a record of a loudspeaker on wheels."""
        first, last = self._rng.choice(self._unit.hamlets), self._rng.choice(self._unit.hamlets)
        values = {
            "route": f"Ủy ban nhân dân – {first} – {last} – chợ",
            "rounds": self._rng.choice((1, 1, 2, 3)),
            "attendances": self._rng.choice((40, 60, 80, 120)),
            "vehicle": self._rng.choice(("car", "motorbike", "motorbike", "handheld")),
            "hotline": self._rng.random() < 0.9,
            "hotline_by": "person",
        }
        return self._record(
            "mobile", name, days_ago, "held_on", values, self._by.slogans[self._rng.randrange(len(self._by.slogans))]
        )

    def event(self, name: str, days_ago: int | None = None) -> Recorded:
        """Return an event, mostly the unit's own, sometimes one it took part in."""
        form, title = self._rng.choice(words.EVENTS)
        helpers = self._rng.sample(("police", "women", "youth", "front", "school"), self._rng.randrange(1, 4))
        values: dict[str, Any] = {
            "form": form,
            "name": title,
            "role": "co_organiser" if self._rng.random() < 0.15 else "host",
            "co_organisers": dict.fromkeys(sorted(helpers), True),
            "attendances": self._rng.choice((45, 60, 80, 120, 200)),
            "venue": self._rng.choice(words.VENUES),
            "hotline": self._rng.random() < 0.8,
            "hotline_by": "person",
        }
        if self._rng.random() < 0.4:
            values["commitments"] = values["attendances"] // 2
        return self._record("event", name, days_ago, "held_on", values, title)

    def media(self, name: str, days_ago: int | None = None) -> Recorded:
        """Return an article, a post, or the unit's own letter."""
        form, headline, outlet = self._rng.choice(words.MEDIA)
        values: dict[str, Any] = {"form": form, "headline": headline, "hotline": form != "directive"}
        values["hotline_by"] = "person"
        values["outlet"] = outlet or words.committee(self._unit.name)
        if form == "directive":
            values["number"] = f"{self._rng.randrange(20, 90)}/UBND-VHXH"
        else:
            values["reach"] = self._rng.choice((150, 320, 480, 900))
        return self._record("media", name, days_ago, "published_on", values)

    def standing(self, name: str, until: timedelta) -> Iterator[Recorded | Changed]:
        """Yield a standing schedule and a confirmation each evening: one day without power, one not yet confirmed."""
        first = self._by.broadcast(name, STANDING_DAYS)
        start = local(first.at).date()
        times = self._rng.choice((1, 2))
        script = self._rng.choice(sorted(SCRIPTS))
        schedule = {
            "from": start.isoformat(),
            "to": (local(self._by.now).date() + until).isoformat(),
            "times_a_day": times,
        }
        own = {"script": script, "script_file": script, "programme": "own", "schedule": schedule}
        kept = {name: value for name, value in first.values.items() if not name.startswith("aired/")}
        yield Recorded(first.got, first.at, first.who, first.key, "broadcast", first.unit, {**kept, **own})
        dark, missed = self._rng.sample(range(2, STANDING_DAYS - 1), 2)
        for number in range(STANDING_DAYS):
            evening = local(first.at + number * DAY).replace(hour=18, minute=self._rng.randrange(60))
            at = int(evening.timestamp() * 1000) + HOUR
            if number != missed and first.got < at < self._by.now - HOUR:
                day = f"aired/{start + timedelta(days=number):%Y%m%d}"
                yield Changed(at + MINUTE, at, first.who, first.key, {day: 0 if number == dark else times})

    def _record(
        self, kind: str, name: str, days_ago: int | None, day: str, values: dict[str, Any], on_photo: str = ""
    ) -> Recorded:
        at, got = self._by.times(days_ago)
        values = {**values, day: local(at).date().isoformat()}
        if kind != "media":
            values["hamlet"] = self._rng.choice(self._unit.hamlets)
        key = f"{self._unit.code}/{kind}/{name}"
        scenes: tuple[Scene, ...] = ()
        if on_photo:
            values["place"] = places.fix(self._rng, self._unit.code, self._by.district.code, at)
            scenes = (Scene(key, on_photo, words.committee(self._unit.name)),)
        return Recorded(got, at, self._by.who, key, kind, self._unit.code, values, scenes)
