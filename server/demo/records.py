"""One unit's records in the demo: banners with photos, broadcasts with their days; random by the unit's seed.

Values name files of the campaign by title, because their ids are known only when the steps are played.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from server.core.clock import local
from server.demo import places, words
from server.demo.given import DESIGNS, SCRIPTS
from server.demo.letter import SLOGANS
from server.demo.people import user_of
from server.demo.photo import Scene
from server.demo.steps import MINUTE, Recorded, moment
from server.models import Unit

AGES = (0, 0, 1, 1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 14, 16, 18)
"""Days since records were made; recent ones are more frequent."""
HOURS = ("5:30", "17:00", "19:30")
"""Times of day at which a station is on air."""
LAGS = (2, 3, 5, 8, 20, 45, 180, 26 * 60)
"""Minutes until the server received them: mostly few, sometimes a day without a signal."""


class Recorder:
    """Makes the records of a unit's officer with a phone."""

    def __init__(self, unit: Unit, district: Unit, now: int, slogans: Sequence[str] = SLOGANS) -> None:
        self.unit, self.now, self.slogans = unit, now, slogans
        self.rng = Random(unit.code)  # noqa: S311  # a story, not a secret
        self.who = user_of(unit)
        self.district = district

    def banner(self, name: str, days_ago: int | None = None, flaw: str = "") -> Recorded:
        """Return one banner with its photo."""
        at, got = self.times(days_ago)
        slogan = self.rng.randrange(len(self.slogans))
        values: dict[str, Any] = {
            "slogan": f"s{slogan + 1}",
            "quantity": self.rng.choice((1, 1, 1, 1, 1, 2)),
            "put_up_on": local(at).date().isoformat(),
            "hamlet": self.rng.choice(self.unit.hamlets),
            "hotline": self.rng.random() < 0.9,
            "hotline_by": "person",
        }
        values["length_cm"] = values["quantity"] * self.rng.choice((450, 500, 650, 800))
        if (
            design := next((title for title, text in DESIGNS.items() if text == self.slogans[slogan]), None)
        ) is not None:
            values["design"] = design
        if self.rng.random() < 0.85:  # some phones find no satellites in time
            values["place"] = places.fix(self.rng, self.unit.code, self.district.code, at)
        if self.rng.random() < 0.3:
            values["note"] = self.rng.choice(words.NOTES)
        key = f"{self.unit.code}/banner/{name}"
        signed = words.committee(self.unit.name) + (" · Tổng đài 111" if values["hotline"] else "")
        scene = Scene(key, self.slogans[slogan], signed, flaw)
        return Recorded(got, at, self.who, key, "banner", self.unit.code, values, (scene,))

    def broadcast(self, name: str, days_ago: int | None = None) -> Recorded:
        """Return a broadcast of some days, up to the day of the record, each confirmed; one in nine lost an airing."""
        at, got = self.times(days_ago)
        last = local(at).date()
        script = self.rng.choice(words.SCRIPTS)
        values: dict[str, Any] = {
            "script": script,
            "schedule": {
                "from": (last - timedelta(days=self.rng.randrange(0, 7))).isoformat(),
                "to": last.isoformat(),
                "times_a_day": self.rng.choice((1, 2, 2, 2, 3)),
            },
            "minutes": self.rng.choice((5, 7, 10, 10, 15)),
            "station": self.unit.stations[0],
            "programme": "relay" if self.rng.random() < 0.2 else "own",
            "hotline": self.rng.random() < 0.8,
            "hotline_by": "person",
            "standing": True,
        }
        values["hours"] = ", ".join(HOURS[: values["schedule"]["times_a_day"]])
        first, times = date.fromisoformat(values["schedule"]["from"]), values["schedule"]["times_a_day"]
        for nth in range((last - first).days + 1):
            day = first + timedelta(days=nth)
            values[f"aired/{day:%Y%m%d}"] = times - (day.toordinal() % 9 == 0)
        if script in SCRIPTS and values["programme"] == "own":
            values["script_file"] = script
        return Recorded(got, at, self.who, f"{self.unit.code}/broadcast/{name}", "broadcast", self.unit.code, values)

    def times(self, days_ago: int | None) -> tuple[int, int]:
        """Return when it was recorded, and when the server received it, in ms."""
        ago = self.rng.choice(AGES) if days_ago is None else days_ago
        at = moment(self.now, ago, self.rng.randrange(7, 18), self.rng.randrange(60))
        lag = self.rng.choice(LAGS) * MINUTE
        return at, min(at + lag, self.now - 2 * MINUTE)
