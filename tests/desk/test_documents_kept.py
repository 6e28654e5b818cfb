"""Files of documents: a purge while one is being made, one of before a merger, and who may get the closing file."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.db import reading
from server.models import AskedDocument, Job
from server.services.figures.table import Cell
from server.services.jobs.attempt import Attempt
from server.services.reports.documents import leader_sheet
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs import inline
from support.world import asked, papers, purging
from support.world.changes import merge, split, unsplit
from support.world.world import World
from sync.figures import every_figure

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


@pytest.fixture
def filled(desk: MakeDesk, phone: MakePhone) -> list[str]:
    return papers.fill(desk, phone)


def key(world: World, document: str) -> str:
    with world.app.app_context(), reading() as session:
        return str(session.get_one(Job, session.get_one(AskedDocument, document).job_id).result_key)


@pytest.mark.costly
def test_a_purge_just_before_the_end_makes_it_anew(
    world: World, desk: MakeDesk, filled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = asked.asked(world, desk("huyen"), "331", "word")
    finish = Attempt.finish
    purged: list[str] = []

    def late(attempt: Attempt, result: Any = None) -> Any:
        if not purged:  # the file is made and was looked at: the purge comes now
            purged.extend(purging.purge(world, filled[0]) or [filled[0]])
        return finish(attempt, result)

    monkeypatch.setattr(Attempt, "finish", late)
    with world.app.app_context(), reading() as session:
        job = session.get_one(AskedDocument, document).job_id
    assert inline.run(world, job).state == "queued"
    assert purged
    with world.app.app_context(), reading() as session:
        assert session.get_one(AskedDocument, document).sha256 == ""


@pytest.mark.costly
def test_a_purge_deletes_what_was_made_where_the_unit_was_before(
    world: World, desk: MakeDesk, filled: list[str]
) -> None:
    document = asked.asked(world, desk("huyen"), "331", "word")
    asked.made(world, document)
    held = key(world, document)
    merge(world, "12286", into="12397")
    purging.purge(world, filled[0])
    assert not installed(world.app).blobs.has(held)


@pytest.mark.parametrize("back", [False, True])
def test_a_purge_deletes_what_was_made_where_the_unit_was_before_a_split(
    world: World, desk: MakeDesk, filled: list[str], *, back: bool
) -> None:
    """L-54: or, taken back, where it was in between."""
    who = "phucu" if back else "huyen"
    row = split(world, "331", "333", below={"12286": "333"}) if back else ""
    document = asked.asked(world, desk(who), "333" if back else "331", "word")
    asked.made(world, document)
    held = key(world, document)
    if back:
        unsplit(world, row)
    else:
        split(world, "331", "333", below={"12286": "333"})
    purging.purge(world, filled[0])
    assert not installed(world.app).blobs.has(held)


def test_what_only_the_level_above_said_is_on_the_summary() -> None:
    figures = every_figure()
    cells = {figure.code: Cell() for figure in figures}
    said = figures[-1]
    cells[said.code] = Cell(unsupported=4)
    assert said in leader_sheet.chosen(figures[:7], figures, cells)
