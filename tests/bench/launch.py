"""Launch day: 3,000 honest records of a province, and how many of them each rule of the hints asks a person to look at.

The demo's generators make the records, without faults; what is alike on a launch day is added. Every commune and every
district plays the campaign's own script and holds a rally of the letter's name; most write on the first two days. Some
habits of honest people are there, too: heads counted exactly, photos that came by Zalo, a record made back at the
office, a phone whose clock is slow, two officers who share a commune. So whoever looks at a *cần xem* finds nothing.

`LOA_BENCH_MOST=600` makes fewer; `LOA_BENCH_PHOTOS=0` draws no photos: records name some that never come, which leaves
out the rules that compare pictures (`make bench ONLY=likeness` measures those on 30,000).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from flask import Flask
from sqlalchemy import func, select

from bench.lab import Lab
from bench.table import Line
from server.core.clock import local, now_ms, stopped_at
from server.core.db import reading, writing
from server.demo import given, letter, phones, words
from server.demo.activities import Activities
from server.demo.people import Cast, StoryPerson, gather, user_of
from server.demo.photo import Scene, Shot, shoot
from server.demo.records import Recorder
from server.demo.steps import DAY, MINUTE, Recorded
from server.models import Campaign, Hint, Record, Unit
from server.services.access import devices
from server.services.campaigns.lifecycle import open_campaign
from server.services.hints.rules import LOOK, RULES
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.units.scope import OFFICER
from server.serving.installation import installed
from support.installation.apps import app_on
from support.jobs import inline
from support.world.world import World, password_hash

RECORDS: Final = 3_000
WANTED: Final = 2.0
"""Most records in a hundred that ask for a look and have nothing to show."""
SHARES: Final = {"exact": 0.4, "forwarded": 0.06, "gallery": 0.1, "office": 0.01, "slow": 0.03, "two": 0.2}
SCRIPT, RALLY = words.SCRIPTS[0], words.EVENTS[0]
AWAY: Final = 60_000
"""Degrees / 1,000,000: more than six kilometres each way, from the spot to an office in town."""
DRAWERS: Final = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """How many records there are, how many each rule hits, and how many have something to be looked at."""

    records: int
    hits: dict[str, int]
    looks: int
    by_look: dict[str, int]


def run(lab: Lab) -> list[Line]:
    """Measure it on SQLite; a line for each rule."""
    most = int(os.environ.get("LOA_BENCH_MOST", RECORDS))
    engine = next(iter(lab.engines.values()))
    with app_on(_settings(engine.fresh(), lab.folder / "launch")) as app:
        found = measure(app, most, draws=os.environ.get("LOA_BENCH_PHOTOS") != "0")
    lines = [
        _line(f"{rule} ({grade})", 100 * found.hits.get(rule, 0) / found.records, "") for rule, grade in RULES.items()
    ]
    total = _line(
        f"a look that shows nothing, of {found.records:,}", 100 * found.looks / found.records, f"<= {WANTED:.0f}"
    )
    return [*lines, total]


def measure(app: Flask, most: int, *, draws: bool) -> Measured:
    """Make so many records and their hints. `draws`: with photos."""
    begun, now = time.monotonic(), _evening(now_ms())
    with app.app_context():
        with stopped_at(now - 3 * DAY), writing() as session:
            cast = gather(session, password_hash())
            _second_officers(session, cast)
            top = next(iter(cast.units.values()))
            today = local(now).date()
            made = replace(letter.campaign(today), starts_on=today, ends_on=today + letter.ENDS)
            campaign = open_campaign(session, top.id, replace(made, starts_on=local(now - DAY).date())).id
            files = given.give(session, installed(app).blobs, session.get_one(Campaign, campaign))
        steps = list(_steps(cast, now, most))
        scenes = list(dict.fromkeys(scene for step in steps for scene in step.scenes)) if draws else []
        with ProcessPoolExecutor(DRAWERS, multiprocessing.get_context("spawn")) as drawers:
            drawn = dict(zip(scenes, drawers.map(shoot, scenes, chunksize=20), strict=True))
        print(f"launch: {len(steps)} records, {len(scenes)} photos drawn", file=sys.stderr)
        for step in sorted(steps, key=lambda each: each.got):
            _hand_in(app, cast, campaign, files, step, [drawn.get(scene, _never(scene)) for scene in step.scenes])
    for kind in ("likeness.compare", "hints.refresh"):
        inline.done(World(app), kind)
    print(f"launch: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    with app.app_context(), reading() as session:
        every = session.scalar(select(func.count()).select_from(Record).where(Record.state == "waiting")) or 0
        hits = dict(session.execute(select(Hint.rule, func.count()).group_by(Hint.rule)).all())
        looks = session.scalar(select(func.count()).select_from(Record).where(Record.hint == LOOK)) or 0
        by_look = select(Hint.rule, func.count()).where(Hint.grade == LOOK).group_by(Hint.rule)
        return Measured(every, hits, looks, dict(session.execute(by_look).all()))


def _settings(database_url: str, folder: Any) -> Any:
    from server.settings import Settings  # noqa: PLC0415  # beside its one use

    return Settings.from_environment({"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(folder)})


def _evening(now: int) -> int:
    """Nine in the evening of today, or of yesterday where that is still to come."""
    evening = local(now).replace(hour=21, minute=0, second=0, microsecond=0)
    return int(evening.timestamp() * 1000) - (DAY if evening.timestamp() * 1000 > now else 0)


def _second_officers(session: Any, cast: Cast) -> None:
    """Give some communes a second officer, who does not see what the first one has on the phone."""
    for unit in cast.communes()[:: round(1 / SHARES["two"])]:
        officer = add_officer(session, NewOfficer(_second(unit), f"Cán bộ 2 {unit.name}", None))
        give_role(session, officer.id, unit.id, OFFICER)
        device = devices.add_device(session, officer.id, "Điện thoại").device.id
        cast.people[_second(unit)] = StoryPerson(officer.id, unit.id, device)


def _second(unit: Unit) -> str:
    return f"{user_of(unit)}.hai"


def _steps(cast: Cast, now: int, most: int) -> Iterator[Recorded]:
    """Yield so many records, dealt out to all units in turn."""
    units = [*cast.communes(), *(unit for unit in cast.units.values() if unit.level == "district")]
    above = {unit.id: unit for unit in cast.units.values()}
    makers = [_of_unit(unit, above[str(unit.parent_id)], now, cast) for unit in units]
    made = 0
    while makers and made < most:
        for maker in list(makers):
            step = next(maker, None)
            if step is None:
                makers.remove(maker)
            elif made < most:
                made += 1
                yield step


def _of_unit(unit: Unit, above: Unit, now: int, cast: Cast) -> Iterator[Recorded]:
    """Yield what a unit did: first what all do on this day, then banners and other kinds as the demo deals them."""
    recorder = Recorder(unit, above if unit.level == "commune" else unit, now)
    if unit.level == "district":
        unit.hamlets = unit.hamlets or ["Trung tâm"]
    rng, activities = recorder.rng, Activities(recorder)
    yield _honest(_launch_broadcast(recorder, now), rng, unit, cast)
    yield _honest(_launch_rally(activities), rng, unit, cast)
    for number in range(200):
        luck = rng.random()
        if luck < 0.55 and unit.level == "commune":
            step = recorder.banner(str(number), _days(rng))
        elif luck < 0.65:
            step = recorder.broadcast(str(number), 0)
            begins = local(now - DAY).date().isoformat()
            values = {name: value for name, value in step.values.items() if not name.startswith("aired/")}
            schedule = {**values["schedule"], "from": max(values["schedule"]["from"], begins)}
            script = f"{values['script']} ({number})"  # a station plays another item in another broadcast
            step = replace(step, values={**values, "schedule": schedule, "script": script, "script_file": None})
        else:
            make: Any = rng.choice(sorted(activities.each().items()))[1]
            step = make(str(number), _days(rng))
        yield _honest(step, rng, unit, cast)


def _days(rng: Random) -> int:
    return rng.choice((0, 0, 0, 1))


def _launch_broadcast(recorder: Recorder, now: int) -> Recorded:
    """The campaign's own script at this unit's station, from launch day on."""
    step, day = recorder.broadcast("launch", 0), local(now).date().isoformat()
    values = {name: value for name, value in step.values.items() if not name.startswith("aired/")}
    own = {"script": SCRIPT, "script_file": SCRIPT, "programme": "own", "schedule": {**values["schedule"], "from": day}}
    return replace(step, values={**values, **own})


def _launch_rally(activities: Activities) -> Recorded:
    """The rally that the letter asks every unit for, under its name."""
    step = activities.event("launch", 0)
    return replace(step, values={**step.values, "form": RALLY[0], "name": RALLY[1], "role": "host"})


def _honest(step: Recorded, rng: Random, unit: Unit, cast: Cast) -> Recorded:
    """Return the record as one of those people would have made it."""
    values = dict(step.values)
    for name in ("attendances", "distributed", "reach", "received"):
        if name in values and rng.random() < SHARES["exact"]:
            values[name] = max(1, round(values[name] * rng.uniform(0.8, 1.25)))
    if "distributed" in values:
        values["received"] = max(values["received"], values["distributed"])
    if "place" in values and rng.random() < SHARES["office"]:
        place = values["place"]
        values["place"] = {**place, "lat_e6": place["lat_e6"] + AWAY, "lon_e6": place["lon_e6"] - AWAY}
    at = step.at - (90 * MINUTE if rng.random() < SHARES["slow"] else 0)
    who = _second(unit) if _second(unit) in cast.people and rng.random() < 0.5 else step.who
    return replace(step, values={name: value for name, value in values.items() if value is not None}, at=at, who=who)


def _hand_in(app: Flask, cast: Cast, campaign: str, files: dict[str, str], step: Recorded, shots: list[Shot]) -> None:
    titles = {name: files[step.values[name]] for name in ("script_file", "design") if name in step.values}
    step = replace(step, values=step.values | titles)
    write = phones.create(step, cast.units[step.unit].id, campaign, shots)
    luck = Random(hashlib.sha256(step.key.encode()).hexdigest()).random()  # a story, not a secret
    source = "forwarded" if luck < SHARES["forwarded"] else "gallery" if luck > 1 - SHARES["gallery"] else "camera"
    photos = {name: value for name, value in write.set.items() if isinstance(value, dict) and "sha256" in value}
    registers: dict[str, Any] = {name: {**value, "source": source} for name, value in photos.items()}
    write = replace(write, set={**write.set, **registers})
    came = [shot for shot in shots if len(shot.photo) > len(_NEVER)]
    phones.hand_in(app, cast.people[step.who], write, came, step.got)


_NEVER: Final = bytes(32)


def _never(scene: Scene) -> Shot:
    """A photo that nobody draws: a hash of its own, and bytes that do not come."""
    key = hashlib.sha256(repr(scene).encode()).digest()
    return Shot(key, key[::-1])


def _line(what: str, share: float, target: str) -> Line:
    return Line("launch", what, "% of records", {"sqlite": share}, target)
