"""Makes the demo: plays its steps in the order the server received them; other processes draw the photos."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local, now_ms, stopped_at
from server.core.db import writing
from server.core.passwords import hash_password
from server.core.shell_words import t
from server.demo import confidential, first_commune, given, letter, signed, written
from server.demo.people import BUSY_2025, FIRST_COMMUNE, PASSWORD, Cast, gather, gather_2025, user_of
from server.demo.photo import shoot
from server.demo.steps import DAY, Decided, Step
from server.demo.story import Teller
from server.demo.telling import Telling
from server.models import Campaign, DecisionRow, Record
from server.services.campaigns.lifecycle import open_campaign
from server.services.hints import refreshing
from server.services.installation import sample
from server.services.installation.sample import SampleTree
from server.services.jobs import enqueuing, running
from server.services.letters import publishing
from server.services.letters.facts import LetterFacts
from server.services.likeness import asking
from server.services.records import readiness
from server.serving.installation import installed

DRAWERS = 2
TOLD_EVERY = 100
Say = Callable[[str], None]


def make_demo(app: Flask, say: Say, communes: int) -> None:
    """Fill an empty database in which `communes` communes are active.

    The caller must be in the application's context and must check that it is empty.
    """
    now = now_ms()
    password_hash = hash_password(PASSWORD)
    begun = now + int(letter.BEGAN.total_seconds()) * 1000 - DAY
    with stopped_at(begun), writing() as session:
        say(t("Making the demo: units and accounts."))
        cast = gather(session, password_hash)
        campaigns = _open(session, cast, now)
        files = given.give(session, installed(app).blobs, session.get_one(Campaign, campaigns[0]))
        later = gather_2025(session, password_hash)
        campaign_2025 = _open_2025(session, later, now)
        trees = _tree(cast, 2021, campaigns[0]), _tree(later, 2025, campaign_2025)
        sample.mark(session, trees)
        files_2025 = given.give(session, installed(app).blobs, session.get_one(Campaign, campaign_2025))
    both = [
        *((step, "2021") for step in story(cast, now, communes)),
        *((step, "2025") for step in told_2025(later, now, communes)),
    ]
    steps = sorted(both, key=lambda pair: pair[0].got)
    after = signed.late(cast, now) if communes > signed.AHEAD else []
    every = [*(step for step, _ in steps), *after]
    scenes = list(dict.fromkeys(scene for step in every if not isinstance(step, Decided) for scene in step.scenes))
    say(
        t(
            "Drawing {photos} photos, telling what happened in {days} days.",
            photos=len(scenes),
            days=(now - begun) // DAY,
        )
    )
    # Spawned, not forked: a child must not share the parent's database connection.
    with ProcessPoolExecutor(DRAWERS, multiprocessing.get_context("spawn")) as drawers:
        drawn = dict(zip(scenes, [drawers.submit(shoot, scene) for scene in scenes], strict=True))
        telling = Telling(app, cast, campaigns, drawn, files)
        of = {"2021": telling, "2025": Telling(app, later, (campaign_2025, campaign_2025), drawn, files_2025)}
        for number, (step, tree) in enumerate(steps, 1):
            of[tree].play(step)
            if number % TOLD_EVERY == 0:
                say("  " + t("{number} of {count} events.", number=number, count=len(steps)))
        if communes > 1:
            telling.confirm(cast.communes()[communes - 1].id, now - signed.BEGINS)
        if after:
            say(t("Signing a district's report."))
            signed.tell(telling, now, after)
        written.tell(telling, trees[0].coordinator, trees[0].reviewer)
        written.tell(of["2025"], trees[1].coordinator)
    say(t("Making two confidential cases."))
    confidential.tell(app, cast)
    say(t("Comparing photos, making hints."))
    _check(app)


def _check(app: Flask) -> None:
    """Run the checks that a worker would: until then nothing of the demo could be approved by a key.

    The reviewers of the story decided in the course of days, and had these hints before them.
    """
    for kind in (asking.KIND, refreshing.KIND):
        with writing() as session:
            job = enqueuing.enqueue(session, kind)
        running.run(installed(app).jobs, job, app.app_context, lambda: False)
    with writing() as session:
        for record in session.scalars(select(Record).where(readiness.is_flagged())):
            row = session.get_one(DecisionRow, record.decision_id)
            row.hints = readiness.findings(session, record)
            readiness.decided(record, row, row.hints)


def _open(session: Session, cast: Cast, now: int) -> tuple[str, str]:
    """Open the campaign and the practice campaign."""
    province = next(iter(cast.units.values()))
    today = local(now).date()
    opened = [open_campaign(session, province.id, letter.campaign(today, practice=only)).id for only in (False, True)]
    publishing.keep(session, opened[0], LetterFacts(text=letter.text(today), facts=letter.FACTS["2021"]))
    return opened[0], opened[1]


def _tree(cast: Cast, year: int, campaign: str) -> SampleTree:
    """Who shows the work of a tree: its first officer with the desk, the reviewer and the coordinator above."""
    top = next(iter(cast.units.values()))
    if year != 2021:
        officer, reviewer = user_of(cast.units[BUSY_2025[0]]), user_of(top).replace("tinh.", "duyet.")
    else:
        first = cast.units[FIRST_COMMUNE]
        officer = user_of(first)
        reviewer = user_of(next(unit for unit in cast.units.values() if unit.id == first.parent_id))
    return SampleTree(year, campaign, officer, reviewer, user_of(top))


def _open_2025(session: Session, cast: Cast, now: int) -> str:
    """Open the campaign of the tree of 2025."""
    province = next(iter(cast.units.values()))
    opened = open_campaign(session, province.id, letter.campaign_2025(local(now).date())).id
    publishing.keep(session, opened, LetterFacts(facts=letter.FACTS["2025"]))
    return opened


def story(cast: Cast, now: int, communes: int) -> Iterator[Step]:
    """Yield the steps of the first `communes` communes and of their districts, in no order."""
    by_id = {unit.id: unit for unit in cast.units.values()}
    busy = cast.communes()[:communes]
    for unit in busy:
        teller = Teller(unit, by_id[str(unit.parent_id)], now)
        if unit.code == FIRST_COMMUNE:
            yield from first_commune.story(teller)
        yield from teller.ordinary(teller.recorder.rng.randrange(1, 4), teller.recorder.rng.randrange(1, 5))
        yield from teller.others(5 if unit.code == FIRST_COMMUNE else teller.recorder.rng.randrange(1, 4))
        yield from teller.said(teller.recorder.rng.random())
    for district in {unit.parent_id: by_id[str(unit.parent_id)] for unit in busy}.values():
        yield from Teller(district, by_id[str(district.parent_id)], now).ordinary(0, 2)


def told_2025(cast: Cast, now: int, communes: int) -> Iterator[Step]:
    """Yield the steps of the busy communes of 2025, which the province itself reviews."""
    province = next(iter(cast.units.values()))
    for code in BUSY_2025[:communes]:
        teller = Teller(cast.units[code], province, now, letter.SLOGANS_2025)
        rng = teller.recorder.rng
        yield from teller.ordinary(rng.randrange(2, 4), rng.randrange(1, 4))
        yield from teller.others(rng.randrange(1, 4))
        yield from teller.said(rng.random())
